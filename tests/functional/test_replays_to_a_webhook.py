"""A range of the feed is delivered again to one webhook, and to nobody else."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.events.store import history
from chalicelib.replays.routes import replays as routes
from chalicelib.webhooks.delivery import attempt_deliveries
from chalicelib.webhooks.fanout import fan_out
from chalicelib.webhooks.model import delivery_id
from chalicelib.webhooks.retries import queue_due_deliveries
from chalicelib.webhooks.routes import webhooks as webhook_routes
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing
from tests.functional.receivers import receiving
from tests.functional.streams import queue_event
from tests.functional.test_events_feed import happened
from tests.functional.test_replays import ALL_DAY, CLAIM_SECONDS, PAGE_EVENTS, ids, pages, recorded, start

__all__ = ["pages"]

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def api(aws, local_receivers):
    topic_messages(aws, "webhooks")
    client = ApiClient(routes, webhook_routes)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def hook(api, url="https://93.184.215.14/", **fields):
    answer = api.call("POST", "/webhooks", {"url": url, **fields})
    assert answer.status == 201, answer.body
    return answer.body["id"]


def log(api, webhook):
    return api.call("GET", f"/webhooks/{webhook}/deliveries?limit=200").body["items"]


@pytest.mark.slow
def test_one_webhook_gets_what_it_asks_for_and_the_topic_nothing(aws, api, pages):
    chosen, other = hook(api, types=["item.*"]), hook(api)
    recorded(6)
    job = start(api, webhook=chosen)
    pages.run_all()
    assert aws.take("webhooks") == []
    queued = aws.bodies("deliveries")
    assert {message["webhook_id"] for message in queued} == {chosen}
    assert sorted(message["event"]["id"] for message in queued) == ids(1, 3, 5)
    assert {message["event"]["replayed"] for message in queued} == {"true"}
    shown = api.call("GET", job).body
    assert (shown["status"], shown["published"], shown["options"]["webhook"]) == ("finished", 3, chosen)
    assert [entry["replayed"] for entry in log(api, chosen)] == [True] * 3
    assert log(api, other) == []


@pytest.mark.slow
def test_the_types_of_the_replay_narrow_those_of_the_webhook(aws, api, pages):
    chosen = hook(api, types=["item.changed", "user.deleted"])
    recorded(4)
    start(api, webhook=chosen, types=["user.updated"])
    pages.run_all()
    assert aws.take("deliveries") == []


@pytest.mark.slow
def test_what_was_delivered_once_comes_again_under_its_own_id_and_marked(aws, api, pages):
    event = happened(1)
    history().record([event], 365)
    clock.tick(minutes=1)
    with receiving() as receiver:
        receiver.answers += [200, 500, 200]
        chosen = hook(api, receiver.url)
        fan_out(queue_event("webhooks", [event]))
        attempt_deliveries({"Records": aws.take("deliveries")})
        start(api, webhook=chosen)
        pages.run_all()
        attempt_deliveries({"Records": aws.take("deliveries")})
        entry = log(api, chosen)[0]
        api.call("POST", f"/webhooks/{chosen}/deliveries/{entry['id']}/retry")
        attempt_deliveries({"Records": aws.take("deliveries")})
    assert {request.headers["webhook-id"] for request in receiver.received} == {delivery_id(event)}
    first, again, retried = (json.loads(request.body) for request in receiver.received)
    assert "replayed" not in first
    assert again == retried == {**first, "replayed": "true"}


@pytest.mark.slow
def test_a_crash_before_the_attempts_are_queued_is_mended(aws, api, pages):
    """By the page, which comes again, or by what is due: nothing waits for ever."""
    chosen = hook(api)
    recorded(3)
    start(api, webhook=chosen)
    with crashing("sqs", "SendMessageBatch", after=False), pytest.raises(Crash):
        pages.run(0)
    clock.tick(seconds=CLAIM_SECONDS)
    pages.run_all()
    assert sorted(message["event"]["id"] for message in aws.bodies("deliveries")) == ids(0, 1, 2)


@pytest.mark.slow
def test_a_crash_after_a_delivery_was_opened_again_leaves_it_due(aws, api, pages):
    chosen = hook(api)
    (event,) = [happened(1)]
    history().record([event], 365)
    fan_out(queue_event("webhooks", [event]))
    aws.take("deliveries")
    entry = {"webhook_id": chosen, "id": delivery_id(event)}
    clients.table("deliveries").update(entry, set={"state": "delivered", "tries": 1})
    clock.tick(minutes=1)
    start(api, webhook=chosen)
    with crashing("dynamodb", "UpdateItem", after=True, skip=1), pytest.raises(Crash):
        pages.run(0)
    clock.tick(seconds=CLAIM_SECONDS)
    pages.run_all()
    queue_due_deliveries()
    assert {message["id"] for message in aws.bodies("deliveries")} == {delivery_id(event)}


@pytest.mark.slow
def test_a_webhook_that_is_disabled_meanwhile_pauses_the_replay(aws, api, pages):
    chosen = hook(api)
    recorded(PAGE_EVENTS + 2)
    job = start(api, webhook=chosen)
    pages.run(0)
    api.call("PATCH", f"/webhooks/{chosen}", {"enabled": False})
    pages.run(1)
    shown = api.call("GET", job).body
    assert (shown["status"], shown["published"]) == ("paused", PAGE_EVENTS)
    assert "disabled" in shown["reason"]
    api.call("PATCH", f"/webhooks/{chosen}", {"enabled": True})
    assert api.call("POST", f"{job}/resume").body["reason"] is None
    pages.run_all(start=2)
    assert api.call("GET", job).body["published"] == PAGE_EVENTS + 2
    assert len({message["id"] for message in aws.bodies("deliveries")}) == PAGE_EVENTS + 2


def attempt_all(aws):
    while queued := aws.take("deliveries"):
        for message in queued:
            attempt_deliveries({"Records": [message]})


@pytest.mark.slow
def test_the_past_does_not_follow_a_webhook_to_another_url(aws, api, pages):
    """A replay wants two factors, a change of URL one: nobody has both by the latter."""
    with receiving() as first, receiving() as second:
        chosen = hook(api, first.url)
        recorded(PAGE_EVENTS + 2)
        job = start(api, webhook=chosen)
        pages.run(0)
        attempt_deliveries({"Records": aws.take("deliveries")[:1]})
        clock.tick(seconds=1)
        api.sign_in("A2", "admin")
        assert api.call("PATCH", f"/webhooks/{chosen}", {"url": second.url}).status == 200
        pages.run_all(start=1)
        queue_due_deliveries()
        attempt_all(aws)
        assert (len(first.received), len(second.received)) == (1, 0)
        shown = api.call("GET", job).body
        assert (shown["status"], shown["published"]) == ("paused", PAGE_EVENTS)
        assert "URL was changed" in shown["reason"]
        assert api.call("POST", f"{job}/resume").status == 401
        api.sign_in("A1", "admin", second_factor=True)
        clock.tick(seconds=1)
        api.call("POST", f"{job}/resume")
        pages.run_all(start=2)
        attempt_all(aws)
        assert len(second.received) == 2


@pytest.mark.slow
def test_what_waits_of_a_replay_does_not_follow_either_and_one_by_hand_does(aws, api, pages):
    with receiving() as first, receiving() as second:
        first.answers += [500]
        chosen = hook(api, first.url)
        recorded(1)
        start(api, webhook=chosen)
        pages.run_all()
        attempt_deliveries({"Records": aws.take("deliveries")})
        clock.tick(seconds=1)
        api.call("PATCH", f"/webhooks/{chosen}", {"url": second.url})
        clock.tick(minutes=5)
        (entry,) = log(api, chosen)
        attempt_deliveries(queue_event("deliveries", [{"webhook_id": chosen, "id": entry["id"], "tries": 1}]))
        (entry,) = log(api, chosen)
        assert (entry["state"], entry["attempts"][-1]["error"]) == (
            "failed",
            "the webhook's URL was changed since the replay",
        )
        assert second.received == []
        api.sign_in("A2", "admin")
        assert api.call("POST", f"/webhooks/{chosen}/deliveries/{entry['id']}/retry").status == 202
        attempt_all(aws)
        assert len(second.received) == 1


def test_a_webhook_must_be_there_and_enabled(api, pages):
    chosen = hook(api)
    api.call("PATCH", f"/webhooks/{chosen}", {"enabled": False})
    assert api.call("POST", "/events/replay", {**ALL_DAY, "webhook": chosen}).status == 409
    assert api.call("POST", "/events/replay", {**ALL_DAY, "webhook": "none"}).status == 404
    assert len(pages) == 0
