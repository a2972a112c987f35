"""Looking people up: one index for each query, and cursors that hold."""

from __future__ import annotations

import pytest

from chalicelib.accounts.routes import accounts as routes
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.directory.routes import directory
from tests.builders import a_user
from tests.cloudlike import stage
from tests.conftest import NOW
from tests.functional.apps import ApiClient

PEOPLE = [
    ("U1", "Ada Lovelace", 36, []),
    ("U2", "Adam Smith", 41, ["support"]),
    ("U3", "ÅDA Nilsson", 41, ["admin", "support"]),
    ("U4", "Grace Hopper", 41, []),
    ("U5", "Alan Turing", 42, ["support"]),
    ("U6", None, 41, ["editor"]),
    ("U7", "Adele", None, ["editor"]),
    ("U8", "Zoe", None, []),
]
"""One a day, from 1 March 2026 on."""


@pytest.fixture(scope="module")
def people():
    """One stage for all that only look."""
    with stage(), clock.held(NOW):
        for user_id, name, age, roles in PEOPLE:
            fields = {"name": name, "age": age, "roles": roles, "metadata": {"n": user_id}}
            a_user(id=user_id, email=f"{user_id}@maths.example", **fields)
            clock.tick(days=1)
        yield


@pytest.fixture
def api(people):
    client = ApiClient(routes, directory)
    client.sign_in("ROOT", "admin")
    return client


def found(api, query: str) -> list[str]:
    answer = api.call("GET", f"/users?{query}")
    assert answer.status == 200, answer
    return [person["id"] for person in answer.body["items"]]


NARROWED = {
    "age=41": ["U2", "U3", "U4", "U6"],
    "age=7": [],
    "min_age=41&max_age=42": ["U2", "U3", "U4", "U6", "U5"],
    "name=ad": ["U1", "U2", "U7"],
    "name=ADA%20": ["U1", "U2"],
    "name=a%CC%8Ada": ["U3"],
    "name=zz": [],
    "name=ad&min_age=40&max_age=45": ["U2"],
    "name=ad&age=36": ["U1"],
    "email=u4%40MATHS.example": ["U4"],
    "email=u4%40maths.example&age=41": ["U4"],
    "email=u4%40maths.example&age=42": [],
    "email=u4%40maths.example&name=gr": ["U4"],
    "email=u6%40maths.example&name=gr": [],
    "email=u7%40maths.example&max_age=99": [],
    "email=nobody%40maths.example": [],
    "email=u2%40maths.example&role=support": ["U2"],
    "email=u2%40maths.example&role=admin": [],
    "email=u2%40maths.example&created_after=2026-03-02T12:00:00Z": ["U2"],
    "email=u2%40maths.example&created_before=2026-03-02T12:00:00Z": [],
    "name=ad&role=support": ["U2"],
    "name=ad&role=editor&created_after=2026-03-07T00:00:00Z": ["U7"],
    "name=ad&created_before=2026-03-02T00:00:00Z": ["U1"],
    "name=ad&age=41&role=admin": [],
    "age=41&role=support": ["U2", "U3"],
    "age=41&created_after=2026-03-04T00:00:00Z&created_before=2026-03-07T00:00:00Z": ["U4", "U6"],
    "min_age=41&max_age=42&role=support&created_after=2026-03-03T00:00:00Z": ["U3", "U5"],
}

BY_SHARD = {
    "role=support": ["U2", "U3", "U5"],
    "role=admin": ["U3"],
    "role=nobody": [],
    "role=editor&created_after=2026-03-06T12:00:00Z": ["U6", "U7"],
    "role=support&created_before=2026-03-03T12:00:00Z": ["U2"],
    "created_after=2026-03-01T12:00:00Z": [person[0] for person in PEOPLE],
    "created_after=2026-03-07T13:00:00%2B01:00": ["U7", "U8"],
    "created_after=2026-03-07T12:00:00.001Z": ["U8"],
    "created_before=2026-03-02T12:00:00Z": ["U1"],
    "created_before=2026-03-02T12:00:00.001Z": ["U1", "U2"],
    "created_after=2026-03-02T00:00:00Z&created_before=2026-03-05T00:00:00Z": ["U2", "U3", "U4"],
    "created_before=2020-01-01T00:00:00Z": [],
    "created_before=0001-01-01T00:00:00Z": [],
    "created_before=9999-12-31T23:59:59.999Z": [person[0] for person in PEOPLE],
}
"""Listed shard by shard, so in no order over all."""


@pytest.mark.slow
def test_people_are_found_by_one_index_and_narrowed_by_the_rest(api):
    for query, expected in NARROWED.items():
        with telemetry.recording() as record:
            assert found(api, query) == expected, query
        assert set(record.names) <= {"Query", "GetItem"}, query
        assert len(record.names) <= 5, query


@pytest.mark.slow
def test_people_are_found_by_role_and_creation_in_four_index_pages(api):
    for query, expected in BY_SHARD.items():
        with telemetry.recording() as record:
            assert sorted(found(api, query)) == expected, query
        assert len(record.of("Query")) == 4, query
        assert set(record.names) <= {"Query", "BatchGetItem"}, query


def test_a_list_by_one_age_is_one_query(api):
    with telemetry.recording() as record:
        found(api, "age=41")
    assert record.names == ["Query"]


def pages(api, query: str) -> list[list[str]]:
    """The ids of every page of a list."""
    found_on, cursor = [], ""
    while cursor is not None:
        answer = api.call("GET", f"/users?{query}" + (f"&cursor={cursor}" if cursor else ""))
        found_on.append([person["id"] for person in answer.body["items"]])
        cursor = answer.body["next"]
    return found_on


@pytest.mark.slow
def test_pages_follow_each_other_without_gap_or_repeat(api):
    for query, everyone in {
        "age=41": NARROWED["age=41"],
        "name=ad": NARROWED["name=ad"],
        "min_age=36&max_age=42": ["U1", *NARROWED["min_age=41&max_age=42"]],
        "age=41&role=support": NARROWED["age=41&role=support"],
        "name=ad&role=support": NARROWED["name=ad&role=support"],
        "role=support": BY_SHARD["role=support"],
        "created_after=2026-03-01T00:00:00Z": [person[0] for person in PEOPLE],
    }.items():
        for limit in (1, 2, 50):
            found_on = pages(api, f"{query}&limit={limit}")
            listed = [user_id for page in found_on for user_id in page]
            assert (sorted(listed) if "created" in query or query in BY_SHARD else listed) == everyone
            assert max(len(page) for page in found_on) <= limit


def test_a_page_may_be_short_while_more_follow(api):
    with telemetry.recording() as record:
        answer = api.call("GET", "/users?min_age=0")
    assert (answer.body["items"], len(record.of("Query"))) == ([], 5)
    assert answer.body["next"]


def test_a_cursor_holds_for_its_list_and_caller_only(api):
    cursor = api.call("GET", "/users?age=41&limit=1").body["next"]
    assert api.call("GET", f"/users?age=41&cursor={cursor}").status == 200
    assert api.call("GET", f"/users?age=42&cursor={cursor}").status == 422
    assert api.call("GET", f"/users?age=41&role=support&cursor={cursor}").status == 422
    assert api.call("GET", "/users?age=41&cursor=made-up").status == 422
    api.sign_in("OTHER", "admin")
    assert api.call("GET", f"/users?age=41&cursor={cursor}").status == 422


def test_a_query_that_no_index_answers_is_refused_with_every_wrong_field(api):
    assert api.call("GET", "/users").status == 422
    answer = api.call("GET", "/users?age=old&limit=0&shoe_size=44")
    assert {error["field"] for error in answer.body["errors"]} == {"age", "limit", "shoe_size"}
    answer = api.call("GET", "/users?role=Admin&created_after=yesterday&created_before=2026-03-01")
    assert {error["field"] for error in answer.body["errors"]} == {"role", "created_after", "created_before"}
    turned = "created_after=2026-03-02T00:00:00Z&created_before=2026-03-02T00:00:00Z"
    assert api.call("GET", f"/users?{turned}").status == 422


def test_support_reads_without_metadata_and_changes_nothing(api):
    api.sign_in("HELP", "support")
    answer = api.call("GET", "/users/U1")
    assert (answer.status, answer.body.get("metadata")) == (200, None)
    assert all("metadata" not in person for person in api.call("GET", "/users?age=41").body["items"])
    for method, path, body in [
        ("PATCH", "/users/U1", {"name": "X"}),
        ("DELETE", "/users/U1", None),
        ("PUT", "/users/U1/roles", {"roles": ["admin"]}),
        ("POST", "/users/U1/disable", None),
        ("POST", "/users/U1/enable", None),
    ]:
        assert api.call(method, path, body).status == 403


def test_others_look_nobody_up(api):
    api.sign_in("U1")
    for path in ("/users?age=41", "/users/U1", "/users/U2"):
        assert api.call("GET", path).status == 403


def test_a_person_is_read_and_changed_with_metadata_by_administrators(api):
    answer = api.call("GET", "/users/U8")
    assert (answer.body["metadata"], answer.headers["ETag"]) == ({"n": "U8"}, '"1"')
    patch = {"metadata": {"n": None, "plan": "pro"}, "birthdate": "1990-12-10"}
    changed = api.call("PATCH", "/users/U8", patch, If_Match='"1"')
    assert (changed.status, changed.body["metadata"], changed.body["age"]) == (200, {"plan": "pro"}, 35)
    assert api.call("PATCH", "/users/U8", patch, If_Match='"1"').status == 412
    assert api.call("GET", "/users/NOBODY").status == 404
    assert api.call("PATCH", "/users/NOBODY", {"name": "X"}).status == 404
