"""What could not be processed in the deployed stage is listed, and redriven."""

from __future__ import annotations

import json

import pytest

from tests.cloud.people import recent_administrator, register
from tests.cloud.stage import eventually
from tests.cloud.test_operations import forget_history
from tests.dead_letters import listed, redriven
from tools import cloud
from tools.console import Problem

ADDRESS = "parked@example.com"


def test_a_mended_message_is_redriven_and_a_bad_one_comes_back(deployed):
    deployed.send("mail", {"to": ADDRESS, "subject": "no body"})
    listing = eventually(
        lambda: (text := listed(deployed.stage)) and "queue mail" in text and text, "the dead letter"
    )
    assert "body: is not a text" in listing
    assert ADDRESS not in listing
    assert ADDRESS in listed(deployed.stage, bodies=True)
    deployed.send("mail-dlq", {"to": ADDRESS, "subject": "Late", "body": "Better late"})
    printed = redriven(deployed.stage, "mail-dlq")
    assert "2 redriven" in printed
    assert "Better late" in deployed.mail_to(ADDRESS, containing="Better late")
    eventually(lambda: "body: is not a text" in listed(deployed.stage), "the bad one again")
    deployed.receive("mail-dlq", containing="no body")


def test_changes_are_told_as_they_are_now_and_once(deployed):
    """One of each table whose changes are events, as if SNS had refused them; and one by its keys."""
    person = register(deployed, "untold@example.com", name="Untold")
    user_id = person.call("GET", "/me").body["id"]
    person.call("PUT", "/me/items/theme", {"item_value": 1})
    (session,) = person.call("GET", "/sessions").body["items"]
    job = deployed.admin.call("POST", "/imports", {}).body["id"]
    admin = recent_administrator(deployed, "untold-admin@example.com")
    client = admin.call("POST", "/clients", {"name": "untold", "roles": ["service"]}).body["id"]
    versions = {
        f"clients:{client}": client,
        f"users:{user_id}": user_id,
        f"sessions:{session['id']}": user_id,
        f"items:{user_id}/theme": user_id,
    }
    for record, subject in versions.items():
        eventually(
            lambda record=record, subject=subject: recorded(deployed, subject, record), f"{record} in history"
        )
        forget_history(deployed, subject, record)
    for record in (*versions, f"jobs:{job}"):
        park(deployed, {"event": f"{record}:1:0", "type": "t"})
    park(deployed, {"keys": {"id": {"S": user_id}}, "event": "MODIFY"})
    park(deployed, {"keys": {"id": {"S": "nobody"}}, "event": "MODIFY"})
    printed = redriven(deployed.stage, "streams-dlq")
    assert printed.count("published as it is now") in {4, 5}
    assert "nothing to tell of it" in printed
    assert "the record is gone" in printed
    assert "6 redriven, 1 kept" in printed
    for record, subject in versions.items():
        event = eventually(
            lambda record=record, subject=subject: recorded(deployed, subject, record), f"{record} told"
        )
        assert event["reconciled"] == "true"
    deployed.receive("streams-dlq", containing="nobody")
    assert deployed.invoke("reconcile", {"hours": 1})["next"] is None


def test_an_invocation_is_made_again_with_its_payload(deployed):
    wrong = {"to": "invoked@example.com", "subject": "no body"}
    cloud.client("lambda").invoke(
        FunctionName=deployed.stage.names.of("send_email"), InvocationType="Event", Payload=json.dumps(wrong)
    )
    listing = eventually(
        lambda: (text := listed(deployed.stage)) and "send_email, tried 3" in text and text, "the dead letter"
    )
    assert "invoked@example.com" not in listing
    assert "1 kept" in redriven(deployed.stage, "invocations-dlq")
    parked = json.loads(deployed.receive("invocations-dlq", containing="send_email")["Body"])
    parked["requestPayload"]["body"] = "At last"
    deployed.send("invocations-dlq", parked)
    assert "send_email was invoked again, and succeeded" in redriven(deployed.stage, "invocations-dlq")
    assert "At last" in deployed.mail_to("invoked@example.com", containing="At last")


def test_only_an_operator_may(deployed):
    """The function refuses what it does not know, whoever asks."""
    for event, words in (
        ({}, "the event must be"),
        ({"hours": 0}, "hours is no number"),
        ({"table": "credentials", "keys": {"id": "x"}}, "name no record whose changes are events"),
    ):
        with pytest.raises(Problem, match=words):
            deployed.invoke("reconcile", event)


def park(deployed, keys):
    deployed.send("streams-dlq", {"source": "stream:users", "keys": keys, "reason": "for the test"})


def recorded(deployed, subject, record):
    """The newest event of a record in its subject's history."""
    listed = deployed.admin.call("GET", f"/users/{subject}/history").body["items"]
    return next((event for event in listed if event["id"].startswith(f"{record}:")), None)
