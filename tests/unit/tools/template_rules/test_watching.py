"""An alarm on what is not there is found."""

from __future__ import annotations

import pytest

from tests.unit.tools.template_rules.broken import checks, resource, template

QUEUE = resource("SQS::Queue", QueueName="rollcall-dev-mail")
FLOW = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
MACHINE = resource("StepFunctions::StateMachine", StateMachineName="rollcall-dev-import", DefinitionString=FLOW)


def alarm(namespace, name, value):
    dimensions = [{"Name": name, "Value": value}]
    return resource(
        "CloudWatch::Alarm", Namespace=namespace, Statistic="Sum", EvaluationPeriods=1, Dimensions=dimensions
    )


def calculated(namespace, name, value):
    metric = {"Namespace": namespace, "Dimensions": [{"Name": name, "Value": value}]}
    queries = [{"Id": "one", "MetricStat": {"Metric": metric}}, {"Id": "all", "Expression": "one + 1"}]
    return resource("CloudWatch::Alarm", EvaluationPeriods=1, Metrics=queries)


@pytest.mark.parametrize("of", [alarm, calculated])
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("rollcall-dev-mail", []),
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, []),
        ("rollcall-dev-mails", ["UNWATCHED"]),
        ("rollcall-prod-mail", ["UNWATCHED"]),
    ],
)
def test_the_name_of_another_queue_is_found(of, value, found):
    assert checks(template(Queue=QUEUE, Alarm=of("AWS/SQS", "QueueName", value))) == found


@pytest.mark.parametrize(
    ("value", "found"), [({"Ref": "Machine"}, []), ({"Fn::GetAtt": ["Machine", "Name"]}, ["UNWATCHED"])]
)
def test_a_state_machine_is_named_by_its_arn(value, found):
    assert checks(template(Machine=MACHINE, Alarm=alarm("AWS/States", "StateMachineArn", value))) == found


def test_what_another_stack_makes_is_not_known_here():
    assert checks(template(Queue=QUEUE, Alarm=alarm("AWS/Lambda", "FunctionName", "rollcall-dev-on_mail"))) == []


def test_metrics_of_ones_own_are_free():
    assert checks(template(Queue=QUEUE, Alarm=alarm("Rollcall", "stage", "dev"))) == []
