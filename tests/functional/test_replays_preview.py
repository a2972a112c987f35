"""How many events a replay would send is counted before it is begun, and nothing is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.events import feed
from chalicelib.events.store import history
from chalicelib.replays.routes import replays as routes
from chalicelib.webhooks import endpoints
from tests.functional.apps import ApiClient
from tests.functional.delivering import webhook
from tests.functional.test_events_feed import happened, record

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def preview(aws):
    api = ApiClient(routes)
    api.sign_in("A1", "admin")
    begun = clock.timestamp(clock.now() - timedelta(hours=1))

    def ask(**fields):
        until = clock.timestamp(clock.now() + timedelta(hours=1))
        return api.call("POST", "/events/replay/preview", {"from": begun, "to": until, **fields})

    return ask


def some(number, kind="user.updated"):
    for position in range(number):
        record(position, kind, subject=kind)
    clock.tick(seconds=11)


def test_what_a_replay_would_send_is_counted_and_nothing_is_sent(aws, preview):
    some(7)
    some(3, "user.deleted")
    with telemetry.recording() as seen:
        reply = preview()
    assert reply.status == 200
    assert (reply.body["events"], reply.body["complete"]) == (10, True)
    assert reply.body["through"] == clock.timestamp(clock.now() - timedelta(seconds=10))
    assert set(seen.names) == {"Query"}
    assert preview(types=["user.deleted"]).body["events"] == 3
    assert aws.rows("jobs") == []


def test_a_webhook_is_asked_for_its_types(stage, preview, receiver):
    some(2)
    some(3, "user.deleted")
    webhook_id, _ = webhook(receiver, types=["user.deleted"])
    assert preview(webhook=webhook_id).body["events"] == 3
    assert preview(webhook=webhook_id, types=["user.updated"]).body["events"] == 0
    endpoints.change(webhook_id, {"enabled": False}, None)
    assert preview(webhook=webhook_id).status == 409
    assert preview(webhook="none").status == 404


def test_of_many_it_says_at_least_how_many(aws):
    for minutes in range(4):
        history().record([happened(minutes * 10 + number) for number in range(5)], 365)
        clock.tick(hours=1)
    end = clock.timestamp()
    begun = clock.timestamp(clock.now() - timedelta(hours=5))
    assert feed.count(history(), begun, end, limit=100) == (20, end)
    number, position = feed.count(history(), begun, end, limit=8)
    assert (number, position < end) == (10, True)
    assert feed.count(history(), position, end, limit=100) == (10, end)


def test_a_range_is_held_to_the_rules_of_a_replay(preview):
    assert preview(to="2020-01-01T00:00:00Z").status == 422
    assert preview(types=["user.unknown"]).status == 422
