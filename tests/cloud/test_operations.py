"""What nobody asks for by HTTP: schedules, rotation, direct invocations, feedback, alarms, replay, Kinesis."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.events.change import record_key, subject_of
from infra.tables import SPECS
from tests.cloud.people import PASSWORD, recent_administrator, register
from tests.cloud.stage import eventually, schedule_event
from tests.cloud.test_main_job import feed
from tools import cloud, operate
from tools.console import Problem
from tools.operate import ROTATION_STEPS


def test_a_rotation_fails_no_request(deployed):
    person = register(deployed, "rotation@example.com")
    published = deployed.anyone.call("GET", "/.well-known/jwks.json").body["keys"]
    token = str(uuid.uuid4())
    for step in ROTATION_STEPS:
        event = {"SecretId": deployed.stage.names.of("signing-key"), "ClientRequestToken": token, "Step": step}
        deployed.invoke("rotate_signing_key", event)
        deployed.invoke("rotate_signing_key", event)
        assert person.call("GET", "/me").status == 200, step
    assert deployed.anyone.signed_in("rotation@example.com", PASSWORD).call("GET", "/me").status == 200
    now = deployed.anyone.call("GET", "/.well-known/jwks.json").body["keys"]
    assert published[0]["kid"] in {key["kid"] for key in now}


def test_what_was_sealed_before_a_rotation_of_the_app_keys_is_opened_after_it(deployed):
    listing = "/users?created_after=2026-01-01T00:00:00Z&limit=1"
    page = deployed.admin.call("GET", listing).body
    operate.rotate(deployed.stage, "app-keys")
    operate.rotate(deployed.stage, "app-keys")
    assert deployed.admin.call("GET", f"{listing}&cursor={page['next']}").status == 200


def test_the_first_administrator_is_made_once(deployed):
    with pytest.raises(Problem, match="has had its first administrator"):
        deployed.invoke("create_admin", {"email": "second@example.com"})


def test_another_lambda_sends_a_mail(deployed):
    sent = deployed.invoke(
        "send_email", {"to": "direct@example.com", "subject": "Hello", "body": "From a function"}
    )
    assert sent["id"]
    assert "From a function" in deployed.mail_to("direct@example.com", containing="From a function")
    deployed.send("mail", {"to": "queued@example.com", "subject": "Hello", "body": "From a queue"})
    assert "From a queue" in deployed.mail_to("queued@example.com", containing="From a queue")


def test_bounces_stop_further_mail(deployed):
    person = register(deployed, "bounces@example.com")
    user_id = person.call("GET", "/me").body["id"]
    assert deployed.anyone.call("POST", "/password-resets", {"email": "bounces@example.com"}).status == 202
    listed = eventually(
        lambda: deployed.admin.call("GET", f"/users/{user_id}/mail").body["items"], "a mail of theirs"
    )
    mail_id = listed[0]["id"]
    report = {
        "eventType": "Bounce",
        "mail": {"messageId": "m1", "tags": {"mail": [mail_id]}},
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "bounces@example.com"}]},
    }
    publish(deployed, "mail-feedback", json.dumps(report))
    eventually(lambda: [row for row in deployed.rows("mail") if row["id"].startswith("address#")], "suppression")
    before = len(deployed.mails_to("bounces@example.com"))
    assert deployed.anyone.call("POST", "/password-resets", {"email": "bounces@example.com"}).status == 202

    def suppressed():
        return [
            mail
            for mail in deployed.admin.call("GET", f"/users/{user_id}/mail").body["items"]
            if mail["state"] == "suppressed"
        ]

    eventually(suppressed, "the suppressed mail in the list")
    assert len(deployed.mails_to("bounces@example.com")) == before


def test_an_alarm_reaches_the_operators(deployed):
    alarm = {
        "AlarmName": "rollcall-local-history-dlq-not-empty",
        "NewStateValue": "ALARM",
        "NewStateReason": "because",
    }
    publish(deployed, "ops-alerts", json.dumps(alarm))
    assert "history-dlq" in deployed.mail_to("ops@rollcall.example", containing="history-dlq")


def test_items_come_by_kinesis_and_by_invocation(deployed):
    user_id = register(deployed, "streams@example.com").call("GET", "/me").body["id"]

    def item(key):
        return {
            "user_id": user_id,
            "item_id": key,
            "item_key": key,
            "item_value": 1,
            "at": rfc3339(datetime.now(UTC)),
        }

    cloud.client("kinesis").put_record(
        StreamName=deployed.stage.names.of("items"),
        Data=json.dumps(item("streamed")).encode(),
        PartitionKey=user_id,
    )
    answer = deployed.invoke("put_items", {"items": [item("direct"), {"user_id": user_id}]})
    assert answer["accepted"] == 1
    assert {error["field"].rpartition(".")[0] for error in answer["errors"]} == {"items.1"}

    def stored():
        keys = {row["item_key"] for row in deployed.rows("items") if row["user_id"] == user_id}
        return keys >= {"streamed", "direct"}

    eventually(stored, "both items in the table")


def test_birthdays_come_once_a_year(deployed):
    user_id = register(deployed, "birthday@example.com", birthdate=born_today(30)).call("GET", "/me").body["id"]
    change(deployed, "users", {"id": {"S": user_id}}, "SET age = :old", {":old": {"N": "29"}})
    deployed.invoke("every_day", schedule_event())
    deployed.invoke("every_day", schedule_event())

    def celebrated():
        listed = deployed.admin.call("GET", f"/users/{user_id}/history").body["items"]
        return [event for event in listed if event["type"] == "user.birthday"]

    assert len(eventually(celebrated, "the birthday in the history")) == 1


def test_the_note_of_a_dear_hash_goes_when_nobody_has_one(deployed):
    note = "md5-crypt:48"
    change(
        deployed, "guards", {"id": {"S": "dearest-hash"}}, "SET #n = :then", {":then": {"N": "1"}}, {"#n": note}
    )
    deployed.invoke("every_day", schedule_event())

    def removed():
        return not any(note in row for row in deployed.rows("guards") if row["id"] == "dearest-hash")

    eventually(removed, "the scan for dear hashes")


def test_an_abandoned_job_fails(deployed):
    asked = deployed.admin.call("POST", "/imports", {}).body
    long_ago = {":then": {"S": "2026-01-01T00:00:00.000Z"}}
    change(deployed, "jobs", {"id": {"S": asked["id"]}, "part": {"S": "job"}}, "SET updated_at = :then", long_ago)
    deployed.invoke("every_day", schedule_event())
    assert deployed.admin.call("GET", f"/imports/{asked['id']}").body["status"] == "failed"


def test_a_job_fails_with_its_state_machine_and_not_after_it(deployed):
    dead = deployed.admin.call("POST", "/imports", {}).body["id"]
    states, arn = cloud.client("stepfunctions"), arn_of_machine(deployed, "import")
    execution = states.start_execution(stateMachineArn=arn, name=dead, input="{}")["executionArn"]
    states.stop_execution(executionArn=execution)
    alive = deployed.strong_admin.call("POST", "/exports", {}).body["id"]
    ended = eventually(lambda: status_if_ended(deployed, f"/exports/{alive}"), "the export")
    set_status(deployed, alive, "running")
    deployed.invoke("every_five_minutes", schedule_event())
    assert eventually(lambda: status_if_ended(deployed, f"/imports/{dead}"), "the import's end") == "failed"
    assert deployed.admin.call("GET", f"/exports/{alive}").body["status"] == "running"
    set_status(deployed, alive, ended)


def test_the_sweep_publishes_what_history_lacks_once(deployed):
    """Each streamed table has a change that history does not know, as if its stream had been lost."""
    person = register(deployed, "swept@example.com")
    user_id = person.call("GET", "/me").body["id"]
    person.call("PUT", "/me/items/swept", {"item_value": 1})
    job = deployed.strong_admin.call("POST", "/exports", {}).body["id"]
    eventually(lambda: status_if_ended(deployed, f"/exports/{job}"), "the export")
    admin = recent_administrator(deployed, "sweeping@example.com")
    client = admin.call("POST", "/clients", {"name": "swept", "roles": ["service"]}).body["id"]
    begin_sweeping_anew(deployed)
    then = rfc3339(datetime.now(UTC) - timedelta(minutes=45))
    lost = {
        lose(deployed, "users", {"id": user_id}, then),
        lose(deployed, "sessions", {"user_id": user_id}, then),
        lose(deployed, "items", {"user_id": user_id, "item_key": "swept"}, then),
        lose(deployed, "jobs", {"id": job, "part": "job"}, then),
        lose(deployed, "clients", {"id": client}, then),
    }

    def reconciled():
        events = [json.loads(row["event"]) for row in deployed.rows("history") if "event" in row]
        return {event["id"]: event for event in events if "reconciled" in event}

    before = reconciled()
    deployed.invoke("every_hour", schedule_event())

    def published():
        events = [event for event_id, event in reconciled().items() if event_id not in before]
        return {event["id"].rsplit(":", 2)[0]: event for event in events}

    eventually(lambda: published().keys() >= lost, "the reconciling events in the history")
    events = {record.partition(":")[0]: published()[record] for record in lost}
    assert {table: event["type"] for table, event in events.items()} == {
        "users": "user.registered",
        "sessions": "session.started",
        "items": "item.changed",
        "jobs": "export.finished",
        "clients": "client.created",
    }
    assert {event["time"] for event in events.values()} == {then}
    once = reconciled()
    deployed.invoke("every_hour", schedule_event())
    assert reconciled() == once


def test_due_deliveries_are_queued(deployed, receiver):
    hook = deployed.admin.call("POST", "/webhooks", {"url": receiver.url, "types": ["user.updated"]}).body
    register(deployed, "due@example.com", name="A").call("PATCH", "/me", {"name": "B"})
    eventually(lambda: receiver.received, "the delivery")

    def delivery():
        rows = [row for row in deployed.rows("deliveries") if row["webhook_id"] == hook["id"]]
        return rows[0] if rows and rows[0]["state"] == "delivered" else None

    row = eventually(delivery, "its success")
    key = {"webhook_id": {"S": row["webhook_id"]}, "id": {"S": row["id"]}}
    due = {":due": {"S": "2026-01-01T00:00:00.000Z#1"}, ":shard": {"S": "0"}, ":state": {"S": "waiting"}}
    change(deployed, "deliveries", key, "SET due_at = :due, due_shard = :shard, #s = :state", due, {"#s": "state"})
    deployed.invoke("every_five_minutes", schedule_event())
    eventually(lambda: len(receiver.received) >= 2, "the due attempt")
    deployed.admin.call("DELETE", f"/webhooks/{hook['id']}")


def test_a_replay_tells_everything_again_to_webhooks_and_mails_nobody(deployed, receiver):
    hook = deployed.admin.call(
        "POST", "/webhooks", {"url": receiver.url, "types": ["user.imported", "user.updated"]}
    ).body
    people = [{"email": f"replay{n}@example.net", "name": f"Replay {n}"} for n in range(12)]
    deployed.drop("imports/replay.json", json.dumps(people).encode())
    eventually(lambda: len(receiver.received) >= 12, "the imports' events", seconds=90)

    def in_the_feed():
        told = [event["data"] for event in feed(deployed) if event["type"] == "user.imported"]
        return len([data for data in told if str(data["user"].get("name", "")).startswith("Replay")]) == 12

    eventually(in_the_feed, "the events in the feed", seconds=60)
    mails, came, now = len(deployed.mails_to("")), len(receiver.received), datetime.now(UTC)
    since, until = rfc3339(now - timedelta(minutes=30)), rfc3339(now)
    asked = deployed.admin.call("POST", "/events/replay", {"from": since, "to": until, "types": ["user.imported"]})
    assert asked.status == 202, asked.body

    def finished():
        return deployed.admin.call("GET", f"/events/replay/{asked.body['id']}").body["status"] == "finished"

    eventually(finished, "the replay", seconds=60)
    eventually(lambda: len(receiver.received) >= came + 12, "the replayed deliveries")
    assert len(deployed.mails_to("")) == mails
    deployed.admin.call("DELETE", f"/webhooks/{hook['id']}")


def publish(deployed, topic, message):
    arn = f"arn:aws:sns:us-east-1:{cloud.account()}:{deployed.stage.names.of(topic)}"
    attributes = {"sent": {"DataType": "String", "StringValue": "test"}}
    cloud.client("sns").publish(TopicArn=arn, Subject="test", Message=message, MessageAttributes=attributes)


def change(deployed, table, key, expression, values, names=None):
    """Change a row behind the app's back."""
    more = {"ExpressionAttributeNames": names} if names else {}
    cloud.client("dynamodb").update_item(
        TableName=deployed.stage.names.of(table),
        Key=key,
        UpdateExpression=expression,
        ExpressionAttributeValues=values,
        **more,
    )


def arn_of_machine(deployed, machine):
    listed = cloud.client("stepfunctions").list_state_machines()["stateMachines"]
    (arn,) = (each["stateMachineArn"] for each in listed if each["name"] == deployed.stage.names.of(machine))
    return arn


def status_if_ended(deployed, path):
    status = deployed.admin.call("GET", path).body["status"]
    return status if status in {"finished", "failed"} else None


def set_status(deployed, job_id, status):
    key = {"id": {"S": job_id}, "part": {"S": "job"}}
    change(deployed, "jobs", key, "SET #s = :status", {":status": {"S": status}}, {"#s": "status"})


def lose(deployed, table, which, then):
    """Have a record last changed at a time of which history knows nothing of it: how its events' ids begin.

    A session that lives is told of when it starts, so its start is moved too."""
    (row,) = (row for row in deployed.rows(table) if which.items() <= row.items() and "deleted_at" not in row)
    (spec,) = (spec for spec in SPECS if spec.name == table)
    key = {name: {"S": row[name]} for name in (spec.partition, spec.sort) if name}
    moved = {":at": {"S": then}, ":hour": {"S": f"{then[:13]}#{row['changed_hour'].partition('#')[2]}"}}
    forget_history(deployed, subject_of(table, row), f"{table}:")
    started = ", created_at = :at" if table == "sessions" else ""
    change(deployed, table, key, f"SET updated_at = :at, changed_hour = :hour{started}", moved)
    forget_history(deployed, subject_of(table, row), f"{table}:")
    return f"{table}:{record_key(table, row)}"


def forget_history(deployed, subject, prefix):
    for row in deployed.rows("history"):
        if row["subject"] == subject and f"#{prefix}" in row["at"]:
            cloud.client("dynamodb").delete_item(
                TableName=deployed.stage.names.of("history"),
                Key={"subject": {"S": row["subject"]}, "at": {"S": row["at"]}},
            )


def begin_sweeping_anew(deployed):
    """As the first run of a stage does: the local cloud has its schedules too, and may have swept already."""
    cloud.client("dynamodb").delete_item(TableName=deployed.stage.names.of("guards"), Key={"id": {"S": "sweep"}})


def rfc3339(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def born_today(years):
    today = datetime.now(UTC).date()
    return f"{today.year - years}-{today:%m-%d}"
