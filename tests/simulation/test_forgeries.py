"""Somebody who may write to one place of the stage and nowhere else: at each queue, topic and function, the most that
they get. Whatever they send, accounts, credentials and sessions stay as they are, and nothing of theirs is mailed but
what anybody may mail. The table of docs/security.md says the same in words.
"""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts, mail
from chalicelib.accounts.credential_store import credentials
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.errors import RollcallError
from chalicelib.core.names import QUEUES
from chalicelib.jobs import jobs
from tests.builders import a_user
from tests.simulation.sources import Failed
from tests.simulation.stage import simulated

MALLORY = "mallory@evil.example"
KEPT = ("users", "credentials", "sessions")


@pytest.fixture
def stage(held_clock):
    with simulated() as made:
        a_user(id="U1", email="ann@example.com", roles=["admin"], birthdate="1990-03-01", age=36)
        made.settle()
        yield made


def kept(stage) -> list:
    return [sorted(stage.rows(table), key=lambda row: row["id"]) for table in KEPT]


def event(kind: str, number: int = 0, **data) -> dict:
    return {
        "specversion": "1.0",
        "id": f"users:U1:{number}:9",
        "source": "https://evil.example",
        "type": kind,
        "subject": "U1",
        "time": clock.timestamp(),
        "sequence": "000000000009",
        "data": {
            "user": {"id": "U1", "email": MALLORY, "roles": ["admin"]},
            "previous": {"email": MALLORY},
            **data,
        },
    }


EVENTS = ["user.invited", "user.email_changed", "user.password_changed", "user.roles_changed", "user.deleted"]
EVENTS += ["user.factors_changed", "user.birthday", "session.started", "session.blocked", "user.disabled"]

REQUESTS = [
    {"template": template, "to": MALLORY, "key": template, "user_id": "U1", "data": {"intent_id": "U1"}}
    for template in ("invitation", "password_reset", "sign_in_code", "confirm_email", "confirm_registration")
]

PAGES = [
    {"job": "J1", "kind": "erasure", "page": {"table": "credentials"}},
    {"job": "U1", "kind": "erasure", "page": {"table": "history", "subject": "U1"}},
    {"job": "2090-03-01", "kind": "birthdays", "page": {"birthday": "03-01"}},
    {"job": "J1", "kind": "replay", "page": {"after": "", "webhook": "W1", "url": "https://evil.example"}},
    {"job": "J1", "kind": "import", "page": {"privileged": True}},
    {"job": ["J1"], "kind": {}, "page": None},
]

FORGED = {
    "mail": [*REQUESTS, *map(event, EVENTS)],
    "history": [*map(event, EVENTS), {"template": "invitation"}],
    "insights": [*map(event, EVENTS)],
    "webhooks": [*map(event, EVENTS)],
    "deliveries": [{"webhook_id": "W1", "id": "D1", "tries": 0, "event": event("user.deleted"), "asked": True}],
    "jobs": PAGES,
    "items": [
        {
            "user_id": "U1",
            "item_id": "1",
            "item_key": "roles",
            "item_value": ["admin"],
            "at": "2026-01-01T00:00:00Z",
        }
    ],
}


@pytest.mark.parametrize("queue", QUEUES)
def test_a_message_changes_no_account_and_mails_nothing_of_a_forger_s(stage, queue):
    before = kept(stage)
    with telemetry.recording() as calls:
        for forged in FORGED[queue]:
            stage.queues[queue].send(forged)
        stage.settle()
    assert kept(stage) == before
    assert MALLORY not in repr([call.parameters for call in calls.of("SendEmail")])
    assert stage.mails.total() == 0


def test_an_erasure_of_somebody_who_is_there_erases_nothing(stage):
    """Not even by the id of a job that is one of theirs."""
    jobs().create("erasure", "J1", subject="U1")
    before = kept(stage)
    for table in ("credentials", "factors", "sessions", "items", "history"):
        stage.queues["jobs"].send({"job": "J1", "kind": "erasure", "page": {"table": table}})
    stage.settle()
    assert kept(stage) == before
    assert accounts.credentials().password("U1") == credentials().password("U1")
    assert stage.rows("history") != []


DIRECT = {
    "send_email": [{"template": "invitation", "to": MALLORY, "key": "k"}, {"to": "U1"}, []],
    "put_items": [{"items": [{"user_id": "U1"}]}, {"users": []}],
    "create_admin": [{"email": "ann@example.com", "password": "not a good one"}, {"id": "U1"}],
    "reapply_erasures": [{"subject": "U1"}, {"since": "yesterday"}, {"since": "2026-01-01T00:00:00Z"}],
    "reconcile": [{"table": "credentials", "keys": {"id": "password#U1"}}, {"hours": 0}, {"next": {}}],
    "rotate_app_keys": [{"Step": "none"}, {"SecretId": "other"}],
    "rotate_signing_key": [{"Step": "none"}],
    "plan_import": [{"job": "J1", "bucket": "evil", "key": "imports/x", "version": "1", "kind": "users"}],
    "import_chunk": [{"job": "J1", "chunk": 0}],
    "finish_import": [{"job": "J1", "chunks": []}],
    "export_segment": [{"job": "J1", "segment": 0, "segments": 1}],
    "finish_export": [{"job": "J1", "segments": []}],
}


@pytest.mark.parametrize("function", sorted(DIRECT))
def test_an_invocation_that_names_no_work_of_ours_changes_nothing(stage, function):
    before = kept(stage)
    for forged in DIRECT[function]:
        try:
            stage.functions[function].invoke(forged)
        except (Failed, RollcallError):
            continue
    stage.settle()
    assert kept(stage) == before
    assert stage.mails.total() == 0


@pytest.mark.parametrize("topic", ["mail-feedback", "ops-alerts"])
def test_a_notification_changes_no_account(stage, topic):
    before = kept(stage)
    bounced = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "ann@example.com"}]}
    stage.notify(topic, json.dumps({"eventType": "Bounce", "bounce": bounced, "mail": {}}))
    stage.notify(topic, json.dumps({"template": "invitation", "to": MALLORY, "key": "k"}))
    stage.settle()
    assert kept(stage) == before
    assert all(MALLORY not in row.get("to", "") for row in stage.rows("mail"))


def test_a_published_event_tells_consumers_and_changes_no_account(stage):
    before = kept(stage)
    for number, kind in enumerate(EVENTS):
        for queue in ("history", "insights", "mail", "webhooks"):
            stage.queues[queue].send(event(kind, number))
    stage.settle()
    assert kept(stage) == before
    assert stage.mails.total() == 0
    assert list(mail.mails_to("U1")) == []
