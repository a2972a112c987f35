"""Names that people can see, at every door that takes one."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.importing import StateMachines
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

UNSEEN = ["\u200b", "\u3164", "\u2800", "\u00ad", "\u200d", "\ufe0f", "\U000e0041", "A\u202eda"]
SEEN = ["\u0646\u0631\u06af\u0633\u200c\u062e\u0627\u062a\u0648\u0646", "\U0001f469\u200d\U0001f52c", "\u674e"]


def refused(answer) -> bool:
    return answer.status == 422 and [error["field"] for error in answer.body["errors"]] == ["name"]


@pytest.mark.slow
@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_that_nobody_can_see_is_refused_at_every_door(aws, name):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    a_user(id="U1", email="ada@maths.example")
    root = visitor("root@maths.example")
    new = {"email": "new@maths.example", "name": name}
    assert refused(Visitor().call("POST", "/users", {**new, "password": PASSWORD}))
    assert refused(root.call("PATCH", "/me", {"name": name}))
    assert refused(root.call("POST", "/users/invite", new))
    assert refused(root.call("PATCH", "/users/U1", {"name": name}))
    state_machines = StateMachines(aws)
    job = state_machines.drop(json.dumps([new]).encode())
    assert [field for _, field, _ in state_machines.errors(job)] == ["name"]


@pytest.mark.parametrize("name", SEEN)
def test_joiners_stay_in_a_name(aws, name):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    assert visitor("ada@maths.example").call("PATCH", "/me", {"name": name}).body["name"] == name


@pytest.mark.parametrize(
    ("letter", "names"),
    [
        ("\u674e", ["\u674e", "\u674e\u660e"]),
        ("\uae40", ["\uae40", "\uae40\ubbfc\uc900"]),
        ("\u3042", ["\u3042", "\u3042\u3044"]),
        ("\u30a2", ["\uff71\uff72", "\u30a2"]),
        ("\u674e\u660e", ["\u674e\u660e", "\u674e\u660e\u660e"]),
    ],
)
def test_one_letter_that_is_a_name_is_looked_for(aws, letter, names):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    for position, name in enumerate(names):
        a_user(id=f"U{position}", email=f"u{position}@maths.example", name=name)
    a_user(id="OTHER", email="other@maths.example", name="\u738b")
    found = visitor("root@maths.example").call("GET", f"/users?name={quote(letter)}")
    assert found.status == 200
    assert sorted(person["id"] for person in found.body["items"]) == [f"U{n}" for n, _ in enumerate(names)]


def test_who_was_named_before_is_found_by_two_letters(aws):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    old = a_user(id="U1", email="u1@maths.example", name="\u674e\u660e")
    aws.put("users", {**old, "name_prefix": "\u674e\u660e"})
    found = visitor("root@maths.example").call("GET", f"/users?name={quote(old['name'])}")
    assert [person["id"] for person in found.body["items"]] == ["U1"]


def test_one_letter_of_another_script_is_too_few(aws):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    assert visitor("root@maths.example").call("GET", "/users?name=a").status == 422
