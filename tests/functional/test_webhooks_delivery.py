"""From an event on the queue `webhooks` to what a receiver gets: once, in time, whatever is repeated or breaks."""

from __future__ import annotations

import json
import random
import socket
import struct
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.core import clients, clock, telemetry
from chalicelib.core.errors import Transient
from chalicelib.mail.delivery import deliver_mail
from chalicelib.webhooks import endpoints
from chalicelib.webhooks.delivery import attempt_deliveries
from chalicelib.webhooks.fanout import fan_out
from chalicelib.webhooks.model import AT_ONCE, CLAIM_SECONDS, FAILURES_BEFORE_PROBES, SCHEDULE
from chalicelib.webhooks.retries import queue_due_deliveries
from chalicelib.webhooks.store import webhooks
from tests.cloudlike import sqs_record
from tests.functional.faults import Crash, crashing, failing, listening
from tests.functional.receivers import Received, misbehaving, receiving


@pytest.fixture
def stage(aws, monkeypatch):
    """The stage under test, which allows receivers on this machine.

    What is put off on a queue is handed on by `attempt` alone: moto would do so after its real delay.
    """
    monkeypatch.setenv("WEBHOOKS_ALLOW_HTTP", "on")
    clients.forget()

    def put_off(params: dict, **_: object) -> dict | None:
        return {**params, "DelaySeconds": 900} if params.get("DelaySeconds") else None

    with listening(clients.client("sqs"), "provide-client-params.sqs.SendMessage", put_off):
        yield aws


@pytest.fixture
def receiver():
    with receiving() as one:
        yield one


def happened(number: int = 1, **changes: object) -> dict:
    return {
        "specversion": "1.0",
        "id": f"users:U1:{number}:0",
        "source": "https://rollcall.example",
        "type": "user.updated",
        "subject": "U1",
        "time": "2026-03-01T11:59:59.500Z",
        "sequence": f"{number:012d}",
        "data": {"user": {"id": "U1", "name": "Ann"}},
        **changes,
    }


def webhook(receiver, **fields: object) -> tuple[str, str]:
    """Make an endpoint: its id and its secret."""
    made, secret = endpoints.create({"url": receiver.url, "types": [], **fields})
    return made["id"], secret


def publish(stage, *events: dict) -> None:
    """Have these events fanned out."""
    for event in events:
        clients.send("webhooks", json.dumps(event))
    fan_out({"Records": stage.take("webhooks")})


def attempt(stage, records: list[dict] | None = None) -> list[dict]:
    """Attempt what is queued, or these records: those of the attempts that are put off on the queue."""
    with telemetry.recording() as calls:
        attempt_deliveries({"Records": stage.take("deliveries") if records is None else records})
    put_off = [
        call.parameters for call in calls.of("SendMessage") if call.parameters["QueueUrl"].endswith("deliveries")
    ]
    return [{**queued(call["MessageBody"]), "delay": call["DelaySeconds"]} for call in put_off]


def queued(body: str) -> dict:
    return sqs_record("deliveries", {"MessageId": "M", "ReceiptHandle": "R", "Body": body})


def keep(stage, event: dict) -> None:
    at = f"{event['time']}#{event['id']}"
    stage.put("history", {"subject": event["subject"], "at": at, "event": json.dumps(event)})


def verifies(secret: str, received: Received) -> bool:
    try:
        Webhook(secret).verify(received.body, received.headers)
    except WebhookVerificationError:
        return False
    return True


def rows(stage) -> list[dict]:
    return sorted(stage.rows("deliveries"), key=lambda row: row["id"])


def test_an_event_reaches_each_endpoint_that_wants_it_signed(stage, receiver):
    secrets = dict(webhook(receiver, types=types) for types in (["user.updated"], ["user.*"], [], ["session.*"]))
    event = happened()
    publish(stage, event)
    attempt(stage)
    assert len(receiver.received) == 3
    opened = 0
    for received in receiver.received:
        assert received.headers["content-type"] == "application/json"
        for secret in secrets.values():
            if verifies(secret, received):
                opened += 1
                assert json.loads(received.body) == {**event, "timestamp": event["time"]}
    assert opened == 3
    assert {row["state"] for row in rows(stage)} == {"delivered"}


@pytest.mark.slow
def test_duplicates_in_any_order_reach_the_endpoint_once(stage, receiver):
    webhook(receiver)
    events = [happened(number) for number in range(1, 6)]
    chance = random.Random(7)
    for _ in range(3):
        repeated = [event for event in events for _ in range(chance.randint(1, 3))]
        chance.shuffle(repeated)
        publish(stage, *repeated)
        records = stage.take("deliveries")
        chance.shuffle(records)
        attempt_deliveries({"Records": [*records, *records]})
    assert sorted(json.loads(one.body)["id"] for one in receiver.received) == [event["id"] for event in events]


def test_a_delivery_names_its_event_and_holds_none_of_its_data(stage, receiver, held_clock):
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    (row,) = rows(stage)
    assert "Ann" not in repr(row)
    assert (row["event_id"], row["subject"], row["expires_at"]) == (
        "users:U1:1:0",
        "U1",
        clock.epoch() + 30 * 86400,
    )
    assert row["id"] == receiver.received[0].headers["webhook-id"]


@pytest.mark.slow
def test_every_failure_is_tried_again_by_the_schedule_until_it_ends(stage, receiver, held_clock):
    """Short delays ride on the queue, long ones wait in the index. Each attempt has the same id and a fresh time."""
    receiver.status = 500
    webhook(receiver)
    event = happened()
    keep(stage, event)
    publish(stage, event)
    records = stage.take("deliveries")
    for failures, expected in enumerate(SCHEDULE, start=1):
        put_off = attempt(stage, records)
        (row,) = rows(stage)
        assert (row["state"], row["tries"]) == ("waiting", failures)
        delay = clock.parse(row["next_at"]) - clock.now()
        assert expected * 0.89 <= delay <= expected * 1.11
        assert ("due_at" in row) == (not put_off) == (failures > 2)
        assert all(0 <= record["delay"] - delay.total_seconds() < 1 for record in put_off)
        held_clock.tick(seconds=delay.total_seconds())
        queue_due_deliveries()
        give_every_delivery_a_turn(stage)
        records = put_off or stage.take("deliveries")
    attempt(stage, records)
    (row,) = rows(stage)
    assert (row["state"], row["tries"]) == ("failed", len(SCHEDULE) + 1)
    assert stage.take("deliveries") == []
    queue_due_deliveries()
    assert stage.take("deliveries") == []
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.received]
    assert stamps == sorted(set(stamps))
    assert {one.body for one in receiver.received} == {receiver.received[0].body}


def give_every_delivery_a_turn(stage) -> None:
    """Forget that the endpoints failed, so that every delivery has its turn."""
    for row in stage.rows("webhooks"):
        for name in ("failures", "probe_at"):
            row.pop(name, None)
        stage.put("webhooks", row)


def test_a_failure_then_success(stage, receiver, held_clock):
    receiver.answers = [500]
    webhook(receiver)
    publish(stage, happened())
    put_off = attempt(stage)
    assert stage.rows("webhooks")[0]["failing_since"] == clock.timestamp()
    held_clock.tick(seconds=6)
    attempt(stage, put_off)
    (row,) = rows(stage)
    assert (row["state"], [one["status"] for one in row["attempts"]]) == ("delivered", [500, 204])
    assert row.keys() & {"next_at", "due_at", "due_shard", "claimed_until"} == set()
    assert stage.rows("webhooks")[0].keys() & {"failing_since", "failures"} == set()


def test_retry_after_is_respected(stage, receiver, held_clock):
    receiver.status, receiver.headers = 429, {"Retry-After": "7200"}
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    (row,) = rows(stage)
    assert row["next_at"] == "2026-03-01T14:00:00.000Z"
    queue_due_deliveries()
    assert stage.take("deliveries") == []


def test_gone_disables_the_endpoint_and_tells_who_made_it_and_the_operators(stage, receiver):
    receiver.status = 410
    stage.put("users", {"id": "A1", "version": 1, "email": "ada@example.com", "status": "active"})
    webhook(receiver, created_by="A1")
    publish(stage, happened(1), happened(2))
    attempt(stage)
    assert [row["state"] for row in rows(stage)] == ["failed", "failed"]
    assert len(receiver.received) == 1
    (kept,) = stage.rows("webhooks")
    assert (kept["enabled"], kept["disabled_reason"], kept["version"]) == (False, "it answered 410 Gone", 2)
    with telemetry.recording() as calls:
        deliver_mail({"Records": stage.take("mail")})
    mails = [call.parameters for call in calls.of("SendEmail")]
    told = [address for mail in mails for address in mail["Destination"]["ToAddresses"]]
    assert sorted(told) == ["ada@example.com", "ops@rollcall.example"]
    assert all(receiver.url in mail["Content"]["Simple"]["Body"]["Text"]["Data"] for mail in mails)


@pytest.mark.slow
def test_an_endpoint_that_failed_for_five_days_is_disabled(stage, receiver, held_clock):
    receiver.status = 500
    webhook(receiver)
    for number, days in enumerate((0, 4, 0.999)):
        held_clock.tick(days=days)
        publish(stage, happened(number))
        attempt(stage)
        stage.take("deliveries")
        assert stage.rows("webhooks")[0]["enabled"]
    held_clock.tick(days=0.001)
    publish(stage, happened(9))
    attempt(stage)
    (kept,) = stage.rows("webhooks")
    assert (kept["enabled"], kept["disabled_reason"]) == (False, "it has failed for 5 days")
    held_clock.tick(seconds=6)
    publish(stage, happened(10))
    assert len(rows(stage)) == 4


def test_enabling_again_forgets_the_past(stage, receiver, held_clock):
    receiver.status = 410
    made, _ = webhook(receiver)
    publish(stage, happened(1))
    attempt(stage)
    receiver.status = 204
    endpoints.change(made, {"enabled": True}, None)
    held_clock.tick(seconds=6)
    publish(stage, happened(2))
    attempt(stage)
    assert [row["state"] for row in rows(stage)].count("delivered") == 1
    (kept,) = stage.rows("webhooks")
    assert kept.keys() & {"disabled_reason", "failing_since", "failures", "probe_at"} == set()


@pytest.mark.slow
def test_an_endpoint_that_keeps_failing_is_only_probed(stage, receiver, held_clock):
    receiver.status = 500
    made, _ = webhook(receiver)
    events = [happened(number) for number in range(8)]
    for event in events:
        keep(stage, event)
    publish(stage, *events)
    put_off = attempt(stage)
    assert len(receiver.received) == len(put_off) == FAILURES_BEFORE_PROBES
    held_clock.tick(seconds=6)
    attempt(stage, put_off)
    assert len(receiver.received) == FAILURES_BEFORE_PROBES
    held_clock.tick(minutes=31)
    queue_due_deliveries()
    put_off = attempt(stage)
    assert len(receiver.received) == FAILURES_BEFORE_PROBES + 1
    endpoints.retry(made, rows(stage)[-1]["id"])
    put_off += attempt(stage)
    assert len(receiver.received) == FAILURES_BEFORE_PROBES + 2, "asked for by hand"
    receiver.status = 204
    held_clock.tick(minutes=31)
    queue_due_deliveries()
    attempt(stage, [*stage.take("deliveries"), *put_off])
    assert {row["state"] for row in rows(stage)} == {"delivered"}
    assert len(receiver.received) == FAILURES_BEFORE_PROBES + 2 + len(events)


@pytest.mark.parametrize(
    ("status", "headers", "rests"),
    [
        (500, {}, 0),
        (429, {"Retry-After": "120"}, 120),
        (503, {"Retry-After": "120"}, 120),
        (429, {}, 5),
        (502, {}, 5),
        (504, {"Retry-After": "120"}, 5),
    ],
)
def test_an_endpoint_that_has_too_much_to_do_is_left_alone(stage, receiver, held_clock, status, headers, rests):
    receiver.status, receiver.headers = status, headers
    webhook(receiver)
    publish(stage, happened(1))
    attempt(stage)
    publish(stage, happened(2))
    put_off = attempt(stage)
    assert len(receiver.received) == (1 if rests else 2)
    if rests:
        (waits,) = put_off
        assert rests < waits["delay"] <= rests + 5
        receiver.status = 204
        held_clock.tick(seconds=waits["delay"])
        attempt(stage, put_off)
        assert len(receiver.received) == 2


def test_an_endpoint_gets_a_few_requests_at_a_time(stage, receiver, held_clock):
    """Those who ask and never come back, because they crashed, hold their places for a minute."""
    webhook(receiver)
    publish(stage, *(happened(number) for number in range(AT_ONCE)))
    for record in stage.take("deliveries"):
        with crashing("dynamodb", "BatchGetItem", after=True), pytest.raises(Crash):
            attempt_deliveries({"Records": [record]})
    publish(stage, happened(AT_ONCE))
    put_off = attempt(stage)
    assert receiver.received == []
    held_clock.tick(seconds=put_off[0]["delay"])
    put_off = attempt(stage, put_off)
    assert (receiver.received, rows(stage)[-1]["tries"]) == ([], 0)
    held_clock.tick(seconds=CLAIM_SECONDS)
    attempt(stage, put_off)
    assert len(receiver.received) == 1


def test_failures_at_the_same_time_lead_to_probes_too(stage, receiver, held_clock):
    """Each of them read the webhook as it was before the others failed, so none set the next turn."""
    webhook(receiver)
    (row,) = stage.rows("webhooks")
    stage.put("webhooks", {**row, "failures": FAILURES_BEFORE_PROBES, "failing_since": clock.timestamp()})
    receiver.status = 500
    publish(stage, happened(1), happened(2))
    attempt(stage)
    assert (len(receiver.received), stage.take("deliveries-dlq")) == (1, [])
    assert stage.rows("webhooks")[0]["failures"] == FAILURES_BEFORE_PROBES + 1


def test_what_is_asked_for_by_hand_waits_for_a_place_and_not_for_its_turn(stage, receiver, held_clock):
    made, _ = webhook(receiver)
    keep(stage, happened())
    publish(stage, happened())
    attempt(stage)
    (row,) = stage.rows("webhooks")
    busy = {f"place_{number}": clock.epoch() + 5 for number in range(AT_ONCE)}
    later = clock.timestamp(clock.now() + timedelta(hours=1))
    stage.put("webhooks", {**row, **busy, "failures": FAILURES_BEFORE_PROBES, "probe_at": later})
    endpoints.retry(made, rows(stage)[0]["id"])
    put_off = attempt(stage)
    assert len(receiver.received) == 1
    held_clock.tick(seconds=6)
    attempt(stage, put_off)
    assert len(receiver.received) == 2


def test_a_place_is_given_back_whatever_the_answer(stage, receiver, held_clock):
    receiver.answers = [204, 500, 302]
    webhook(receiver)
    for number in range(3):
        publish(stage, happened(number))
        attempt(stage)
        assert not [name for name in stage.rows("webhooks")[0] if name.startswith("place_")]


def test_an_endpoint_without_an_answer_fails_like_any_other(stage, receiver, held_clock):
    webhook(receiver)
    (row,) = stage.rows("webhooks")
    stage.put("webhooks", {**row, "url": "https://10.0.0.1/"})
    publish(stage, happened())
    attempt(stage)
    (row,) = rows(stage)
    assert row["state"] == "waiting"
    assert row["attempts"][0]["error"] == "the host has an address that webhooks must not reach (private)"
    assert "status" not in row["attempts"][0]


def resetting(connection: socket.socket, over) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def huge(connection: socket.socket, over) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 1_000_000)
    over.wait(5)


def redirecting(connection: socket.socket, over) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 308 There\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "noted"),
    [
        (resetting, {"error": "the connection failed"}),
        (huge, {"status": 500, "response": "x" * 1024}),
        (redirecting, {"status": 308, "response": ""}),
    ],
)
def test_an_awful_receiver_is_noted_and_tried_again(stage, script, noted):
    with misbehaving(script) as url:
        endpoints.create({"url": url, "types": []})
        publish(stage, happened())
        put_off = attempt(stage)
    (row,) = rows(stage)
    assert (row["state"], len(put_off)) == ("waiting", 1)
    assert {name: row["attempts"][0].get(name) for name in noted} == noted


def test_the_log_says_what_was_sent(stage, receiver):
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    (received,) = receiver.received
    assert rows(stage)[0]["attempts"][0]["request"] == {
        "url": receiver.url,
        "timestamp": received.headers["webhook-timestamp"],
        "signature": received.headers["webhook-signature"],
        "bytes": len(received.body),
    }


def test_what_waits_for_a_removed_or_disabled_endpoint_is_dropped(stage, receiver):
    kept, _ = webhook(receiver)
    removed, _ = webhook(receiver)
    publish(stage, happened())
    endpoints.change(kept, {"enabled": False}, None)
    webhooks().remove(webhooks().get(removed))
    attempt(stage)
    assert receiver.received == []
    assert {(row["state"], row["attempts"][0]["error"]) for row in rows(stage)} == {
        ("failed", "the webhook is disabled"),
        ("failed", "the webhook was removed"),
    }


def test_a_later_attempt_sends_what_history_says_then(stage, receiver, held_clock):
    receiver.status, receiver.headers = 503, {"Retry-After": "3600"}
    webhook(receiver)
    event = happened()
    publish(stage, event)
    attempt(stage)
    keep(stage, {**event, "data": {"data_omitted": True, "reason": "erasure"}})
    held_clock.tick(hours=1)
    queue_due_deliveries()
    receiver.status = 204
    attempt(stage)
    assert b"Ann" in receiver.received[0].body
    assert b"Ann" not in receiver.received[1].body
    assert rows(stage)[0]["state"] == "delivered"


def test_an_event_that_history_does_not_have_yet_waits_and_blames_nobody(stage, receiver, held_clock):
    receiver.status, receiver.headers = 503, {"Retry-After": "3600"}
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    held_clock.tick(hours=1)
    queue_due_deliveries()
    attempt(stage)
    (row,) = rows(stage)
    assert (row["state"], row["attempts"][1]["error"]) == ("waiting", "history does not have the event")
    assert stage.rows("webhooks")[0]["failures"] == 1


def test_a_replayed_event_is_delivered_again_under_its_own_id(stage, receiver):
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    publish(stage, happened())
    assert stage.take("deliveries") == []
    publish(stage, happened(replayed="true"))
    attempt(stage)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(second.body)["replayed"] == "true"


def test_a_replay_that_meets_an_attempt_comes_again(stage, receiver):
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    clients.send("webhooks", json.dumps(happened(replayed="true")))
    records = stage.take("webhooks")
    with failing("dynamodb", "UpdateItem", "ConditionalCheckFailedException"), pytest.raises(Transient):
        fan_out({"Records": records})
    assert stage.take("webhooks-dlq") == []
    fan_out({"Records": records})
    attempt(stage)
    assert len(receiver.received) == 2


def test_what_is_no_event_or_no_delivery_is_parked(stage, receiver):
    webhook(receiver)
    for body in ("{", "[]", json.dumps({"specversion": "1.0", "id": "x"}), json.dumps(happened())):
        clients.send("webhooks", body)
    fan_out({"Records": stage.take("webhooks")})
    assert len(stage.take("webhooks-dlq")) == 3
    for message in (
        "{",
        "[]",
        "{}",
        '{"webhook_id": "W", "id": 5, "tries": 0}',
        '{"webhook_id": "W", "extra": 1}',
    ):
        clients.send("deliveries", message)
    attempt(stage)
    assert len(stage.take("deliveries-dlq")) == 5
    assert len(receiver.received) == 1


FAN_OUT = [("dynamodb", "Query"), ("dynamodb", "PutItem"), ("sqs", "SendMessageBatch")]
ATTEMPT = [("GetItem", 0), ("BatchGetItem", 0), *(("UpdateItem", number) for number in range(4))]
"""The calls of an attempt, each with how many of its kind come before it."""


@pytest.mark.slow
def test_a_crash_anywhere_in_fan_out_loses_nothing_and_doubles_nothing(stage, receiver, held_clock):
    webhook(receiver)
    points = [(service, operation, after) for service, operation in FAN_OUT for after in (False, True)]
    for number, (service, operation, after) in enumerate(points):
        clients.send("webhooks", json.dumps(happened(number)))
        records = stage.take("webhooks")
        held_clock.tick(seconds=6)
        with crashing(service, operation, after=after), pytest.raises(Crash):
            fan_out({"Records": records})
        fan_out({"Records": records})
        attempt(stage)
        assert len(receiver.received) == number + 1, (operation, after)


def test_the_crash_points_of_fan_out_are_all_there_are(stage, receiver):
    webhook(receiver)
    clients.send("webhooks", json.dumps(happened()))
    records = stage.take("webhooks")
    with telemetry.recording() as calls:
        fan_out({"Records": records})
    assert calls.names == [operation for _, operation in FAN_OUT]


@pytest.mark.slow
def test_a_crash_anywhere_in_an_attempt_loses_nothing(stage, receiver, held_clock):
    webhook(receiver)
    points = [(*point, after) for point in ATTEMPT for after in (False, True)]
    for number, (operation, skip, after) in enumerate(points):
        receiver.received.clear()
        publish(stage, happened(number))
        records = stage.take("deliveries")
        with crashing("dynamodb", operation, skip=skip, after=after), pytest.raises(Crash):
            attempt_deliveries({"Records": records})
        held_clock.tick(seconds=CLAIM_SECONDS + 1)
        attempt_deliveries({"Records": records})
        attempt_deliveries({"Records": records})
        assert 1 <= len(receiver.received) <= 2, (operation, skip, after)
        assert len({one.headers["webhook-id"] for one in receiver.received}) == 1
    assert {row["state"] for row in rows(stage)} == {"delivered"}


def test_a_crash_between_a_failure_and_its_follow_up_loses_nothing(stage, receiver, held_clock):
    receiver.answers = [500]
    webhook(receiver)
    publish(stage, happened())
    records = stage.take("deliveries")
    with crashing("sqs", "SendMessage", after=False), pytest.raises(Crash):
        attempt_deliveries({"Records": records})
    put_off = attempt(stage, records)
    assert len(receiver.received) == len(put_off) == 1
    attempt(stage, put_off)
    assert len(receiver.received) == 2
    assert rows(stage)[0]["state"] == "delivered"


def test_a_crash_while_due_deliveries_are_queued_loses_and_doubles_nothing(stage, receiver, held_clock):
    receiver.status, receiver.headers = 503, {"Retry-After": "3600"}
    webhook(receiver)
    event = happened()
    keep(stage, event)
    publish(stage, event)
    attempt(stage)
    held_clock.tick(hours=1)
    receiver.status = 204
    for service, operation, after in [("sqs", "SendMessageBatch", False), ("sqs", "SendMessageBatch", True)]:
        with crashing(service, operation, after=after), pytest.raises(Crash):
            queue_due_deliveries()
    with crashing("dynamodb", "UpdateItem", after=True), pytest.raises(Crash):
        queue_due_deliveries()
    queue_due_deliveries()
    attempt(stage)
    assert len(receiver.received) == 2


def test_an_attempt_in_progress_makes_its_duplicates_come_again(stage, receiver, held_clock):
    webhook(receiver)
    publish(stage, happened())
    records = stage.take("deliveries")
    with crashing("dynamodb", "GetItem", after=True), pytest.raises(Crash):
        attempt_deliveries({"Records": records})
    with pytest.raises(Transient):
        attempt_deliveries({"Records": records})
    assert receiver.received == []


def test_a_throttled_batch_comes_again_whole(stage, receiver):
    webhook(receiver)
    clients.send("webhooks", json.dumps(happened()))
    records = stage.take("webhooks")
    with failing("sqs", "SendMessageBatch", "ThrottlingException"), pytest.raises(Transient):
        fan_out({"Records": records})
    fan_out({"Records": records})
    attempt(stage)
    assert len(receiver.received) == 1


def test_what_an_event_costs(stage, receiver):
    """Fan-out: one look at the endpoints, one write for each delivery and one message for ten. An attempt: a claim, a
    look at its endpoint, a place there, a look at its person, a note, and the place given back."""
    for _ in range(3):
        webhook(receiver)
    for number in range(4):
        clients.send("webhooks", json.dumps(happened(number)))
    records = stage.take("webhooks")
    with telemetry.recording() as calls:
        fan_out({"Records": records})
    assert calls.names == ["Query", *["PutItem"] * 12, *["SendMessageBatch"] * 2]
    records = stage.take("deliveries")
    with telemetry.recording() as calls:
        attempt_deliveries({"Records": records[:1]})
    assert calls.names == ["UpdateItem", "GetItem", "UpdateItem", "BatchGetItem", "UpdateItem", "UpdateItem"]
