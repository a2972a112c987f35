"""What an endpoint's answers mean for itself: it rests, is probed, is disabled, and never gets too much at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.webhooks import endpoints
from chalicelib.webhooks.delivery import attempt_deliveries
from chalicelib.webhooks.model import CLAIM_SECONDS, FAILURES_BEFORE_PROBES, SLOT_COUNT
from chalicelib.webhooks.retries import queue_due_deliveries
from chalicelib.webhooks.store import HEALTH, SLOTS, webhooks
from tests.functional.delivering import attempt, happened, keep, publish, rows, webhook
from tests.functional.faults import Crash, crashing


@pytest.mark.slow
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


@pytest.mark.slow
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
    assert kept.keys() & {"disabled_reason", *HEALTH, *SLOTS} == set()


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_an_endpoint_gets_a_few_requests_at_a_time(stage, receiver, held_clock):
    """Those who ask and never come back, because they crashed, hold their places for a minute."""
    webhook(receiver)
    publish(stage, *(happened(number) for number in range(SLOT_COUNT)))
    for record in stage.take("deliveries"):
        with crashing("dynamodb", "BatchGetItem", after=True), pytest.raises(Crash):
            attempt_deliveries({"Records": [record]})
    publish(stage, happened(SLOT_COUNT))
    put_off = attempt(stage)
    assert receiver.received == []
    held_clock.tick(seconds=put_off[0]["delay"])
    put_off = attempt(stage, put_off)
    assert (receiver.received, rows(stage)[-1]["tries"]) == ([], 0)
    held_clock.tick(seconds=CLAIM_SECONDS)
    attempt(stage, put_off)
    assert len(receiver.received) == 1


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_is_asked_for_by_hand_waits_for_a_place_and_not_for_its_turn(stage, receiver, held_clock):
    made, _ = webhook(receiver)
    keep(stage, happened())
    publish(stage, happened())
    attempt(stage)
    (row,) = stage.rows("webhooks")
    busy = {f"place_{number}": clock.epoch() + 5 for number in range(SLOT_COUNT)}
    later = clock.timestamp(clock.now() + timedelta(hours=1))
    stage.put("webhooks", {**row, **busy, "failures": FAILURES_BEFORE_PROBES, "probe_at": later})
    endpoints.retry(made, rows(stage)[0]["id"])
    put_off = attempt(stage)
    assert len(receiver.received) == 1
    held_clock.tick(seconds=6)
    attempt(stage, put_off)
    assert len(receiver.received) == 2


@pytest.mark.slow
def test_a_place_is_given_back_whatever_the_answer(stage, receiver, held_clock):
    receiver.answers = [204, 500, 302]
    webhook(receiver)
    for number in range(3):
        publish(stage, happened(number))
        attempt(stage)
        assert not [name for name in stage.rows("webhooks")[0] if name.startswith("place_")]


@pytest.mark.slow
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
