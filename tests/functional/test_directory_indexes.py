"""What the indexes of the directory hold, as people come, change and go, and where there are many."""

from __future__ import annotations

import pytest

from chalicelib.accounts import changed
from chalicelib.accounts.routes import accounts as routes
from chalicelib.core.aws import telemetry
from chalicelib.directory.routes import directory
from tests.builders import a_person, a_user
from tests.functional.apps import ApiClient

pytestmark = pytest.mark.usefixtures("held_clock")

SINCE = "created_after=2026-03-01T00:00:00Z"


@pytest.fixture
def api(aws):
    client = ApiClient(routes, directory)
    client.sign_in("ROOT", "admin")
    return client


def found(api, query: str) -> list[str]:
    answer = api.call("GET", f"/users?{query}")
    assert answer.status == 200, answer
    return [person["id"] for person in answer.body["items"]]


def pages(api, query: str) -> list[list[str]]:
    found_on, cursor = [], ""
    while cursor is not None:
        answer = api.call("GET", f"/users?{query}" + (f"&cursor={cursor}" if cursor else ""))
        found_on.append([person["id"] for person in answer.body["items"]])
        cursor = answer.body["next"]
    return found_on


def test_who_loses_a_role_or_goes_is_found_no_more(api):
    a_user(id="ROOT", roles=["admin"])
    a_user(id="U1", roles=["support"])
    assert found(api, "role=support") == ["U1"]
    assert api.call("PUT", "/users/U1/roles", {"roles": ["editor"]}).status == 200
    assert (found(api, "role=support"), found(api, "role=editor")) == ([], ["U1"])
    assert api.call("PUT", "/users/U1/roles", {"roles": []}).status == 200
    assert found(api, "role=editor") == []
    assert sorted(found(api, SINCE)) == ["ROOT", "U1"]
    assert api.call("DELETE", "/users/U1").status == 202
    assert found(api, SINCE) == ["ROOT"]


def test_only_who_has_roles_is_in_the_index_of_roles():
    assert "roles_shard" not in a_person(id="U1")
    person = a_person(id="U1", roles=["support"])
    assert person["roles_shard"] == person["created_shard"] == changed(person, {"name": "A"})["roles_shard"]
    assert "roles_shard" not in changed(person, {"roles": []})
    before = {name: value for name, value in a_person(id="U1").items() if name != "created_shard"}
    assert changed(before, {})["created_shard"] == person["created_shard"]


def test_people_are_spread_over_the_shards():
    assert {a_person()["created_shard"] for _ in range(200)} == {"0", "1", "2", "3"}


@pytest.fixture
def many(aws):
    """150 people of one age and time, of whom every fiftieth has a role."""
    people = [a_user(id=f"U{n:03}", age=41, roles=["support"] if n % 50 == 7 else []) for n in range(150)]
    return [person["id"] for person in people], [person["id"] for person in people if person["roles"]]


@pytest.mark.slow
def test_the_rare_ones_among_many_are_found_in_few_pages_of_no_more_than_the_limit(api, many):
    everyone, entitled = many
    with telemetry.recording() as record:
        assert found(api, "age=41&role=support&limit=3") == entitled
    assert len(record.of("Query")) == 1
    assert pages(api, "age=41&role=support&limit=1")[:3] == [[user_id] for user_id in entitled]
    by_time = pages(api, f"{SINCE}&limit=60")
    assert max(map(len, by_time)) <= 60
    assert sorted(user_id for page in by_time for user_id in page) == everyone
    with telemetry.recording() as record:
        found(api, f"{SINCE}&limit=200")
    assert [name for name in record.names if name != "GetSecretValue"] == ["Query", "BatchGetItem"] * 4
