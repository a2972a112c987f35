"""`create_admin`: the first administrator."""

from __future__ import annotations

import pytest

from chalicelib.accounts.first_administrator import create_admin
from chalicelib.core.errors import Conflict, Invalid, Malformed
from tests.builders import PASSWORD, a_user
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ROOT = "root@maths.example"


def test_the_first_administrator_gets_a_password_and_can_sign_in(aws):
    made = create_admin({"email": "Root@MATHS.example"})
    assert made.keys() == {"id", "email", "password"}
    root = visitor(ROOT, made["password"])
    assert root.call("GET", "/users/" + made["id"]).body["roles"] == ["admin"]
    (row,) = aws.rows("users")
    assert (row["source"], row["email_verified"]) == ("admin", True)


def test_a_repeat_makes_nobody_powerful(aws):
    create_admin({"email": ROOT, "password": PASSWORD})
    refusals = {ROOT: "the address has an account", "other@maths.example": "has had its first administrator"}
    for email, words in refusals.items():
        with pytest.raises(Conflict, match=words):
            create_admin({"email": email, "password": PASSWORD})
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
def test_with_force_there_is_a_way_back_in(aws):
    create_admin({"email": ROOT, "password": PASSWORD})
    intruder = visitor(ROOT)
    again = create_admin({"email": ROOT, "force": True})
    assert intruder.call("GET", "/me").status == 401
    assert Visitor().enter(ROOT, PASSWORD).status == 401
    assert Visitor().enter(ROOT, again["password"]).status == 201
    assert create_admin({"email": "other@maths.example", "force": True})["id"] != again["id"]


def test_with_force_an_existing_person_becomes_an_active_administrator(aws):
    a_user(id="U1", email=ROOT, status="disabled", roles=["editor"], email_verified=False)
    with pytest.raises(Conflict, match="the address has an account"):
        create_admin({"email": ROOT, "password": PASSWORD})
    assert create_admin({"email": ROOT, "password": PASSWORD, "force": True})["id"] == "U1"
    me = visitor(ROOT).call("GET", "/me").body
    assert (me["roles"], me["status"], me["email_verified"]) == (["admin", "editor"], "active", True)


@pytest.mark.parametrize(
    "event", [{}, None, {"email": "no"}, {"email": ROOT, "roles": []}, {"password": PASSWORD}]
)
def test_an_event_of_another_shape_is_refused(event):
    with pytest.raises(Malformed, match=r"the event must be|email is not an email address"):
        create_admin(event)


def test_a_password_that_nobody_may_choose_is_refused():
    with pytest.raises(Invalid, match="password: is easily guessed"):
        create_admin({"email": ROOT, "password": "passwordpassword"})
