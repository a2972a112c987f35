"""A range of the feed is published again, under its own ids, marked, a page at a time."""

from __future__ import annotations

import json

import pytest

from chalicelib import events
from chalicelib.core import clock, telemetry
from chalicelib.events.replay import PAGE
from chalicelib.events.routes import routes
from chalicelib.events.store import history
from chalicelib.jobs import jobs
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing
from tests.functional.test_events_feed import happened

pytestmark = pytest.mark.usefixtures("held_clock")

ALL_DAY = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}


@pytest.fixture
def asker():
    """An administrator's client, without any AWS."""
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


@pytest.fixture
def api(aws, asker):
    topic_messages(aws, "webhooks")
    return asker


def recorded(number):
    kinds = ("user.updated", "item.changed")
    for n in range(number):
        clock.tick(milliseconds=1)
        history().record(happened(n, kinds[n % 2]), 365)
    clock.tick(minutes=1)


def run_pages(aws):
    """Run the queued page and all that follow it; the pages."""
    (message,) = aws.bodies("jobs")
    assert message["kind"] == "replay"
    pages, page = [], message["page"]
    while page:
        pages.append(page)
        page = events.replay_page(message["job"], page)
    return pages


@pytest.mark.slow
def test_what_was_recorded_is_published_again_as_it_was(aws, api):
    recorded(5)
    answer = api.call("POST", "/events/replay", ALL_DAY)
    assert answer.status == 202
    assert (answer.body["status"], answer.body["published"]) == ("waiting", 0)
    run_pages(aws)
    again = sorted(aws.take("webhooks"), key=lambda taken: json.loads(taken["body"])["id"])
    for n, taken in enumerate(again):
        original = json.loads(next(r["event"] for r in aws.rows("history") if f":{n}:0" in r["at"]))
        assert json.loads(taken["body"]) == {**original, "replayed": "true"}
        assert taken["messageAttributes"]["replayed"]["stringValue"] == "true"
    assert len(again) == 5


@pytest.mark.slow
def test_pages_are_bounded_and_progress_can_be_watched(aws, api):
    recorded(PAGE + 20)
    job_id = api.call("POST", "/events/replay", ALL_DAY).body["id"]
    assert len(run_pages(aws)) == 2
    seen = api.call("GET", f"/events/replay/{job_id}")
    assert (seen.body["status"], seen.body["published"]) == ("running", PAGE + 20)
    assert len(aws.take("webhooks")) == PAGE + 20


def test_a_page_costs_one_publish_for_ten_events(aws, api):
    recorded(30)
    api.call("POST", "/events/replay", ALL_DAY)
    with telemetry.recording() as seen:
        run_pages(aws)
    assert len(seen.of("PublishBatch")) == 3
    assert len(seen.of("UpdateItem")) == 1
    assert not seen.of("PutItem", "Scan")


def test_only_the_range_and_the_types_that_were_asked_for(aws, api):
    recorded(10)
    body = {"from": "2026-03-01T12:00:00.003Z", "to": "2026-03-01T12:00:00.009Z", "types": ["user.updated"]}
    api.call("POST", "/events/replay", body)
    run_pages(aws)
    assert {event["id"] for event in aws.bodies("webhooks")} == {f"users:U1:{n}:0" for n in (2, 4, 6)}


@pytest.mark.slow
def test_a_page_that_comes_twice_publishes_nothing_twice(aws, api):
    recorded(PAGE + 5)
    api.call("POST", "/events/replay", ALL_DAY)
    (message,) = aws.bodies("jobs")
    for _ in range(3):
        events.replay_page(message["job"], message["page"])
    assert len(aws.take("webhooks")) == PAGE + 5


def test_a_crash_before_progress_is_written_publishes_the_page_again_and_loses_none(aws, api):
    recorded(3)
    api.call("POST", "/events/replay", ALL_DAY)
    (message,) = aws.bodies("jobs")
    with crashing("dynamodb", "UpdateItem", after=False), pytest.raises(Crash):
        events.replay_page(message["job"], message["page"])
    assert events.replay_page(message["job"], message["page"]) is None
    assert len(aws.take("webhooks")) == 6


def test_what_is_recorded_meanwhile_is_not_part_of_it(aws, api):
    recorded(2)
    api.call("POST", "/events/replay", ALL_DAY)
    recorded(2)
    history().record(happened(9), 365)
    run_pages(aws)
    assert len(aws.take("webhooks")) == 2


def test_a_replay_that_has_ended_publishes_nothing(aws, api):
    recorded(2)
    api.call("POST", "/events/replay", ALL_DAY)
    (message,) = aws.bodies("jobs")
    jobs().change(message["job"], status="cancelled")
    assert events.replay_page(message["job"], message["page"]) is None
    assert aws.take("webhooks") == []


def test_the_same_request_again_begins_no_second_replay(aws, api):
    first = api.call("POST", "/events/replay", ALL_DAY, Idempotency_Key="k1")
    second = api.call("POST", "/events/replay", ALL_DAY, Idempotency_Key="k1")
    assert first.body == second.body
    assert len(aws.take("jobs")) == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["from", "to"]),
        ({"from": "yesterday", "to": 5}, ["from", "to"]),
        ({**ALL_DAY, "to": ALL_DAY["from"]}, ["to"]),
        ({**ALL_DAY, "from": "2026-03-01T00:00:00"}, ["from"]),
        ({**ALL_DAY, "types": ["user.updated", "user.exploded"], "webhook": "W1"}, ["types.1", "webhook"]),
    ],
)
def test_a_wrong_request_names_every_wrong_field(asker, body, fields):
    answer = asker.call("POST", "/events/replay", body)
    assert answer.status == 422
    assert sorted(error["field"] for error in answer.body["errors"]) == fields


def test_replays_are_for_administrators():
    api = ApiClient(routes)
    api.sign_in("U1", "support")
    assert api.call("POST", "/events/replay", ALL_DAY).status == 403
    assert api.call("GET", "/events/replay/J1").status == 403


def test_another_kind_of_job_is_no_replay(api):
    jobs().create("import", "J1")
    assert api.call("GET", "/events/replay/J1").status == 404
