"""Addresses that mail cannot reach, at every door that takes one."""

from __future__ import annotations

import json

import pytest

from chalicelib.accounts.first_administrator import create_admin
from chalicelib.accounts.store import people
from chalicelib.core.aws import clients
from chalicelib.core.errors import Invalid, Malformed
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.direct import send_email
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.importing import StateMachines
from tests.functional.visitors import Visitor, mailed, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

UNREACHABLE = [
    "j\u00f6rg@example.com",
    "a" * 65 + "@example.com",
    "ada@" + "m" * 64 + ".example",
    '"ada b"@example.com',
    "a..da@example.com",
]


def is_refused(answer) -> bool:
    return answer.status == 422 and [error["field"] for error in answer.body["errors"]] == ["email"]


@pytest.mark.slow
@pytest.mark.parametrize("email", UNREACHABLE)
def test_what_mail_cannot_reach_is_refused_at_every_door_and_makes_no_dead_letter(aws, email):
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    root, stranger = visitor("root@maths.example"), Visitor()
    assert is_refused(stranger.call("POST", "/users", {"email": email, "password": PASSWORD}))
    for path in ("/users/resend-confirmation", "/password-resets", "/sessions/email"):
        assert is_refused(stranger.call("POST", path, {"email": email}))
    assert is_refused(stranger.call("POST", "/sessions/email/confirm", {"email": email, "code": "12345678"}))
    assert is_refused(root.call("PUT", "/me/email", {"email": email}))
    assert is_refused(root.call("POST", "/users/invite", {"email": email}))
    state_machines = StateMachines(aws)
    job = state_machines.drop(json.dumps([{"email": email}]).encode())
    assert [field for _, field, _ in state_machines.errors(job)] == ["email"]
    with pytest.raises(Malformed, match="email is not an email address"):
        create_admin({"email": email})
    with pytest.raises(Invalid):
        send_email({"to": email, "subject": "x", "body": "x"})
    assert mailed(aws) == []


@pytest.mark.parametrize("email", UNREACHABLE)
def test_a_message_for_what_mail_cannot_reach_is_parked(aws, email):
    clients.send("mail", json.dumps({"to": email, "subject": "x", "body": "x"}))
    deliver_mail({"Records": aws.take("mail")})
    assert len(aws.take("mail-dlq")) == 1
    assert aws.rows("mail")[0]["state"] == "parked"


@pytest.mark.parametrize(("letters", "folded"), [("j\u00f6rg", "j\u00f6rg"), ("mo\u00df", "moss")])
def test_who_came_with_such_an_address_before_still_signs_in_and_is_found(aws, letters, folded):
    email = f"{letters}@maths.example"
    old = a_user(id="U1", email=f"{folded}@maths.example", password=PASSWORD)
    aws.put("users", {**old, "email": email})
    assert Visitor().enter(email).status == 201
    an_admin(id="ROOT", email="root@maths.example", password=PASSWORD)
    listed = visitor("root@maths.example").call("GET", f"/users?email={email}")
    assert [person["id"] for person in listed.body["items"]] == ["U1"]


def test_two_mailboxes_are_never_one_account_because_letters_fold(aws):
    old = a_user(id="U1", email="moss@maths.example", password=PASSWORD)
    aws.put("users", {**old, "email": "mo\u00df@maths.example"})
    assert people().find_by_email("moss@maths.example") is None
    assert Visitor().enter("moss@maths.example").status == 401
    Visitor().call("POST", "/password-resets", {"email": "moss@maths.example"})
    Visitor().call("POST", "/sessions/email", {"email": "moss@maths.example"})
    assert mailed(aws) == []


@pytest.mark.slow
def test_a_row_changes_nobody_whose_other_address_was_folded_into_its_own_before(aws):
    old = a_user(id="U1", email="moss@maths.example", name="Ada")
    aws.put("users", {**old, "email": "mo\u00df@maths.example"})
    state_machines = StateMachines(aws)
    job = state_machines.drop(b'[{"email": "moss@maths.example", "name": "Mallory"}]', mode="upsert")
    assert [field for _, field, _ in state_machines.errors(job)] == ["email"]
    assert [row["name"] for row in aws.rows("users")] == ["Ada"]
