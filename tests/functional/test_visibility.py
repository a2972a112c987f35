"""Support sees of a person what the directory shows it, in whatever representation: history, too, and the past."""

from __future__ import annotations

import pytest

from app import app as served
from chalicelib.core import clock
from chalicelib.core.http.declarations import SUPPORT, routes_of
from chalicelib.events.change import events_of
from chalicelib.events.history import record_history
from tests.builders import a_user
from tests.functional.apps import ApiClient, blueprints
from tests.functional.streams import queue_event
from tests.unit.events.images import URL

SECRET = "canary-metadata"
VALUE = "canary-value"


@pytest.fixture
def api(aws, held_clock):
    """Somebody whose metadata were changed and who wrote an item, both of which history tells."""
    client = ApiClient(*blueprints())
    before = a_user(id="U1", email="ada@maths.example", name="Ada", metadata={"note": SECRET}, roles=["editor"])
    held_clock.tick(minutes=1)
    client.sign_in("ROOT", "admin")
    assert client.call("PATCH", "/users/U1", {"metadata": {"note": "other"}, "name": "Ida"}).status == 200
    after = next(row for row in aws.rows("users") if row["id"] == "U1")
    item = {
        "user_id": "U1",
        "item_key": "k",
        "version": 1,
        "updated_at": clock.timestamp(),
        "at": clock.timestamp(),
        "size": 14,
        "sha256": "0" * 64,
        "value": f'"{VALUE}"',
    }
    happened = [
        *events_of("users", None, {**before, "legacy_hash": "bcrypt"}, False, public_url=URL),
        *events_of("users", before, after, False, public_url=URL),
        *events_of("items", None, item, False, public_url=URL),
    ]
    record_history(queue_event("history", happened))
    held_clock.tick(minutes=5)
    return client


def read_by_support() -> list[str]:
    return [
        route.path for route in routes_of(served) if route.method == "GET" and route.declaration.who == SUPPORT
    ]


def history(api: ApiClient) -> dict:
    """The data of the person's events, by type."""
    return {event["type"]: event["data"] for event in api.call("GET", "/users/U1/history").body["items"]}


@pytest.mark.slow
def test_support_finds_in_no_representation_what_the_directory_hides(api):
    then = "?at=2026-03-01T12:00:30Z"
    paths = [path.replace("{user_id}", "U1") for path in read_by_support()]
    assert "/users/U1/history" in paths
    for path in (*paths, f"/users/U1{then}", "/users?email=ada@maths.example"):
        api.sign_in("HELP", "support")
        shown = str(api.call("GET", path).body)
        assert [word for word in (SECRET, VALUE, "bcrypt", "metadata") if word in shown] == [], path
    api.sign_in("ROOT", "admin")
    assert api.call("GET", f"/users/U1{then}").body["metadata"] == {"note": SECRET}


def test_support_reads_in_history_what_it_may_see(api):
    api.sign_in("HELP", "support")
    told = history(api)
    assert told["item.changed"].keys() == {"key", "at", "size", "sha256"}
    assert (told["user.updated"]["changed"], told["user.updated"]["previous"]["name"]) == (["name"], "Ada")
    assert told["user.registered"]["user"]["roles"] == ["editor"]


def test_administrators_read_all_of_it(api):
    api.sign_in("ROOT", "admin")
    told = history(api)
    assert told["item.changed"]["value"] == VALUE
    assert told["user.updated"]["changed"] == ["name", "metadata"]
    assert told["user.updated"]["previous"]["metadata"] == {"note": SECRET}
    assert told["user.registered"]["legacy_hash"]["after"] == "bcrypt"
