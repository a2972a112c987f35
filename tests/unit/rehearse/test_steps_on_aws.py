"""Steps that the local cloud cannot show, on fakes with AWS's documented answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.mail.model import address_digest
from infra.stage import Stage
from tests.unit.rehearse.rehearsing import a_rehearsal, refused
from tools.api import Answer
from tools.rehearse import (
    events,
    importing,
    mailing,
    moving,
    operating,
    probes,
    reading,
    removal,
    restored,
    restoring,
    rotating,
    searching,
    starting,
    usage,
    validators,
    watching,
)
from tools.rehearse.steps import Failed, Skipped

PROBLEM = {"Content-Type": "application/problem+json"}


@dataclass(frozen=True)
class FakeApi:
    """An API that answers by path; `url` is of nowhere."""

    _answers: Any
    token: str = ""
    url: str = "https://api.example/api"

    def call(self, method, path, body=None, **headers):
        answer = self._answers[f"{method} {path}"]
        return answer(headers) if callable(answer) else answer


def problem(status, **headers):
    return Answer(status, {**PROBLEM, **headers}, {"type": "about:blank", "status": status})


def with_api(replies, **more):
    rehearsal = a_rehearsal(**more)
    rehearsal.api = FakeApi(replies)
    return rehearsal


def test_a_renamed_challenge_is_found():
    answer = problem(401, **{"x-amzn-Remapped-WWW-Authenticate": "Bearer"})
    evidence = probes.a_refused_token(with_api({"GET /me": answer}))
    assert evidence["challenge_in"] == ["x-amzn-Remapped-WWW-Authenticate"]


@pytest.mark.parametrize(("bare", "bearing"), [(404, 403), (404, 404)])
def test_an_unknown_path_may_be_forbidden_to_a_bearer(bare, bearing):
    def answer(headers):
        return problem(bearing if "Authorization" in headers else bare)

    evidence = probes.an_unknown_path(with_api({"GET /nothing/of/the/kind": answer}))
    assert evidence == {"without_a_token": bare, "with_one": bearing}


def test_an_answer_of_api_gateways_own_form_is_found():
    answer = Answer(403, {"Content-Type": "application/json"}, {"message": "Missing Authentication Token"})
    with pytest.raises(Failed, match="no problem document"):
        probes.an_unknown_path(with_api({"GET /nothing/of/the/kind": answer}))


def test_a_gateway_error_without_cors_is_found():
    whole = {"Access-Control-Allow-Origin": probes.ORIGIN, "X-Request-Id": "r", "Cache-Control": "no-store"}
    assert probes.gateway_errors_carry_cors(with_api({"GET /nothing": problem(404, **whole)})) == whole
    with pytest.raises(Failed, match="lacks headers"):
        probes.gateway_errors_carry_cors(with_api({"GET /nothing": problem(404, **{"X-Request-Id": "r"})}))


def test_a_second_stage_is_found():
    answers = {
        "apigateway.get_rest_apis": {"items": [{"name": "rollcall-rehearse-abcd", "id": "a1"}]},
        "apigateway.get_stages": {"item": [{"stageName": "api"}, {"stageName": "Stage"}]},
    }
    with pytest.raises(Failed, match="Stage"):
        probes.one_stage(a_rehearsal(answers))


def feedback(reasons):
    def get_item(TableName, Key):  # noqa: N803 - boto3's own
        reason = reasons.get(Key["id"]["S"])
        return {"Item": {"reason": {"S": reason}}} if reason else {}

    digests = {f"address#{address_digest(address)}": address for address in mailing.SIMULATED}
    assert set(reasons) <= set(digests)
    return get_item


def marks(**others):
    return {
        f"address#{address_digest(address)}": state for address, state in {**mailing.SIMULATED, **others}.items()
    }


def test_feedback_marks_all_three_addresses():
    rehearsal = with_api({"POST /users": Answer(202, {}, {})}, answers={"dynamodb.get_item": feedback(marks())})
    assert mailing.mail_feedback(rehearsal) == mailing.SIMULATED


def test_feedback_that_does_not_come_is_told_by_address():
    some = dict(list(marks().items())[:1])
    rehearsal = with_api({"POST /users": Answer(202, {}, {})}, answers={"dynamodb.get_item": feedback(some)})
    with pytest.raises(Failed, match="within 6 minutes") as failed:
        mailing.mail_feedback(rehearsal)
    assert failed.value.evidence == {"bounce+rehearsal@simulator.amazonses.com": "bounced"}


def test_without_a_verified_domain_mail_is_skipped():
    with pytest.raises(Skipped, match="no verified identity"):
        mailing.mail_is_sent(a_rehearsal())


TEMPLATE = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                "Policies": [
                    {
                        "PolicyName": "p",
                        "PolicyDocument": {
                            "Statement": [{"Resource": {"Fn::Sub": "arn:${AWS::Partition}:s3:::b"}}]
                        },
                    }
                ],
            },
        },
        "BucketPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": []}}},
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
}


def test_every_policy_is_validated_as_what_it_is():
    found = [(name, kind) for name, kind, _ in validators.policies(TEMPLATE)]
    resource = {"policyType": "RESOURCE_POLICY"}
    assert found == [
        ("Role", {**resource, "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument"}),
        ("Role", {"policyType": "IDENTITY_POLICY"}),
        ("BucketPolicy", {**resource, "validatePolicyResourceType": "AWS::S3::Bucket"}),
        ("Key", resource),
    ]
    documents = [json.loads(document) for _, _, document in validators.policies(TEMPLATE)]
    assert documents[1]["Statement"][0]["Resource"] == "arn:aws:s3:::b"


def test_a_denied_call_is_told_by_function():
    events = {"events": [{"message": "AccessDeniedException: not authorized to perform dynamodb:Query"}]}
    with pytest.raises(Failed, match="api_handler") as failed:
        watching.no_permission_is_missing(a_rehearsal({"logs.filter_log_events": events}))
    assert failed.value.evidence["api_handler"]["count"] == 1


def test_a_floor_that_each_failure_outruns_does_not_hold():
    line = {"message": '{"message":"failed sign-in outran its floor"}'}
    at_first = a_rehearsal({"logs.filter_log_events": {"events": [line]}})
    assert watching.the_floor_holds(at_first) == {"outran": 1}
    with pytest.raises(Failed, match="floor"):
        watching.the_floor_holds(a_rehearsal({"logs.filter_log_events": {"events": [line] * 4}}))


def letters(**counts):
    return {
        "sqs.get_queue_url": lambda QueueName: {"QueueUrl": QueueName},  # noqa: N803 - boto3's own
        "sqs.get_queue_attributes": lambda QueueUrl, AttributeNames: {  # noqa: N803 - boto3's own
            "Attributes": {
                name: str(counts.get(QueueUrl.removeprefix("rollcall-rehearse-abcd-").replace("-", "_"), 0))
                if name == "ApproximateNumberOfMessages"
                else "0"
                for name in AttributeNames
            }
        },
    }


def test_dead_letters_are_told_but_mails_that_nobody_could_send():
    assert watching.no_dead_letters(a_rehearsal(letters(mail_dlq=3)))["unsendable_mails"] == 3
    with pytest.raises(Failed, match="mail-dlq"):
        watching.no_dead_letters(a_rehearsal(letters(mail_dlq=3), can_mail=True))
    with pytest.raises(Failed, match="streams-dlq"):
        watching.no_dead_letters(a_rehearsal(letters(streams_dlq=1)))


def figures(**hour):
    values = {"invocations": 1, "sent": 2, "published": 3, "written_units": 4.5, **hour}
    parts = {kind: [{name: None}, {name: values[name]}] for kind, name in operating.MEASURED.items()}
    return Answer(200, {}, {**parts, "api": {"requests": 9}, "alarms": [], "alarm_count": 1})


def test_figures_are_waited_for_and_must_come():
    replies = [figures(sent=None), figures()]
    found = operating.figures_are_measured(operated({"GET /operations": lambda _: replies.pop(0)}))
    assert found == {"functions": 1, "queues": 2, "topics": 3, "tables": 4.5, "requests": 9, "alarms": 1}
    with pytest.raises(Failed, match="figures of functions"):
        operating.figures_are_measured(operated({"GET /operations": figures(published=None)}))


def operated(replies, **more):
    """A rehearsal whose administrator is there."""
    rehearsal = with_api(replies, **more)
    rehearsal.administrator = {"email": "a@example.com", "password": "p"}
    rehearsal._admin, rehearsal._signed_in_at = rehearsal.api, 1e9
    return rehearsal


def key(rotated_at, **more):
    state = {
        "name": "app-keys",
        "is_scheduled": True,
        "next_rotation_at": "2027",
        "rotated_at": rotated_at,
        **more,
    }
    return Answer(200, {}, {"items": [{"name": "signing-key"}, state]})


@pytest.mark.parametrize(
    ("before", "rotation", "fault"),
    [
        (key(None), "started", ""),
        (key("2026-01"), "done", "did not rotate"),
        (key(None, is_scheduled=False), "started", "has no schedule"),
    ],
)
def test_a_rotation_over_http_is_one_of_secrets_manager(before, rotation, fault):
    ages = [before, before, key("2026-02")]
    replies = {
        "GET /operations/keys": lambda _: ages.pop(0),
        "POST /operations/keys/app-keys/rotate": Answer(202, {}, {"rotation": rotation}),
    }
    rehearsal = operated(replies)
    if fault:
        with pytest.raises(Failed, match=fault):
            operating.rotated_over_http(rehearsal, rehearsal.api)
    else:
        assert operating.rotated_over_http(rehearsal, rehearsal.api)["after"] == "2026-02"


def test_a_rotation_ends_when_its_version_is_current():
    labels = [{"v2": ["AWSPENDING"]}, {"v2": ["AWSCURRENT", "AWSPENDING"]}, {"v2": ["AWSCURRENT"]}]
    answers = {
        "secretsmanager.rotate_secret": {"VersionId": "v2"},
        "secretsmanager.describe_secret": [{"VersionIdsToStages": each} for each in labels],
    }
    rehearsal = a_rehearsal(answers)
    rotating._rotate(rehearsal, "signing-key")
    assert len(rehearsal.client.called("describe_secret")) == 3


def simulated(allowed):
    """What IAM's simulator says where a policy lets these labels be asked for, and `""` stands for none."""

    def simulate(ContextEntries, **_):  # noqa: N803 - boto3's own
        label = ContextEntries[0]["ContextKeyValues"][0] if ContextEntries else ""
        return {"EvaluationResults": [{"EvalDecision": "allowed" if label in allowed else "implicitDeny"}]}

    return a_rehearsal(
        {
            "lambda.get_function_configuration": {"Role": "arn:aws:iam::123456789012:role/r"},
            "secretsmanager.describe_secret": {"ARN": "arn:aws:secretsmanager:r:123456789012:secret:s-AbCdEf"},
            "iam.simulate_principal_policy": simulate,
        }
    )


def test_who_delivers_is_refused_the_roots():
    decided = rotating.who_delivers_reads_no_root(simulated({"WEBHOOKS"}))["decided"]
    assert decided == {"WEBHOOKS": "allowed", "AWSCURRENT": "implicitDeny", "": "implicitDeny"}


@pytest.mark.parametrize("allowed", [set(), {"WEBHOOKS", "AWSCURRENT"}, {"WEBHOOKS", ""}])
def test_any_other_decision_of_the_simulator_is_found(allowed):
    with pytest.raises(Failed, match="may read other keys"):
        rotating.who_delivers_reads_no_root(simulated(allowed))


def test_a_restore_waits_until_its_moment_can_be_restored():
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def point(minutes):
        latest = {"LatestRestorableDateTime": moment + timedelta(minutes=minutes)} if minutes else {}
        description = {"PointInTimeRecoveryStatus": "ENABLED", **latest}
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": description}}

    rehearsal = a_rehearsal(
        {
            "dynamodb.describe_continuous_backups": [point(0), point(-1), point(1)],
            "dynamodb.restore_table_to_point_in_time": {},
        }
    )
    rehearsal.facts |= {"moment": moment, "people": 7}
    assert restoring.beginning_a_restore(rehearsal)["people"] == 7
    (asked,) = rehearsal.client.called("restore_table_to_point_in_time")
    assert asked["RestoreDateTime"] == moment
    assert asked["TargetTableName"] == "rollcall-rehearse-abcd-restored-users"


@pytest.mark.parametrize(("there", "streams", "says"), [(6, False, "others"), (7, True, "stream")])
def test_a_restored_table_of_others_is_told(there, streams, says):
    table = {"TableStatus": "ACTIVE", "StreamSpecification": {"StreamEnabled": streams}}
    answers = {"dynamodb.describe_table": {"Table": table}, "dynamodb.scan": {"Count": there}}
    rehearsal = a_rehearsal(answers)
    rehearsal.facts["people"] = 7
    with pytest.raises(Failed, match=says):
        restored.restored_people(rehearsal)


def test_usage_is_counted_by_metric():
    def answer(MetricDataQueries, **_):  # noqa: N803 - boto3's own
        return {"MetricDataResults": [{"Id": query["Id"], "Values": [2.0, 1.0]} for query in MetricDataQueries]}

    rehearsal = a_rehearsal({"cloudwatch.get_metric_data": answer})
    asked = list(usage.metrics(rehearsal))
    evidence = usage.usage(rehearsal)
    assert evidence["write units"] == 3 * sum(unit == "write units" for unit, _, _ in asked)
    assert all(
        len(call["MetricDataQueries"]) <= usage.AT_ONCE for call in rehearsal.client.called("get_metric_data")
    )
    assert evidence["dollars"] > 0


SNAPSHOT = {"Version": "3", "SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}}


def a_start(configured=SNAPSHOT, ids=None, streams=("[3]aa", "[3]bb", "[$LATEST]cc")):
    """A rehearsal whose API makes jobs with these ids, one after the other."""
    made = iter(ids or [f"01KJMMA2G0KD8PM2V0XHKZ8C{n:02}" for n in range(starting.AT_ONCE)])
    names = [{"logStreamName": f"2026/11/29/{name}"} for name in streams]
    rehearsal = a_rehearsal(
        {
            "lambda.get_function_configuration": configured,
            "logs.describe_log_streams": {"logStreams": names},
        },
        administrator={"email": "a", "password": "b"},
    )
    rehearsal._admin = FakeApi({"POST /imports": lambda _: Answer(201, {}, {"id": next(made)})})
    rehearsal._signed_in_at = rehearsal.now()
    return rehearsal


def test_processes_of_one_snapshot_differ():
    assert starting.from_one_snapshot(a_start()) == {"version": "3", "requests": 12, "processes": 2}


def test_processes_of_one_snapshot_that_make_the_same_numbers_are_found():
    alike = [f"01KJMMA2{n:02}KD8PM2V0XHKZ8CQ3" for n in range(starting.AT_ONCE)]
    with pytest.raises(Failed, match="the same random numbers"):
        starting.from_one_snapshot(a_start(ids=alike))


@pytest.mark.parametrize("snapshot", [{}, {"SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"}}])
def test_a_version_without_a_snapshot_is_found(snapshot):
    with pytest.raises(Failed, match="no snapshot"):
        starting.from_one_snapshot(a_start({"Version": "3", **snapshot}))


def test_one_process_alone_proves_nothing():
    with pytest.raises(Failed, match="several processes"):
        starting.from_one_snapshot(a_start(streams=("[3]aa", "[2]bb")))


def test_a_process_is_kept_ready():
    ready = {"Status": "READY", "AvailableProvisionedConcurrentExecutions": 1}
    answers = {"lambda.get_provisioned_concurrency_config": [{"Status": "IN_PROGRESS"}, ready]}
    rehearsal = with_api({"GET /health": Answer(200, {}, {})}, answers=answers)
    assert starting.one_ready(rehearsal) == {"ready": 1}


def test_a_process_that_cannot_be_kept_ready_is_told_with_the_reason():
    failed = {"Status": "FAILED", "StatusReason": "no room"}
    with pytest.raises(Failed, match="no room"):
        starting.one_ready(a_rehearsal({"lambda.get_provisioned_concurrency_config": failed}))


def test_a_new_account_keeps_nothing_ready():
    limit = {"AccountLimit": {"UnreservedConcurrentExecutions": 10}}
    with pytest.raises(Skipped, match="of 10 executions none"):
        starting.kept_ready(a_rehearsal({"lambda.get_account_settings": limit}))


def logged(**lines):
    """What CloudWatch finds, by a word of the pattern."""

    def found(**arguments):
        messages = next((some for word, some in lines.items() if word in arguments["filterPattern"]), [])
        return {"events": [{"message": message} for message in messages]}

    return {"logs.filter_log_events": found}


def test_lines_of_lambda_about_what_went_well_are_found():
    assert watching.logs_are_ours(a_rehearsal(logged(request=["{}", "{}"]))) == {"requests": 2}
    with pytest.raises(Failed, match="logs each invocation"):
        watching.logs_are_ours(a_rehearsal(logged(request=["{}"], platform=['{"type": "platform.report"}'])))


def a_session(*lines):
    pair = {"access_token": "a", "refresh_token": "r"}
    return with_api(
        {
            "POST /sessions": Answer(201, {}, pair),
            "POST /sessions/refresh": Answer(200, {}, pair),
            "DELETE /sessions/current": Answer(204, {"X-Request-Id": "R3"}, None),
        },
        answers={"logs.filter_log_events": {"events": [{"message": line} for line in lines]}},
    )


PUBLISHED = [
    json.dumps({"message": "published", "events": 1, "requests": ["R1"]}),
    json.dumps({"message": "published", "events": 1, "requests": ["R3"]}),
    json.dumps({"message": "something else"}),
    "START RequestId: 1",
]


def test_a_refresh_that_is_handed_on_is_found():
    """As a change more than there are events."""
    silent = a_session(*PUBLISHED, json.dumps({"message": "batch", "done": 2}))
    assert events.a_refresh_invokes_nothing(silent) == {"changes": 2, "events": 2}
    with pytest.raises(Failed, match="without an event"):
        events.a_refresh_invokes_nothing(a_session(*PUBLISHED, json.dumps({"message": "batch", "done": 3})))
    with pytest.raises(Failed, match="did not happen"):
        events.a_refresh_invokes_nothing(a_session(json.dumps({"message": "batch", "done": 3})))


JOB = {
    "id": "J1",
    "status": "finished",
    "reason": None,
    "created_at": "2026-03-01T12:00:00.000Z",
    "ended_at": "2026-03-01T12:01:40.000Z",
    "bytes": 9,
    "counts": {"rows": 1000, "created": 999, "updated": 0, "unchanged": 0, "failed": 1},
}


def test_an_import_is_measured():
    evidence = importing._evidence_of_import(JOB, 1000)
    assert (evidence["seconds"], evidence["rows_a_second"]) == (100.0, 10)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "failed", "reason": "States.DataLimitExceeded"},
        {"counts": {**JOB["counts"], "created": 998}},
        {"counts": {**JOB["counts"], "created": 1000, "failed": 0}},
        {"counts": {**JOB["counts"], "created": 900, "failed": 100}},
    ],
)
def test_an_import_that_lost_or_refused_rows_is_told(changed):
    with pytest.raises(Failed, match=r"DataLimitExceeded|rows are missing"):
        importing._evidence_of_import({**JOB, **changed}, 1000)


def test_rows_are_made_as_they_are_written():
    made = list(importing.rows(10, "x.example"))
    assert len(made) == 10
    assert made[: len(importing.STRANGE)] == list(importing.STRANGE)
    assert len({row["email"] for row in made}) == 10


def test_a_user_pool_that_answers_otherwise_is_told():
    assert moving.checked(moving.EXPECTED) == moving.EXPECTED
    with pytest.raises(Failed, match="otherwise than is expected: a wrong client secret") as failed:
        moving.checked({**moving.EXPECTED, "a wrong client secret": "wrong"})
    assert failed.value.evidence["the right password"] == "right"


WITH_READ_MODEL = Stage(
    "rehearse-abcd", {"PUBLIC_URL": "https://x.example", "MAIL_DOMAIN": "example.com", "READ_MODEL": "postgres"}
)


def test_without_a_database_the_read_model_is_skipped():
    for step in (reading.a_database_is_named, searching.a_person_is_found_in_sql):
        with pytest.raises(Skipped, match="--read-model-secret"):
            step(a_rehearsal())


@pytest.mark.parametrize(
    ("named", "has_authority"),
    [("postgresql://u:p@db.example/x", False), ('{"url": "postgresql://u:p@db.example/x", "ca": "PEM"}', True)],
)
def test_the_owners_secret_is_copied_and_in_no_evidence(named, has_authority):
    answers = {"secretsmanager.get_secret_value": {"SecretString": named}, "secretsmanager.create_secret": {}}
    rehearsal = a_rehearsal(answers, stage=WITH_READ_MODEL, read_model_secret="theirs")
    evidence = reading.a_database_is_named(rehearsal)
    assert evidence == {"has_authority": has_authority, "in_a_network": False}
    assert rehearsal.client.called("get_secret_value") == [{"SecretId": "theirs"}]
    (made,) = rehearsal.client.called("create_secret")
    assert made == {"Name": "rollcall-rehearse-abcd-read-model", "SecretString": named}
    assert "postgresql://u:p@db.example/x" in rehearsal.secrets


@pytest.mark.parametrize(("is_there", "says"), [(True, "found by a search"), (False, "found no more")])
def test_a_search_that_stays_behind_is_told(is_there, says):
    rehearsal = a_rehearsal(stage=WITH_READ_MODEL, administrator={"email": "a", "password": "b"})
    items = [] if is_there else [{"id": "P1"}]
    rehearsal._signed_in_at = rehearsal.now()
    rehearsal._admin = FakeApi({"GET /people/search?q=id+%3D+P1": Answer(200, {}, {"items": items})})
    rehearsal._api = FakeSigningIn(rehearsal._admin)
    with pytest.raises(Failed, match=f"within 1 minutes, that .*{says} did not happen"):
        searching._seconds_until(rehearsal, "P1", is_there=is_there)
    assert searching._seconds_until(rehearsal, "P1", is_there=not is_there) == 0


@dataclass(frozen=True)
class FakeSigningIn:
    """An API that signs everybody in as one."""

    signed: Any

    def signed_in(self, *_):
        return self.signed


@pytest.mark.parametrize("step", [removal.deleting_the_stack, removal.deleting_what_was_kept])
@pytest.mark.parametrize("name", ["prod", "dev", "local"])
def test_nothing_but_a_rehearsal_is_ever_removed(step, name):
    rehearsal = a_rehearsal(stage=Stage(name, {}))
    with pytest.raises(Failed, match="no stage of a rehearsal"):
        step(rehearsal)
    assert rehearsal.client.calls == []


def test_a_call_that_aws_refuses_is_never_skipped():
    error = refused("InvalidAction", "unknown", "DescribeAccountLimits")
    with pytest.raises(Skipped):
        a_rehearsal({"x.call": error}, local=True).call_if_supported(
            a_rehearsal({"x.call": error}).client("x").call
        )
    with pytest.raises(type(error)):
        a_rehearsal().call_if_supported(a_rehearsal({"x.call": error}).client("x").call)
