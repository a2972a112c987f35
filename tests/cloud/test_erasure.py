"""Everything about oneself, and the end of it: a life with canaries through the deployed stage, its erasure, what
comes late, and a restore."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

from chalicelib.core.aws.dynamo import from_item
from chalicelib.oauth import client_rules
from tests.cloud.devices import signed_in
from tests.cloud.people import PASSWORD, recent_administrator, register
from tests.cloud.receiver import receiving
from tests.cloud.stage import eventually
from tools import cloud
from tools.operate import reapply_erasures

EMAIL = "canary.person@example.com"
NAME = "Canary Personson"
VALUE = "canary-value"
PERSONAL = ("canary.person", "Canary First", NAME, VALUE)
RESTORED = ("users", "credentials", "items")


@pytest.fixture(scope="module")
def person(deployed, application):
    """Somebody with a few things of every kind, also in deliveries."""
    with receiving() as receiver:
        hook = deployed.admin.call("POST", "/webhooks", {"url": receiver.url, "types": ["user.updated"]}).body
        made = register(deployed, EMAIL, name="Canary First")
        user_id = made.call("GET", "/me").body["id"]
        assert made.call("PATCH", "/me", {"name": NAME}).status == 200
        eventually(lambda: [e for e in receiver.events() if e["subject"] == user_id], "the delivery of the change")
        deployed.admin.call("DELETE", f"/webhooks/{hook['id']}")
    assert made.call("PUT", "/me/items/note", {"item_value": VALUE}).status == 200
    assert made.call("POST", "/me/totp").status == 201
    assert deployed.anyone.call("POST", "/password-resets", {"email": EMAIL}).status == 202
    eventually(lambda: NAME in tables(deployed, "history"), "the history of the registration")
    eventually(lambda: VALUE in tables(deployed, "history"), "the history of the item")
    eventually(lambda: deployed.admin.call("GET", f"/users/{user_id}/mail").body["items"], "the mail to reset")
    signed_in(deployed.anyone, application, made)
    return made, user_id


@pytest.fixture(scope="module")
def application(deployed):
    """A client that wants to be told of the end of sessions, where nobody listens."""
    admin = recent_administrator(deployed, "erasing-admin@example.com")
    asked = {
        "name": "Shop",
        "type": "confidential",
        "grant_types": [client_rules.DEVICE_CODE],
        "scopes": ["openid"],
        "first_party": True,
        "backchannel_logout_uri": "http://127.0.0.1:1/nobody",
    }
    return admin.call("POST", "/clients", asked).body


def test_a_person_gets_all_that_is_held_about_them(deployed, person):
    api, user_id = person
    short = api.call("GET", "/me/export")
    assert (short.status, short.body["person"]["id"], short.body["items"][0]["item_value"]) == (
        200,
        user_id,
        VALUE,
    )
    for number in range(15):
        long = {"item_value": f"{number:03}" * 98_000}
        assert api.call("PUT", f"/me/items/long-{number}", long).status == 200
    with urllib.request.urlopen(link_of(api, "/me/export"), timeout=30) as answer:
        data = json.loads(answer.read())
    assert len(data["items"]) == 16
    assert PASSWORD not in str(data)


def test_who_is_deleted_is_erased_everywhere_whatever_comes_late_or_back(deployed, person, application):
    api, user_id = person
    backup = {table: [row for row in deployed.rows(table) if user_id in str(row)] for table in RESTORED}
    receipt = api.call("DELETE", "/me").body
    assert api.call("GET", "/me").status == 401
    eventually(lambda: erasure(deployed, receipt)["status"] == "finished", "the erasure", seconds=180)
    counts = erasure(deployed, receipt)["counts"]
    assert all(counts[table] for table in ("factors", "intents", "items", "mail", "history", "deliveries")), counts
    assert counts["grants"] == 1
    told = deployed.admin.call("GET", f"/clients/{application['id']}/logout-deliveries").body["items"]
    assert [entry["user_id"] for entry in told] == [user_id]
    assert found(deployed) == []

    late = {"user_id": user_id, "item_id": "late", "item_key": "late", "item_value": VALUE, "at": now()}
    deployed.send("items", late)
    eventually(
        lambda: [row for row in of(deployed, "items", user_id) if row["item_key"] == "late"], "the late item"
    )
    eventually(lambda: found(deployed) == [], "the erasure of the late item", seconds=120)

    for table, rows in backup.items():
        for row in rows:
            cloud.client("dynamodb").put_item(TableName=deployed.stage.names.of(table), Item=from_item(row))
    assert found(deployed) != []
    erasures, returned = reapply_erasures(deployed.stage, receipt["requested_at"])
    assert erasures >= 1
    assert returned == 1
    eventually(lambda: found(deployed) == [], "the erasure after the restore", seconds=180)
    assert reapply_erasures(deployed.stage, receipt["requested_at"])[1] == 0


def test_no_log_and_no_dead_letter_tells_of_them(deployed, person):
    logs = cloud.client("logs")
    for group in logs.get_paginator("describe_log_groups").paginate().build_full_result()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        text = "\n".join(event["message"] for page in pages for event in page["events"])
        assert [told for told in (*PERSONAL, PASSWORD) if told in text] == [], group["logGroupName"]
    sqs = cloud.client("sqs")
    for queue in deployed.stage.dead_letters:
        answer = sqs.receive_message(
            QueueUrl=deployed.queue_url(queue), MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        assert [told for told in PERSONAL if told in str(answer.get("Messages"))] == [], queue


def link_of(api, path) -> str:
    """The link that a route answers with, which nobody follows with a token in hand."""

    class Here(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args):
            return None

    request = urllib.request.Request(api.url + path, headers={"Authorization": f"Bearer {api.token}"})
    if api.host:
        request.add_header("Host", api.host)
    with pytest.raises(urllib.error.HTTPError) as redirected:
        urllib.request.build_opener(Here).open(request, timeout=30)
    with redirected.value as answer:
        assert answer.code == 303
        return str(answer.headers["Location"])


def tables(deployed, *names) -> str:
    return "\n".join(str(row) for table in names for row in deployed.rows(table))


def of(deployed, table, user_id):
    return [row for row in deployed.rows(table) if row.get("user_id") == user_id]


def found(deployed) -> list[tuple[str, str]]:
    """What is left of them, and in which table, each of which is read once."""
    texts = {table: tables(deployed, table) for table in deployed.stage.tables}
    if deployed.database:
        texts["SQL"] = deployed.in_sql()
    return [(value, table) for table, text in texts.items() for value in PERSONAL if value in text]


def erasure(deployed, receipt) -> dict:
    return dict(deployed.admin.call("GET", f"/erasures/{receipt['id']}").body)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
