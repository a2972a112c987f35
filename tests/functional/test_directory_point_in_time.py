"""A person as they were at a time, from the directory: by their record and their history."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from chalicelib.accounts import removal
from chalicelib.accounts.routes import accounts as routes
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.directory.routes import directory
from chalicelib.events.history import record_history
from chalicelib.events.stream_changes import publish_changes
from tests.builders import a_user
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.streams import stream_event

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def api(aws):
    """An administrator's client of a stage whose history consumes what is published."""
    topic_messages(aws, "history")
    client = ApiClient(routes, directory)
    client.sign_in("A1", "admin")
    return client


@pytest.fixture
def life(aws, api):
    """Ada, who changed three times: the moment of each of her versions."""
    person = a_user(id="U1", email="ada@mail.example", name="Ada", metadata={"plan": "tin"})
    moments = [clock.timestamp()]
    publish(aws, None, person)
    for method, path, body in (
        ("PATCH", "/users/U1", {"name": "Ada L.", "age": 36, "metadata": {"plan": "gold"}}),
        ("PUT", "/users/U1/roles", {"roles": ["support"]}),
        ("POST", "/users/U1/disable", None),
    ):
        clock.tick(minutes=10)
        before = people().get("U1")
        api.sign_in("A1", "admin")
        assert api.call(method, path, body).status == 200
        publish(aws, before, people().get("U1"))
        moments.append(clock.timestamp())
    clock.tick(minutes=10)
    return moments


def publish(aws, old, new):
    publish_changes("users", stream_event("users", (old, new)))
    record_history({"Records": aws.take("history")})


@pytest.mark.slow
def test_a_person_is_shown_as_they_were_at_each_time(api, life):
    now = api.call("GET", "/users/U1").body
    first, second, third, fourth = (api.call("GET", f"/users/U1?at={moment}").body for moment in life)
    assert fourth == now
    assert third == {**fourth, "status": "active", "version": 3, "updated_at": life[2]}
    assert second == {**third, "roles": [], "version": 2, "updated_at": life[1]}
    tin = {"name": "Ada", "age": None, "metadata": {"plan": "tin"}}
    assert first == {**second, **tin, "version": 1, "updated_at": life[0]}


@pytest.mark.slow
def test_a_time_with_another_offset_is_the_same_time(api, life):
    shown = api.call("GET", "/users/U1?at=2026-03-01T14:15:00.5%2B02:00")
    assert (shown.body["name"], shown.headers["ETag"]) == ("Ada L.", '"2"')


@pytest.mark.slow
def test_support_sees_it_without_metadata(api, life):
    api.sign_in("S1", "support")
    shown = api.call("GET", f"/users/U1?at={life[0]}").body
    assert (shown["name"], shown["version"]) == ("Ada", 1)
    assert "metadata" not in shown


@pytest.mark.slow
def test_it_costs_one_read_and_one_query_and_no_query_where_nothing_changed_since(api, life):
    with telemetry.recording() as seen:
        api.call("GET", f"/users/U1?at={life[0]}")
    assert seen.names == ["GetItem", "Query"]
    with telemetry.recording() as seen:
        api.call("GET", f"/users/U1?at={life[-1]}")
    assert seen.names == ["GetItem"]


@pytest.mark.slow
def test_nobody_was_there_before_they_came(api, life):
    assert api.call("GET", "/users/U1?at=2026-03-01T11:59:59Z").status == 404
    assert api.call("GET", f"/users/U2?at={life[0]}").status == 404


@pytest.mark.slow
def test_history_that_is_over_is_gone(api, life):
    clock.tick(days=365)
    assert api.call("GET", f"/users/U1?at={life[3]}").status == 410
    assert api.call("GET", "/users/U1?at=2026-03-01T11:59:59Z").status == 404


@pytest.mark.slow
def test_who_was_deleted_is_gone_for_the_time_before_and_not_there_after(aws, api, life):
    person = people().get("U1")
    removal.remove(person)
    publish(aws, person, people().get_or_tombstone("U1"))
    assert api.call("GET", f"/users/U1?at={life[1]}").status == 410
    assert api.call("GET", f"/users/U1?at={clock.timestamp()}").status == 404


@pytest.mark.slow
def test_a_change_that_history_lacks_is_waited_for_and_then_gone(aws, api, life):
    before = people().get("U1")
    api.sign_in("A1", "admin")
    api.call("PATCH", "/users/U1", {"name": "A."})
    changed = people().get("U1")
    waiting = api.call("GET", f"/users/U1?at={life[1]}")
    assert (waiting.status, waiting.headers["Retry-After"]) == (503, "10")
    clock.tick(minutes=3)
    assert api.call("GET", f"/users/U1?at={life[1]}").status == 410
    publish(aws, before, changed)
    assert api.call("GET", f"/users/U1?at={life[1]}").body["name"] == "Ada L."


@pytest.mark.slow
def test_what_else_happened_to_a_person_is_not_undone_from(aws, api, life):
    """An item's events are in the same history, under versions of their own."""
    stored = {"user_id": "U1", "item_key": "#users:", "value": "1", "size": 1, "sha256": "00", "at": "T"}
    stamps = {"version": 2, "updated_at": clock.timestamp(), "created_at": life[0]}
    clients.table("items").put({**stored, **stamps})
    publish_changes("items", stream_event("items", (None, {**stored, **stamps})))
    record_history({"Records": aws.take("history")})
    assert api.call("GET", f"/users/U1?at={life[0]}").body["name"] == "Ada"


@pytest.mark.slow
def test_the_link_in_place_of_data_above_16_kb_leads_staff_to_the_person_as_the_change_left_them(aws, api):
    """And nobody else. What was before, the event does not tell, so neither does anybody."""
    before = a_user(id="import/7#a", name="Ada", attributes={"a": "x" * 8100}, metadata={"m": "y" * 8100})
    publish(aws, None, before)
    clock.tick(minutes=10)
    path = f"/users/{quote(before['id'], safe='')}"
    api.sign_in("A1", "admin")
    api.call("PATCH", path, {"attributes": {"a": "z" * 8100}, "metadata": {"m": "changed"}})
    second = people().get(before["id"])
    publish(aws, before, second)
    clock.tick(minutes=10)
    api.sign_in("A1", "admin")
    api.call("PATCH", path, {"name": "A."})
    publish(aws, second, people().get(before["id"]))
    (data,) = (json.loads(row["event"])["data"] for row in aws.rows("history") if ":2:" in row["at"])
    assert (data["data_omitted"], data["reason"]) == (True, "size")
    link = data["link"].removeprefix("https://rollcall.example")
    shown = api.call("GET", link).body
    assert (shown["version"], shown["name"], shown["metadata"]) == (2, "Ada", {"m": "changed"})
    assert api.call("GET", f"{path}?at={before['updated_at']}").status == 410
    api.sign_out()
    assert api.call("GET", link).status == 401


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-03-01T12:00:00", "2026-03-01T12:00:01Z", "9999-12-31T23:59:59Z", ""]
)
def test_what_is_no_time_in_the_past_is_refused(api, moment):
    answer = api.call("GET", f"/users/U1?at={moment}")
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "at")


def test_it_is_for_staff(aws):
    api = ApiClient(routes, directory)
    assert api.call("GET", "/users/U1?at=2026-03-01T11:00:00Z").status == 401
    api.sign_in("U1")
    assert api.call("GET", "/users/U1?at=2026-03-01T11:00:00Z").status == 403
