"""Event sources, filters, schedules and sizes: what AWS would refuse is found."""

from __future__ import annotations

import json

import pytest

from tests.unit.tools.template_rules.broken import allow, checks, resource, role, said, template

FUNCTION = resource("Lambda::Function", Timeout=30)
QUEUE = resource("SQS::Queue", VisibilityTimeout=180)
MAPPING = {"EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "Function"}}


CAPITALS = {"MatchingEventTypes": ["BOUNCE"]}


def consumer(queue=QUEUE, **mapping):
    return template(
        Function=FUNCTION, Queue=queue, Mapping=resource("Lambda::EventSourceMapping", **MAPPING, **mapping)
    )


def test_a_sound_consumer_has_no_findings():
    mapping = {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 1, "ScalingConfig": {"MaximumConcurrency": 2}}
    assert checks(consumer(**mapping)) == []


@pytest.mark.parametrize(
    "given",
    [
        consumer(queue=resource("SQS::Queue", VisibilityTimeout=179)),
        consumer(queue=resource("SQS::Queue")),
        consumer(BatchSize=11),
        consumer(BatchSize=10_001, MaximumBatchingWindowInSeconds=1),
        consumer(ScalingConfig={"MaximumConcurrency": 1}),
        consumer(queue=resource("SQS::Queue", VisibilityTimeout=43_201)),
        template(Queue=resource("SQS::Queue", MaximumMessageSize=1024**2 + 1)),
        template(Function=resource("Lambda::Function", Timeout=901)),
        template(SystemOptions=resource("Lambda::EventInvokeConfig", MaximumRetryAttempts=3)),
        template(Rule=resource("Events::Rule", ScheduleExpression="rate(1 hours)")),
        template(Rule=resource("Events::Rule", ScheduleExpression="rate(5 minute)")),
        template(Rule=resource("Events::Rule", ScheduleExpression="cron(5 0 * * *)")),
        template(Rule=resource("Events::Rule", ScheduleExpression="cron(5 0 * * * *)")),
        template(Told=resource("SES::ConfigurationSetEventDestination", EventDestination=CAPITALS)),
        template(Sub=resource("SNS::Subscription", FilterPolicy={key: ["x"] for key in "abcdef"})),
        template(Sub=resource("SNS::Subscription", FilterPolicy={"a": list("x" * 16), "b": list("y" * 10)})),
    ],
)
def test_what_lambda_sqs_sns_and_eventbridge_refuse_is_found(given):
    assert checks(given) == ["SOURCE"]


def test_a_stream_has_a_position_and_no_ceiling_of_a_queue():
    table = resource("DynamoDB::Table", TableName="users")
    mapping = {"EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]}, "FunctionName": {"Ref": "Function"}}
    given = {**mapping, "ScalingConfig": {"MaximumConcurrency": 2}}
    made = template(Function=FUNCTION, Table=table, Mapping=resource("Lambda::EventSourceMapping", **given))
    assert said(made) == ["a stream has a StartingPosition", "a stream has no ScalingConfig"]


def test_what_or_has_side_by_side_is_added_and_not_multiplied():
    policy = {"$or": [{"a": list("x" * 70)}, {"a": ["y"], "b": ["z"]}], "c": ["1", "2"]}
    assert checks(template(Sub=resource("SNS::Subscription", FilterPolicy=policy))) == []
    policy["c"].append("3")
    assert said(template(Sub=resource("SNS::Subscription", FilterPolicy=policy))) == [
        "the filter has 213 combinations, above 150"
    ]


ALARM = {"EvaluationPeriods": 1, "Period": 300, "Statistic": "Sum"}
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:mail"
LARGE = [allow("sqs:SendMessage", f"{QUEUE_ARN}-{number}") for number in range(100)]


def dashboard(graphs, metrics):
    widgets = [
        {"type": "metric", "properties": {"region": "${AWS::Region}", "metrics": [["A", "b"]] * metrics}}
    ] * graphs
    return resource("CloudWatch::Dashboard", DashboardBody={"Fn::Sub": json.dumps({"widgets": widgets})})


@pytest.mark.parametrize(
    "given",
    [
        role(*LARGE),
        resource("SQS::QueuePolicy", Queues=[], PolicyDocument={"Statement": LARGE}),
        resource("Lambda::Function", Environment={"Variables": {"TEXT": "x" * 4096}}),
        resource("Lambda::Function", Environment={"Variables": {"AWS_REGION": "eu-central-1"}}),
        resource("CloudWatch::Alarm", **{**ALARM, "ExtendedStatistic": "p99"}),
        resource("CloudWatch::Alarm", EvaluationPeriods=1, Period=300, ExtendedStatistic="99th"),
        resource("CloudWatch::Alarm", **{**ALARM, "EvaluationPeriods": 289}),
        resource("CloudWatch::Alarm", **ALARM, AlarmActions=["arn"] * 6),
        resource("CloudWatch::Alarm", **ALARM, AlarmDescription="x" * 1025),
        dashboard(1, 501),
        dashboard(26, 100),
        resource("DynamoDB::Table", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}]),
        resource("DynamoDB::Table", GlobalSecondaryIndexes=[{"KeySchema": [], "Projection": {}}] * 21),
        resource(
            "DynamoDB::Table",
            GlobalSecondaryIndexes=[{"KeySchema": [], "Projection": {"NonKeyAttributes": ["a"] * 51}}] * 2,
        ),
        resource("SecretsManager::Secret", SecretString='{"password": "hunter2"}'),
        resource("SecretsManager::Secret", SecretString="{}", GenerateSecretString={}),
    ],
)
def test_what_is_too_large_or_contradicts_itself_is_found(given):
    assert checks(template(Given=given)) == ["LIMIT"]


@pytest.mark.parametrize("given", [resource("CloudWatch::Alarm", **ALARM), dashboard(25, 100), role(*LARGE[:50])])
def test_what_is_within_is_not(given):
    assert checks(template(Given=given)) == []
