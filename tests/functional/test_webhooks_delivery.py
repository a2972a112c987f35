"""From an event on the queue `webhooks` to what a receiver gets: once, in time, whatever is repeated or breaks."""

from __future__ import annotations

import json
import random
import socket
import struct

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Transient
from chalicelib.core.settings import settings
from chalicelib.webhooks import endpoints
from chalicelib.webhooks.delivery import attempt_deliveries
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.fanout import fan_out
from chalicelib.webhooks.model import CLAIM_SECONDS, SCHEDULE
from chalicelib.webhooks.new_deliveries import with_event
from chalicelib.webhooks.retries import SECONDS, queue_due_deliveries
from infra.functions import FUNCTIONS
from tests.cloudlike import sqs_record
from tests.functional.delivering import attempt, happened, keep, publish, rows, webhook
from tests.functional.faults import Crash, crashing, failing, listening, throttling
from tests.functional.receivers import Received, misbehaving
from tests.functional.serial import one_call_at_a_time


def verifies(secret: str, received: Received) -> bool:
    try:
        Webhook(secret).verify(received.body, received.headers)
    except WebhookVerificationError:
        return False
    return True


@pytest.mark.slow
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
    assert stage.rows("webhooks")[0]["delivered_at"] == clock.timestamp()


def test_retry_after_is_respected(stage, receiver, held_clock):
    receiver.status, receiver.headers = 429, {"Retry-After": "7200"}
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    (row,) = rows(stage)
    assert row["next_at"] == "2026-03-01T14:00:00.000Z"
    queue_due_deliveries()
    assert stage.take("deliveries") == []


def test_an_endpoint_without_an_answer_fails_like_any_other(stage, receiver, held_clock):
    webhook(receiver)
    (row,) = stage.rows("webhooks")
    stage.put("webhooks", {**row, "url": "https://10.0.0.1/"})
    publish(stage, happened())
    attempt(stage)
    (row,) = rows(stage)
    assert row["state"] == "waiting"
    assert row["attempts"][0]["error"] == "the host has an address that we must not reach (private)"
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


@pytest.mark.slow
@pytest.mark.peers
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("moved", [False, True])
def test_a_replay_of_the_topic_tells_no_new_url_of_the_past(stage, receiver, held_clock, moved):
    """Whoever could add a webhook, or turn one to another URL, would else read a year of everybody's events."""
    if moved:
        webhook(receiver)
    held_clock.tick(minutes=2)
    if moved:
        (row,) = stage.rows("webhooks")
        endpoints.change(row["id"], {"url": f"{receiver.url}/elsewhere"}, None)
    else:
        webhook(receiver)
    publish(stage, happened(replayed="true"))
    assert stage.take("deliveries") == []
    publish(stage, happened(replayed="true", id="users:U1:2:0", time=clock.timestamp()))
    assert len(stage.take("deliveries")) == 1


@pytest.mark.slow
def test_a_replay_that_meets_an_attempt_comes_again(stage, receiver):
    webhook(receiver)
    publish(stage, happened())
    attempt(stage)
    clients.send("webhooks", json.dumps(happened(replayed="true")))
    records = stage.take("webhooks")
    with (
        failing("dynamodb", "UpdateItem", "ConditionalCheckFailedException"),
        pytest.raises(Transient, match="1 records of webhooks must come again"),
    ):
        fan_out({"Records": records})
    assert stage.take("webhooks-dlq") == []
    fan_out({"Records": records})
    attempt(stage)
    assert len(receiver.received) == 2


@pytest.mark.slow
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


FAN_OUT = [("dynamodb", "Query"), ("dynamodb", "BatchExecuteStatement"), ("sqs", "SendMessageBatch")]

ATTEMPT = [("GetItem", 0), ("BatchGetItem", 0), *(("UpdateItem", number) for number in range(4))]


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


@pytest.mark.slow
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


@pytest.mark.slow
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
    with pytest.raises(Transient, match="1 records of deliveries must come again"):
        attempt_deliveries({"Records": records})
    assert receiver.received == []


def test_a_throttled_batch_comes_again_whole(stage, receiver):
    webhook(receiver)
    clients.send("webhooks", json.dumps(happened()))
    records = stage.take("webhooks")
    with (
        failing("sqs", "SendMessageBatch", "ThrottlingException"),
        pytest.raises(Transient, match="1 records of webhooks must come again"),
    ):
        fan_out({"Records": records})
    fan_out({"Records": records})
    attempt(stage)
    assert len(receiver.received) == 1


def test_an_event_that_comes_fresh_and_replayed_in_one_batch_is_delivered_as_it_came_first(stage, receiver):
    webhook(receiver)
    event = happened(time=clock.timestamp())
    for came in (event, {**event, "replayed": "true"}):
        clients.send("webhooks", json.dumps(came))
    fan_out({"Records": stage.take("webhooks")})
    (row,) = rows(stage)
    assert "replayed" not in row
    attempt(stage)
    assert len(receiver.received) == 1


@pytest.mark.slow
def test_of_a_batch_only_the_events_whose_deliveries_were_not_made_come_again(stage, receiver):
    for _ in range(2):
        webhook(receiver)
    happenings = [happened(number) for number in range(1, 5)]
    for event in happenings:
        clients.send("webhooks", json.dumps(event))
    sqs, url = clients.client("sqs"), settings().queue_url("webhooks")
    taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    unlucky = {event["id"] for event in happenings[1::2]}
    seen = []

    def is_throttled(statement):
        """The first delivery of each unlucky event, as often as it is tried."""
        id_of_event = next(value["S"] for value in statement["Parameters"] if value.get("S") in ids)
        seen.append(id_of_event)
        return id_of_event in unlucky and statement["Parameters"][0]["S"] == first_webhook

    ids, first_webhook = {event["id"] for event in happenings}, min(row["id"] for row in stage.rows("webhooks"))
    with (
        throttling(clients.client("dynamodb"), is_throttled),
        pytest.raises(Transient, match="2 records of webhooks must come again"),
    ):
        fan_out({"Records": [sqs_record("webhooks", message) for message in taken["Messages"]]})
    assert len(seen) == 8 + 2 + 2
    assert len(rows(stage)) == 6
    assert {json.loads(record["body"])["id"] for record in stage.take("webhooks")} == unlucky


@pytest.mark.slow
def test_what_an_event_costs(stage, receiver):
    """Fan-out: one look at the endpoints, one write for each delivery and one message for ten. An attempt: a claim, a
    look at its endpoint, a place there, a look at its person, a note, a message to the statistics, and the place given
    back."""
    for _ in range(3):
        webhook(receiver)
    for number in range(4):
        clients.send("webhooks", json.dumps(happened(number)))
    records = stage.take("webhooks")
    with telemetry.recording() as calls:
        fan_out({"Records": records})
    assert calls.names == ["Query", "BatchExecuteStatement", *["SendMessageBatch"] * 2]
    records = stage.take("deliveries")
    app_keys.labelled("WEBHOOKS")  # which a process reads when it starts, and every five minutes
    with telemetry.recording() as calls:
        attempt_deliveries({"Records": records[:1]})
    assert calls.names == [
        *("UpdateItem", "GetItem", "UpdateItem", "BatchGetItem", "UpdateItem", "SendMessage", "UpdateItem")
    ]


@pytest.mark.slow
@pytest.mark.peers
def test_what_is_due_is_queued_for_as_long_as_there_is_time_and_the_next_run_goes_on(stage, held_clock):
    for number in range(25):
        event = {"id": f"webhooks:{number}", "type": "webhook.test", "subject": "W", "time": clock.timestamp()}
        row, _ = deliveries().create(with_event("W1", event))
        deliveries().reopen(row)

    def slowly(**_):
        clock.tick(seconds=SECONDS)

    queued = []
    with one_call_at_a_time(), listening(clients.client("sqs"), "after-call.sqs.SendMessageBatch", slowly):
        for _ in range(4):
            queue_due_deliveries()
            queued.append(len(stage.take("deliveries")))
    assert queued == [10, 10, 5, 0]
    assert next(each.timeout for each in FUNCTIONS if each.name == "every_five_minutes") / 2 >= SECONDS
