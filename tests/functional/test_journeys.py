"""One event, found by its id, and what each consumer made of it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.events.routes import events as event_routes
from chalicelib.journeys.routes import journeys
from chalicelib.replays import lifecycle
from chalicelib.webhooks import endpoints
from tests import system
from tests.builders import a_user
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.delivering import attempt, webhook
from tests.functional.streams import queue_event, stream_event
from tests.functional.test_events_feed import happened

pytestmark = pytest.mark.usefixtures("held_clock")

CONSUMERS = ("history", "insights", "mail", "webhooks")


@pytest.fixture
def api(aws):
    client = ApiClient(event_routes, journeys)
    client.sign_in("A1", "admin")
    return client


def read(api, event, *, what="", with_fields=True):
    fields = f"?subject={quote(event['subject'])}&time={event['time']}" if with_fields else ""
    return api.call("GET", f"/events/{quote(event['id'], safe='')}{what}{fields}")


def journey(api, event):
    reply = read(api, event, what="/journey")
    assert reply.status == 200
    return reply.body


def change(cloud, **changes):
    """A change of Ann's goes through everything built in: its events."""
    for queue in CONSUMERS:
        topic_messages(cloud, queue)
    (before,) = [row for row in cloud.rows("users") if row["id"] == "U1"]
    after = {**before, "version": before["version"] + 1, "updated_at": clock.timestamp(), **changes}
    cloud.put("users", after)
    system.invoke("on_user_change", stream_event("users", (before, after)))
    for queue in CONSUMERS:
        system.consume(queue, {"Records": cloud.take(queue)})
    rows = [row for row in cloud.rows("history") if f":{after['version']}:" in row["at"]]
    return [
        {"id": row["at"].partition("#")[2], "subject": "U1", "time": row["at"].partition("#")[0]} for row in rows
    ]


@pytest.mark.slow
def test_a_change_is_followed_through_every_consumer(stage, receiver, api):
    a_user(id="U1", email="ann@maths.example")
    webhook_id, _ = webhook(receiver)
    other, _ = webhook(receiver, types=["item.*"])
    (event,) = change(stage, password_changed_at=clock.timestamp())
    assert journey(api, event)["webhooks"][0]["state"] == "waiting"
    attempt(stage)
    told = journey(api, event)
    assert told["event"] == {**event, "type": "user.password_changed"}
    assert told["history"] == {"state": "recorded", "at": clock.timestamp(), "erased_at": None}
    assert told["statistics"]["state"] == "not_counted"
    assert [(mail["template"], mail["state"]) for mail in told["mail"]["mails"]] == [("password_changed", "sent")]
    delivered, unwanted = told["webhooks"]
    assert (delivered["webhook_id"], delivered["state"], delivered["delivery"]["tries"]) == (
        webhook_id,
        "delivered",
        1,
    )
    assert delivered["delivery"]["attempts"][0]["status"] == 204
    assert "response" not in delivered["delivery"]["attempts"][0]
    assert (unwanted["webhook_id"], unwanted["state"], unwanted["delivery"]) == (other, "not_wanted", None)
    assert told["replays"] == []


def test_what_is_counted_says_so_and_by_which_counters(stage, api):
    a_user(id="U1", email="ann@maths.example", age=29)
    events = change(stage, age=30, email_verified=False)
    assert journey(api, events[0])["statistics"] == {
        "state": "counted",
        "counters": ["age:20-29", "age:30-39"],
        "reason": None,
    }
    assert journey(api, events[0])["mail"]["state"] == "no_mail"
    late = {**happened(7, "user.registered"), "id": "users:U1:7:0"}
    system.consume("history", queue_event("history", [late]))
    assert journey(api, late)["statistics"]["state"] == "not_yet"
    clock.tick(days=61)
    assert journey(api, late)["statistics"]["state"] == "unknown"


def test_why_no_mail_names_it_is_said(stage, api):
    a_user(id="U1", email="ann@maths.example")
    (event,) = change(stage, factors_changed_at="2020-01-01T00:00:00.000Z")
    told = journey(api, {**event})
    assert told["mail"]["state"] == "mailed"
    clients.table("mail").delete({"id": told["mail"]["mails"][0]["id"]})
    told = journey(api, event)["mail"]
    assert (told["state"], told["mails"]) == ("none_found", [])
    assert "no mail names it" in told["reason"]


@pytest.mark.slow
def test_a_webhook_that_came_later_and_replays_are_in_it(stage, receiver, api):
    a_user(id="U1", email="ann@maths.example")
    (event,) = change(stage, name="Ann Other")
    clock.tick(minutes=1)
    webhook_id, _ = webhook(receiver)
    start = clock.timestamp(clock.now() - timedelta(minutes=5))
    job = lifecycle.start(start, clock.timestamp(), ["user.updated"], webhook_id)
    lifecycle.start(start, clock.timestamp(), ["user.deleted"], None)
    lifecycle.start(clock.timestamp(), clock.timestamp(clock.now() + timedelta(minutes=1)), [], None)
    (at,) = journey(api, event)["webhooks"]
    assert (at["state"], at["reason"]) == ("none", "it was created later")
    (replay,) = journey(api, event)["replays"]
    assert (replay["id"], replay["webhook"], replay["sent"]) == (job["id"], webhook_id, False)
    system.consume("jobs", {"Records": stage.take("jobs")[:1]})
    told = journey(api, event)
    assert told["replays"][0]["sent"] is True
    assert (told["webhooks"][0]["state"], told["webhooks"][0]["delivery"]["replayed"]) == ("waiting", True)


@pytest.mark.parametrize(
    ("event_id", "subject"),
    [
        ("users:auth0|5f/a:12:0", "auth0|5f/a"),
        ("jobs:J1:3:0", "J1"),
        ("items:U1/theme/dark:4:0", "U1"),
        ("items:auth0|5f/a/theme:4:0", "auth0|5f/a"),
        ("sessions:S1:1:0", "U1"),
    ],
)
@pytest.mark.parametrize("with_fields", [True, False])
def test_an_event_is_found_by_its_id_whatever_is_in_it(aws, api, event_id, subject, with_fields):
    aws.put("sessions", {"id": "S1", "user_id": "U1", "version": 2, "deleted_at": clock.timestamp()})
    event = {**happened(1, subject=subject), "id": event_id}
    more = [{**event, "id": f"{event_id}0"}, {**event, "id": event_id[:-1] + "1"}]
    system.consume("history", queue_event("history", [event, *more]))
    reply = read(api, event, with_fields=with_fields)
    assert reply.status == 200
    assert {**reply.body, "recordedtime": ""} == {**event, "recordedtime": ""}


@pytest.mark.parametrize("what", ["", "/journey"])
@pytest.mark.parametrize(
    "event_id", ["users:U1:1:0", "items::", "nonsense", "sessions:S9:1:0", "x" * 2000, "ü:ü:1:0"]
)
def test_an_event_that_there_is_not_is_not_found(api, what, event_id):
    for query in ("", "?subject=U1&time=2026-03-01T12:00:00Z"):
        assert api.call("GET", f"/events/{quote(event_id, safe='')}{what}{query}").status == 404


@pytest.mark.slow
def test_a_journey_is_a_few_reads_however_many_webhooks_there_are(stage, receiver, api):
    a_user(id="U1", email="ann@maths.example")
    for _ in range(5):
        webhook(receiver)
    (event,) = change(stage, password_changed_at=clock.timestamp())
    with telemetry.recording() as seen:
        journey(api, event)
    assert len(seen.names) <= 7


def test_journeys_are_for_administrators(aws):
    api = ApiClient(event_routes, journeys)
    for roles, status in (((), 403), (("support",), 403)):
        api.sign_in("U9", *roles)
        for path in ("/events/users:U1:1:0", "/events/users:U1:1:0/journey"):
            assert api.call("GET", path).status == status


def test_a_disabled_webhook_says_so(stage, receiver, api):
    a_user(id="U1", email="ann@maths.example")
    webhook_id, _ = webhook(receiver)
    endpoints.change(webhook_id, {"enabled": False}, None)
    (event,) = change(stage, name="Ann Other")
    (at,) = journey(api, event)["webhooks"]
    assert (at["state"], at["enabled"]) == ("none", False)
