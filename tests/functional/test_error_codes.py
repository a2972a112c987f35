"""What programs, the pages among them, say in words of their own has a code in the answer."""

from __future__ import annotations

import pytest

from chalicelib.passwords.policy import MAX_LENGTH
from tests.builders import PASSWORD, a_user
from tests.functional.visitors import Visitor

pytestmark = pytest.mark.usefixtures("aws", "held_clock")


def errors(answer):
    assert answer.status == 422, answer
    return [{key: error[key] for key in error if key != "message"} for error in answer.body["errors"]]


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("short", {"code": "too-short", "limit": 15}),
        ("a long violet otter" * 20, {"code": "too-long", "limit": MAX_LENGTH}),
        ("ada@maths.exampleada", {"code": "guessable"}),
    ],
)
def test_what_a_new_password_lacks(password, error):
    registered = Visitor().call("POST", "/users", {"email": "ada@maths.example", "password": password})
    assert errors(registered) == [{"field": "password", **error}]


def test_what_a_changed_password_lacks():
    a_user(email="grace@ships.example", password=PASSWORD)
    grace = Visitor()
    grace.enter("grace@ships.example")
    lacking = {
        "short": {"code": "too-short", "limit": 8},
        "eleven chrs": {"code": "too-short", "limit": 15},
        "grace@ships.example": {"code": "guessable"},
    }
    for password, error in lacking.items():
        chosen = grace.call("PUT", "/me/password", {"current_password": PASSWORD, "new_password": password})
        assert errors(chosen) == [{"field": "new_password", **error}]


def test_what_is_missing():
    answer = Visitor().call("POST", "/users", {"password": PASSWORD})
    assert errors(answer) == [{"field": "email", "code": "missing"}]


def test_a_conflict_that_a_program_tells_apart():
    a_user(email="grace@ships.example", password=PASSWORD, email_verified=False)
    grace = Visitor()
    grace.enter("grace@ships.example")
    answer = grace.call("POST", "/me/totp")
    assert (answer.status, answer.body["code"]) == (409, "unconfirmed-address")
