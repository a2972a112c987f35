"""JSON objects around the array of people: the answers of other systems' APIs, and pages of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import Row, json_wrapped, open_rows
from chalicelib.imports.notes import Notes, shown

ALLOWED = frozenset(COLUMNS["users"])
KRATOS = {"id": "7", "traits": {"email": "a@b.example"}}
FIREBASE = {"localId": "7", "email": "a@b.example"}
AUTH0 = {"user_id": "auth0|7", "identities": [{"provider": "auth0", "user_id": "7"}]}


def opened(data: bytes, size: int = 1 << 20):
    return open_rows(iter([data[start : start + size] for start in range(0, len(data), size)]), ALLOWED)


def values(data: bytes, size: int = 1 << 20) -> list:
    return [json.loads(row.text) for row in opened(data, size).rows]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_the_members_around_the_people_are_passed_over(indent, size):
    listing = {
        "realm": 'a "realm": [', "roles": [{"users": [1]}], "none": [], "client": {"x": "]}"},
        "users": [FIREBASE, {"localId": "8"}], "next": None,
    }  # fmt: skip
    found = opened(json.dumps(listing, indent=indent).encode(), size)
    assert (found.format, found.system) == ("Firebase, JSON", "Firebase")
    assert [json.loads(row.text) for row in found.rows] == listing["users"]
    assert {note["name"] for note in shown(found.notes.stored())} == {"roles", "none", "client"}


@pytest.mark.parametrize("name", ["users", "Users", "value", "Resources"])
def test_several_systems_name_the_array_in_their_own_way(name):
    assert values(json.dumps({"a": 1, name: [FIREBASE]}).encode()) == [FIREBASE]


def test_kratos_lists_identities_with_more_members():
    found = opened(json.dumps({"identities": [KRATOS], "next_page_token": "x"}).encode())
    assert found.system == "Kratos"
    assert len(list(found.rows)) == 1


def test_a_row_that_has_identities_itself_is_no_wrapper():
    found = opened("\n".join(json.dumps(AUTH0) for _ in range(3)).encode())
    assert (found.format, len(list(found.rows))) == ("Auth0, JSON lines", 3)


@pytest.mark.parametrize("between", ["", "\n", "\r\n\r\n"])
def test_pages_after_each_other_are_one_listing(between):
    pages = between.join(json.dumps({"users": [FIREBASE], "next": n}, indent=n or None) for n in range(3))
    assert values(pages.encode(), 5) == [FIREBASE] * 3


def test_lines_are_those_of_the_file():
    data = (
        b'{\n"a": "\\n",\n"users": [\n{"localId": "1"},\n{"localId":\n"2"}\n]\n}\n\n{"users":\n[{"localId": "3"}]}'
    )
    assert list(opened(data).rows) == [
        Row(4, b'{"localId": "1"}'),
        Row(5, b'{"localId":"2"}'),
        Row(11, b'{"localId": "3"}'),
    ]


@pytest.mark.slow
def test_much_may_come_before_the_people():
    data = json.dumps({"clients": [{"id": "x" * 1000}] * 500, "users": [FIREBASE]}).encode()
    assert values(data, 4096) == [FIREBASE]


def test_one_long_row_is_a_row():
    row = {"name": "Ann", "attributes": {"text": "x" * 70_000}}
    assert values(json.dumps(row).encode()) == [row]


JSON = st.recursive(st.none() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=2)
                    | st.dictionaries(st.text(max_size=5), inner, max_size=2), max_leaves=5)  # fmt: skip


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3), st.integers(1, 30))
def test_no_member_beside_them_disturbs(others, size):
    listing = {**{f"x{name}": value for name, value in others.items()}, "users": [FIREBASE]}
    assert values(json.dumps(listing).encode(), size) == [FIREBASE]


def test_what_is_kept_of_the_members_around_has_an_end():
    seen = json_wrapped.Outside(Notes())
    assert seen.find(b"{" + b",".join(b'"m%d": []' % number for number in range(2000)) + b"}") is None
    assert len(seen.members) == json_wrapped.MOST_MEMBERS
