"""What was published and consumed lately, as the stage counts it itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.events.store import history
from chalicelib.insights import flow
from chalicelib.insights.counting import count_events
from chalicelib.insights.rollup import roll_up
from chalicelib.insights.routes import insights as routes
from chalicelib.mail_delivery.delivery import deliver_mail
from tests.conftest import NOW
from tests.functional.apps import ApiClient
from tests.functional.delivering import attempt, publish, webhook
from tests.functional.streams import queue_event
from tests.functional.test_events_feed import happened
from tests.functional.test_mail_delivery import PLAIN, queue

pytestmark = pytest.mark.usefixtures("held_clock")

NOTHING = {"events": 0, "average_milliseconds": None, "longest_milliseconds": None, "late": 0}


@pytest.fixture
def flowing(aws):
    """What `GET /insights/flow` says now."""
    api = ApiClient(routes)
    api.sign_in("A1", "support")
    return lambda: api.call("GET", "/insights/flow").body


def event(number, kind="user.registered", seconds=2):
    """One that happened so many seconds ago."""
    return {**happened(number, kind), "time": clock.timestamp(clock.now() - timedelta(seconds=seconds))}


def consume(*events):
    history().record(list(events), 365)
    count_events(queue_event("insights", events))


def test_where_nothing_happens_nothing_flows(flowing):
    body = flowing()
    assert (body["start"], body["end"]) == ("2026-03-01T11:00:00.000Z", clock.timestamp(NOW))
    assert body["published"] == {"events": 0, "complete": True, "types": {}}
    assert body["consumers"]["mail"] == {**NOTHING, "outcomes": {}}


def test_each_consumer_says_how_many_it_had_and_how_old_they_were(flowing):
    consume(event(1), event(2, seconds=4), event(3, "session.blocked", seconds=90))
    consume(event(1))
    body = flowing()
    assert body["published"] == {
        "events": 3,
        "complete": True,
        "types": {"session.blocked": 1, "user.registered": 2},
    }
    taken = {"events": 3, "average_milliseconds": 32000, "late": 1}
    assert body["consumers"]["history"] == {
        **taken,
        "longest_milliseconds": 90000,
        "outcomes": {"recorded": 3},
    }
    assert body["consumers"]["insights"] == {**taken, "longest_milliseconds": None, "outcomes": {"counted": 3}}
    roll_up()
    assert flowing() == body


@pytest.mark.slow
def test_mails_and_deliveries_flow_too(flowing, stage, receiver):
    webhook(receiver)
    receiver.answers = [503]
    publish(stage, event(1, seconds=5))
    again = attempt(stage)
    attempt(stage, again)
    queue(PLAIN)
    deliver_mail({"Records": stage.take("mail")})
    count_events({"Records": stage.take("insights")})
    consumers = flowing()["consumers"]
    assert consumers["webhooks"]["outcomes"] == {"delivered": 1, "failed": 1}
    assert (consumers["webhooks"]["events"], consumers["webhooks"]["average_milliseconds"]) == (1, 5000)
    assert (consumers["mail"]["events"], consumers["mail"]["outcomes"]) == (1, {"sent": 1})


def test_the_flow_is_of_this_hour_and_the_one_before(flowing):
    consume(event(1))
    clock.tick(minutes=119)
    assert flowing()["published"]["events"] == 1
    clock.tick(minutes=1)
    body = flowing()
    assert body["published"]["events"] == 0
    assert body["consumers"]["insights"]["events"] == 0


def test_of_more_than_it_looks_at_it_says_that_there_were_more(flowing):
    history().record([event(number) for number in range(20)], 365)
    parts, complete = flow.events.recently_recorded("2026-03-01T11:00:00.000Z", 3)
    assert not complete
    assert 3 <= len(parts) <= 12
    assert flowing()["published"] == {"events": 20, "complete": True, "types": {"user.registered": 20}}


def test_the_flow_is_for_staff(aws):
    api = ApiClient(routes)
    assert api.call("GET", "/insights/flow").status == 401
    api.sign_in("U1")
    assert api.call("GET", "/insights/flow").status == 403
