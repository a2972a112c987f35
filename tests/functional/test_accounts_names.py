"""Names that people can see, at every door that takes one."""

from __future__ import annotations

import json

import pytest

from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.importing import Machines
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

UNSEEN = ["\u200b", "\u3164", "\u2800", "\u00ad", "\u200d", "\ufe0f", "\U000e0041", "A\u202eda"]
SEEN = ["\u0646\u0631\u06af\u0633\u200c\u062e\u0627\u062a\u0648\u0646", "\U0001f469\u200d\U0001f52c", "\u674e"]


def refused(answer) -> bool:
    return answer.status == 422 and [error["field"] for error in answer.body["errors"]] == ["name"]


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
    machines = Machines(aws)
    job = machines.drop(json.dumps([new]).encode())
    assert [field for _, field, _ in machines.errors(job)] == ["name"]


@pytest.mark.parametrize("name", SEEN)
def test_joiners_stay_in_a_name(aws, name):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    assert visitor("ada@maths.example").call("PATCH", "/me", {"name": name}).body["name"] == name
