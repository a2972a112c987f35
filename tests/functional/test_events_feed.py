"""A reader who follows the feed sees every event once, in one order, however it arrives and whenever they stop."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.events.feed import BEHIND, SEARCHED_PAGES, horizon, read
from chalicelib.events.routes import events as routes
from chalicelib.events.store import history
from tests.conftest import NOW
from tests.functional.apps import ApiClient
from tests.unit.events.images import URL

pytestmark = pytest.mark.usefixtures("held_clock")


def happened(number, kind="user.updated", subject="U1"):
    return {
        "specversion": "1.0",
        "id": f"users:{subject}:{number}:0",
        "source": URL,
        "type": kind,
        "subject": subject,
        "time": clock.timestamp(),
        "datacontenttype": "application/json",
        "dataschema": f"{URL}/events/schemas/{kind}/1",
        "sequence": f"{number:012d}",
        "data": {},
    }


def record(number, kind="user.updated", subject="U1"):
    event = happened(number, kind, subject)
    history().record([event], 365)
    return event["id"]


@pytest.fixture
def reader():
    """An administrator's client, without any AWS."""
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


@pytest.fixture
def api(aws, reader):
    return reader


START = clock.timestamp(NOW)


def follow(api, after=START, query="limit=7"):
    """All pages from a position to the present: the ids read, and the position to go on from."""
    seen, position = [], after
    while True:
        answer = api.call("GET", f"/events?{query}&after={position}")
        assert answer.status == 200, answer.body
        seen += [event["id"] for event in answer.body["items"]]
        if answer.body["next"] == position:
            return seen, position
        position = answer.body["next"]


@pytest.mark.slow
def test_a_reader_who_stops_and_resumes_sees_all_in_the_order_of_recording(api):
    chance = random.Random(4)
    recorded, seen, position = [], [], START
    for number in range(36):
        clock.tick(seconds=chance.choice([0, 0.001, 1, 30, 3600, 9000]))
        recorded.append((clock.timestamp(), record(number, subject=f"U{chance.randrange(9)}")))
        if chance.random() < 0.1:
            read_now, position = follow(api, position)
            seen += read_now
    clock.tick(seconds=60)
    read_now, position = follow(api, position)
    seen += read_now
    assert seen == [event_id for _, event_id in sorted(recorded)]
    assert follow(api, position) == ([], position)


def test_events_that_come_late_or_twice_are_read_once_and_not_missed(api):
    late, again = happened(1), happened(2)
    clock.tick(hours=2)
    history().record([again], 365)
    clock.tick(seconds=20)
    seen, position = follow(api)
    assert seen == ["users:U1:2:0"]
    history().record([late], 365)
    history().record([again], 365)
    clock.tick(seconds=20)
    assert follow(api, position)[0] == ["users:U1:1:0"]


def test_the_present_is_read_when_it_has_settled(api):
    record(1)
    clock.tick(seconds=BEHIND.total_seconds() - 0.001)
    seen, position = follow(api)
    assert seen == []
    clock.tick(seconds=0.002)
    assert follow(api, position)[0] == ["users:U1:1:0"]


@pytest.mark.slow
@pytest.mark.parametrize("minute", [0, 59])
def test_no_event_falls_between_two_hours(api, minute):
    clock.tick(minutes=minute, seconds=59)
    ids = []
    for number in range(24):
        clock.tick(milliseconds=90)
        ids.append(record(number))
    clock.tick(seconds=20)
    assert follow(api)[0] == ids


@pytest.mark.slow
def test_a_quiet_time_is_crossed_in_short_pages(api):
    record(1)
    clock.tick(hours=SEARCHED_PAGES + 8)
    record(2)
    clock.tick(seconds=20)
    start = clock.timestamp(NOW - timedelta(minutes=1))
    first = api.call("GET", f"/events?after={start}").body
    assert [event["id"] for event in first["items"]] == ["users:U1:1:0"]
    assert follow(api, start)[0] == ["users:U1:1:0", "users:U1:2:0"]


@pytest.mark.slow
def test_who_brings_no_position_begins_a_day_ago(api):
    record(1)
    clock.tick(hours=23)
    record(2)
    clock.tick(minutes=59)
    ids = [event["id"] for event in api.call("GET", "/events").body["items"]]
    assert ids == ["users:U1:1:0", "users:U1:2:0"]
    clock.tick(minutes=5)
    assert [event["id"] for event in api.call("GET", "/events").body["items"]] == ["users:U1:2:0"]


@pytest.mark.slow
def test_a_filtered_feed_has_only_those_and_all_of_them(api):
    kinds = ["user.updated", "session.started", "item.changed"]
    for number in range(36):
        clock.tick(seconds=1)
        record(number, kinds[number % 3], f"U{number % 2}")
    clock.tick(seconds=20)
    assert len(follow(api, query="limit=7&type=session.started")[0]) == 12
    assert len(follow(api, query="limit=50&user=U1")[0]) == 18
    both, _ = follow(api, query="type=item.changed&user=U0")
    assert both == [f"users:U0:{number}:0" for number in range(36) if number % 3 == 2 and number % 2 == 0]


@pytest.mark.slow
def test_a_page_of_rows_larger_than_one_answer_loses_none(aws):
    filler = {"attributes": "x" * 15_000}
    for number in range(90):
        clock.tick(milliseconds=1)
        history().record([{**happened(number), "data": filler}], 365)
    clock.tick(seconds=20)
    position, seen = clock.timestamp(NOW), []
    while position < horizon():
        found = read(history(), position, horizon(), limit=200)
        seen += [row["at"] for row in found.rows]
        position = found.position
    assert len(seen) == len(set(seen)) == 90


@pytest.mark.parametrize(
    "after",
    ["nonsense", "MjAyNg", "2026-03-01T12:00:00", "0001-01-01T00:00:00%2B14:00", "MjAyNi0wMy0wMVQxMjowMDowMFo"],
)
def test_what_is_no_position_is_refused(reader, after):
    answer = reader.call("GET", f"/events?after={after}")
    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "after"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "type=user.exploded", "before=now"])
def test_a_wrong_query_is_refused(reader, query):
    assert reader.call("GET", f"/events?{query}").status == 422


@pytest.mark.slow
@pytest.mark.parametrize("after", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_any_time_is_a_position(api, after):
    assert api.call("GET", f"/events?after={after}").status == 200


def test_the_feed_is_for_administrators():
    api = ApiClient(routes)
    api.sign_in("U1", "support")
    assert api.call("GET", "/events").status == 403
