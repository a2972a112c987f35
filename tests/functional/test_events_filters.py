"""The feed and a person's history by time and by several types."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.events.routes import events as routes
from chalicelib.events.store import SEARCH_ROWS, SEARCHED, history
from tests.conftest import NOW
from tests.functional.apps import ApiClient
from tests.functional.test_events_feed import happened, record

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def api(aws):
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


def at(minutes):
    return clock.timestamp(NOW + timedelta(minutes=minutes))


def ids(reply):
    assert reply.status == 200
    return [item["id"] for item in reply.body["items"]]


def test_a_feed_begins_and_ends_where_it_is_asked_to(api):
    recorded = []
    for number in range(6):
        recorded.append(record(number, "user.deleted" if number % 2 else "user.updated"))
        clock.tick(minutes=1)
    query = f"/events?from={at(1)}&to={at(4)}"
    reply = api.call("GET", query)
    assert ids(reply) == recorded[1:4]
    assert reply.body["at_end"] is True
    assert ids(api.call("GET", f"{query}&type=user.deleted,item.changed")) == [recorded[1], recorded[3]]
    first = api.call("GET", f"{query}&limit=2")
    assert (ids(first), first.body["at_end"]) == (recorded[1:3], False)
    rest = api.call("GET", f"/events?to={at(4)}&after={first.body['next']}")
    assert (ids(rest), rest.body["at_end"]) == (recorded[3:4], True)
    assert api.call("GET", f"/events?after={at(0)}").body["at_end"] is False


@pytest.mark.slow
def test_a_feed_that_ends_later_than_now_is_not_at_its_end(api):
    record(1)
    clock.tick(minutes=1)
    assert api.call("GET", f"/events?to={at(9)}").body["at_end"] is False


def test_a_history_is_of_a_time_and_of_some_types(api):
    for number in range(6):
        history().record([happened(number, "user.deleted" if number % 2 else "user.updated")], 365)
        clock.tick(minutes=1)
    path = "/users/U1/history"
    assert ids(api.call("GET", f"{path}?from={at(1)}&to={at(4)}")) == [f"users:U1:{n}:0" for n in (3, 2, 1)]
    assert ids(api.call("GET", f"{path}?type=user.deleted")) == [f"users:U1:{n}:0" for n in (5, 3, 1)]
    first = api.call("GET", f"{path}?type=user.deleted&limit=2")
    assert ids(first) == ["users:U1:5:0", "users:U1:3:0"]
    second = api.call("GET", f"{path}?type=user.deleted&limit=2&cursor={first.body['next']}")
    assert (ids(second), second.body["next"]) == (["users:U1:1:0"], None)
    assert api.call("GET", f"{path}?type=user.updated&limit=2&cursor={first.body['next']}").status == 422


@pytest.mark.slow
def test_a_rare_type_is_looked_for_page_by_page(api):
    history().record([happened(0, "user.deleted")], 365)
    clock.tick(seconds=1)
    for start in range(1, SEARCHED * SEARCH_ROWS + 1, 25):
        history().record([happened(number) for number in range(start, start + 25)], 365)
    reply = api.call("GET", "/users/U1/history?type=user.deleted")
    assert (ids(reply), bool(reply.body["next"])) == ([], True)
    assert ids(api.call("GET", f"/users/U1/history?type=user.deleted&cursor={reply.body['next']}")) == [
        "users:U1:0:0"
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("type=user.updated,nonsense", "type"),
        ("type=", "type"),
        ("type=" + ",".join(["user.updated"] * 21), "type"),
        ("from=yesterday", "from"),
        ("to=2026", "to"),
    ],
)
@pytest.mark.parametrize("path", ["/events", "/users/U1/history"])
def test_what_is_no_filter_is_refused(api, path, query, field):
    reply = api.call("GET", f"{path}?{query}")
    assert reply.status == 422
    assert [error["field"] for error in reply.body["errors"]] == [field]


def test_a_feed_has_one_beginning(api):
    assert api.call("GET", f"/events?from={at(0)}&after={at(0)}").status == 422
