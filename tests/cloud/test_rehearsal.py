"""`rollcall rehearse` against a local cloud of its own, with small sizes: what it can show there passes, what it cannot
is skipped with the reason, and nothing is left."""

from __future__ import annotations

import json

import boto3
import pytest

from infra.stage import LOCAL_ACCOUNT
from tests.cloud.checkout import copy_checkout, run_tool
from tests.cloud.conftest import free_port
from tools import localcloud

PASSED = [
    "caller",
    "quotas",
    "mail-account",
    "free-names",
    "earlier-rehearsals",
    "package",
    "template-is-valid",
    "change-set",
    "state-machines-are-valid",
    "failing-on-purpose",
    "deploying",
    "changing-a-setting",
    "deploying-unchanged",
    "administrator",
    "subscribing",
    "signing-up",
    "changing-a-profile",
    "a-false-password",
    "the-longest-name",
    "an-application-signs-a-person-in",
    "a-provider-is-reached",
    "a-refused-token",
    "errors-carry-cors",
    "a-body-above-its-route",
    "path-parameters",
    "one-stage",
    "public-documents",
    "mail-is-sent",
    "importing-people",
    "refused-rows",
    "foreign-ids",
    "the-console-uploads",
    "queues-are-worked-off",
    "a-trial-of-many",
    "beginning-a-restore",
    "events-arrive",
    "any-character-is-carried",
    "a-refresh-invokes-nothing",
    "history-remembers",
    "history-keeps-an-event-once",
    "sweeping-after-the-import",
    "rotating-the-signing-key",
    "rotating-the-app-keys",
    "no-permission-is-missing",
    "the-floor-holds",
    "no-dead-letters",
    "a-poisoned-message",
    "an-alarm",
    "redriving-over-http",
    "restored-people",
    "deleting-the-stack",
    "deleting-what-was-kept",
    "nothing-is-left",
]
SKIPPED = {
    "policies-are-valid": "the local cloud has no Access Analyzer",
    "a-database-is-named": "no database was named",
    "a-person-is-found-in-sql": "no database was named",
    "a-user-pool-is-asked": "the local cloud answers by other errors than Cognito",
    "an-unknown-path": "the local cloud ignores gateway responses",
    "gateway-errors-carry-cors": "the local cloud ignores gateway responses",
    "a-body-too-large": "the local cloud takes bodies of any size",
    "mail-feedback": "the local cloud sends every mail, and reports nothing of it",
    "who-delivers-reads-no-root": "the local cloud holds no policy against the label of a secret",
    "figures-are-measured": "the local cloud measures no queues, topics and tables",
    "rotating-over-http": "the local cloud has no rotation schedules",
    "logs-are-ours": "the local cloud logs in its own way, whatever the format of a function's logs is",
    "starting-from-a-snapshot": "the local cloud publishes no versions",
    "kept-ready": "the local cloud publishes no versions",
    "usage": "the local cloud counts no usage",
}

ASKED = {"REGION": "us-east-1", "MAIL_DOMAIN": "rollcall.example"}
SMALL = {"IMPORT_ROWS": "60", "TRIAL_ROWS": "1200"}


@pytest.fixture(scope="module")
def owner(tmp_path_factory):
    """A checkout and an account: `(checkout, variables)`."""
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    running = localcloud.start(free_port(), tmp_path_factory.mktemp("rehearsalcloud"))
    try:
        yield checkout, running.variables()
    finally:
        running.stop()


def test_without_a_word_it_plans_and_makes_nothing(owner):
    checkout, variables = owner
    planned = run_tool(checkout, "rehearse", **variables, **ASKED)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "Nothing was made" in planned.stdout
    assert "A first deployment that fails half-way" in planned.stdout
    assert not (checkout / "build" / "rehearsal").exists()
    assert left_in(variables) == []


def test_what_can_be_shown_here_passes_and_nothing_is_left(owner):
    checkout, variables = owner
    done = run_tool(checkout, "rehearse", **variables, **ASKED, **SMALL, CONFIRM="yes")
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = (checkout / "build" / "rehearsal").glob("*.json")
    evidence = json.loads(file.read_text("utf-8"))
    told = {step["name"]: step for step in evidence["steps"]}
    assert [name for name, step in told.items() if step["result"] == "passed"] == PASSED
    skipped = {name: step["reason"] for name, step in told.items() if step["result"] == "skipped"}
    assert skipped.keys() == SKIPPED.keys()
    for name, reason in SKIPPED.items():
        assert skipped[name].startswith(reason)
    assert (evidence["schema"], evidence["result"], evidence["remove"]) == (1, "passed", None)
    assert told["importing-people"]["evidence"]["created"] == 59
    assert told["a-trial-of-many"]["evidence"]["rows"] == 1200
    assert told["sweeping-after-the-import"]["evidence"]["published"] == [0, 0]
    assert left_in(variables) == []
    for written in (file, file.with_suffix(".html")):
        text = written.read_text("utf-8")
        assert LOCAL_ACCOUNT not in text
        assert "eyJ" not in text
    assert not (checkout / "build" / evidence["stage"]).exists()


def test_what_was_left_is_removed_by_name_alone(owner):
    checkout, variables = owner
    unnamed = run_tool(checkout, "rehearse", **variables, **ASKED, REMOVE="prod", CONFIRM="yes")
    assert unnamed.returncode == 1
    assert "no stage of a rehearsal" in unnamed.stderr
    sqs = session_of(variables)("sqs")
    sqs.create_queue(QueueName="rollcall-rehearse-left-heard-events")
    kept = run_tool(checkout, "rehearse", **variables, **ASKED, REMOVE="rehearse-left")
    assert kept.returncode == 1
    assert len(sqs.list_queues()["QueueUrls"]) == 1
    removed = run_tool(checkout, "rehearse", **variables, **ASKED, REMOVE="rehearse-left", CONFIRM="yes")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert left_in(variables) == []


def left_in(variables):
    """The names of every table, bucket, function, queue and secret of the account."""
    client = session_of(variables)
    return [
        *client("dynamodb").list_tables()["TableNames"],
        *(bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
        *(function["FunctionName"] for function in client("lambda").list_functions()["Functions"]),
        *client("sqs").list_queues().get("QueueUrls", []),
        *(secret["Name"] for secret in client("secretsmanager").list_secrets()["SecretList"]),
    ]


def session_of(variables):
    """Clients of the account by their services."""
    session = boto3.session.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=variables["AWS_DEFAULT_REGION"]
    )
    return lambda service: session.client(service, endpoint_url=variables["AWS_ENDPOINT_URL"])
