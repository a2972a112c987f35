"""Whose password a file may bring, and whose it may not: a file is no way into an account that somebody uses."""

from __future__ import annotations

import json

import bcrypt
import pytest

from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.birthdays.celebration import celebrate_page
from chalicelib.core.aws import clients
from chalicelib.directory.routes import directory
from chalicelib.events.change import events_of
from chalicelib.imports.routes import imports as routes
from chalicelib.imports.uploads import receive_uploads
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.apps import ApiClient
from tests.functional.faults import listening
from tests.functional.importing import StateMachines, people
from tests.functional.test_mail_delivery import deliver, text_of
from tests.functional.visitors import Visitor, mailed, token_of

ANN = "ann@example.com"


@pytest.fixture
def administrator(held_clock):
    client = ApiClient(account_routes, directory, routes)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def row(password: str, **more: object) -> dict:
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    return {"id": "ann", "email": ANN, "email_verified": True, "password_hash": hashed, **more}


def bring(state_machines: StateMachines, password: str, **more: object) -> dict:
    """A plain file, dropped by whoever may put an object, that says Ann has this password."""
    return state_machines.drop(json.dumps([row(password, **more)]).encode(), mode="upsert")


def bring_privileged(state_machines: StateMachines, administrator: ApiClient, password: str) -> dict:
    made = administrator.call("POST", "/imports", {"privileged": True, "mode": "upsert"})
    key = made.body["upload"]["fields"]["key"]
    receive_uploads({"Records": [state_machines.upload(json.dumps([row(password)]).encode(), key)]})
    return state_machines.run_import(state_machines.waiting())


def mailed_code(aws) -> str:
    assert Visitor().call("POST", "/sessions/email", {"email": ANN}).status == 202
    return token_of(mailed(aws)[-1])


def sign_in_by_code(aws) -> Visitor:
    visitor = Visitor()
    answer = visitor.call("POST", "/sessions/email/confirm", {"code": mailed_code(aws)})
    assert answer.status == 201, answer
    visitor.access_token = answer.body["access_token"]
    return visitor


def opens(password: str) -> bool:
    return Visitor().enter(ANN, password).status == 201


@pytest.mark.slow
@pytest.mark.parametrize("verified", [True, False])
def test_who_signed_in_by_code_gets_no_password_from_a_file(state_machines, aws, verified):
    bring(state_machines, "the first one", email_verified=verified)
    owner = sign_in_by_code(aws)
    assert bring(state_machines, "of an attacker")["counts"]["updated"] == 0
    assert not opens("of an attacker")
    assert owner.call("GET", "/me").status == 200


@pytest.mark.slow
def test_who_signed_in_and_out_again_gets_no_password_from_a_file(state_machines, aws):
    bring(state_machines, "the first one")
    assert sign_in_by_code(aws).call("DELETE", "/sessions/current").status == 204
    bring(state_machines, "of an attacker", name="Ann")
    assert people(aws)[ANN]["name"] == "Ann"
    assert not opens("of an attacker")


@pytest.mark.slow
def test_who_changed_something_after_a_change_of_others_gets_no_password_from_a_file(
    state_machines, aws, administrator
):
    bring(state_machines, "the first one")
    owner = sign_in_by_code(aws)
    assert owner.call("PATCH", "/me", {"name": "Ann"}).status == 200
    assert administrator.call("PATCH", "/users/ann", {"locale": "de"}).status == 200
    bring(state_machines, "of an attacker")
    assert not opens("of an attacker")


@pytest.mark.slow
def test_who_has_roles_gets_a_password_of_a_privileged_job_only(state_machines, aws, administrator):
    an_admin(id="A1")
    bring(state_machines, "the first one")
    assert administrator.call("PUT", "/users/ann/roles", {"roles": ["support"]}).status == 200
    assert bring(state_machines, "of an attacker")["counts"]["updated"] == 0
    assert not opens("of an attacker")
    assert administrator.call("PUT", "/users/ann/roles", {"roles": []}).status == 200
    assert bring(state_machines, "of who waited")["counts"]["updated"] == 0
    assert not opens("of who waited")
    assert administrator.call("PUT", "/users/ann/roles", {"roles": ["support"]}).status == 200
    assert bring_privileged(state_machines, administrator, "the new one")["counts"]["updated"] == 1
    assert opens("the new one")
    bring_privileged(state_machines, administrator, "too late")
    assert not opens("too late")


@pytest.mark.slow
def test_what_others_change_of_somebody_who_never_came_keeps_no_password_from_them(
    state_machines, aws, administrator, held_clock
):
    bring(state_machines, "the first one", birthdate="1990-03-02")
    assert administrator.call("PATCH", "/users/ann", {"locale": "de"}).status == 200
    held_clock.tick(days=1)
    celebrate_page("2026-03-02", {"birthday": "03-02"})
    assert people(aws)[ANN]["age"] == 36
    assert bring(state_machines, "the new one", birthdate="1990-03-02")["counts"]["updated"] == 1
    assert bring(state_machines, "the newest one", birthdate="1990-03-02")["counts"]["updated"] == 1
    assert (opens("the first one"), opens("the new one"), opens("the newest one")) == (False, False, True)


@pytest.mark.slow
def test_a_password_that_comes_ends_what_was_begun_with_the_one_before(state_machines, aws):
    bring(state_machines, "the first one")
    before = people(aws)[ANN].get("sessions_since", 0)
    bring(state_machines, "the new one")
    assert people(aws)[ANN]["sessions_since"] == people(aws)[ANN]["version"] > before


@pytest.mark.slow
def test_who_signs_in_between_an_upserts_reading_and_writing_keeps_their_account(state_machines, aws):
    bring(state_machines, "the first one")
    code = mailed_code(aws)
    owner: list[Visitor] = []

    def sign_in(**_: object) -> None:
        if not owner:
            owner.append(Visitor())
            answer = owner[0].call("POST", "/sessions/email/confirm", {"code": code})
            owner[0].access_token = answer.body["access_token"]

    def reads_done(params: dict, **_: object) -> None:
        if b"sessions_since" in params["body"]:
            sign_in()

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", reads_done):
        bring(state_machines, "of an attacker")
    assert owner[0].call("GET", "/me").status == 200
    assert not opens("of an attacker")


@pytest.mark.slow
def test_an_upsert_between_a_sign_ins_reading_and_writing_leaves_no_session_of_the_old_password(
    state_machines, aws
):
    bring(state_machines, "the first one")
    code = mailed_code(aws)
    visitor, brought = Visitor(), []

    def upsert(params: dict, **_: object) -> None:
        if not brought and b"rollcall-test-sessions" in params["body"]:
            brought.append(True)
            bring(state_machines, "the new one")

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", upsert):
        answer = visitor.call("POST", "/sessions/email/confirm", {"code": code})
    assert brought
    visitor.access_token = answer.body["access_token"]
    assert visitor.call("GET", "/me").status == 401
    bring(state_machines, "of an attacker")
    assert not opens("of an attacker")


def told(aws) -> list[str]:
    """Have every session told of, and the mails sent: their texts."""
    for session in aws.rows("sessions"):
        for event in events_of("sessions", None, session, expired=False, public_url="https://rollcall.example"):
            clients.send("mail", json.dumps(event))
    return [" ".join(text_of(sent).split()) for sent in deliver(aws) if "signed in" in text_of(sent)]


FIRST = "It was the first time since your account was moved there."


@pytest.mark.slow
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("way", ["password", "mailed code"])
def test_who_owns_an_imported_account_hears_of_the_first_sign_in(aws, state_machines, way, verified):
    bring(state_machines, "lantern", email_verified=verified)
    assert opens("lantern") if way == "password" else sign_in_by_code(aws)
    (text,) = told(aws)
    assert FIRST in text
    (session,) = aws.rows("sessions")
    assert session["after_import"] is True


@pytest.mark.slow
def test_who_signs_out_at_once_after_an_import_is_told_of_all_the_same(aws, state_machines):
    """Whoever has the password of a file looks around and is gone, before the mail is written."""
    bring(state_machines, "lantern")
    stranger = Visitor()
    assert stranger.enter(ANN, "lantern").status == 201
    (began,) = aws.rows("sessions")
    assert stranger.call("DELETE", "/sessions/current").status == 204
    for event in events_of("sessions", None, began, expired=False, public_url="https://rollcall.example"):
        clients.send("mail", json.dumps(event))
    (sent,) = deliver(aws)
    assert FIRST in " ".join(text_of(sent).split())


@pytest.mark.slow
def test_of_two_sign_ins_after_an_import_one_is_the_first(aws, state_machines):
    bring(state_machines, "lantern")
    assert opens("lantern")
    assert opens("lantern")
    assert sorted(session.get("after_import", False) for session in aws.rows("sessions")) == [False, True]
    assert [FIRST in text for text in told(aws)].count(True) == 1


def test_who_registered_here_hears_of_no_first_sign_in(aws, held_clock):
    a_user(email=ANN, password=PASSWORD)
    assert opens(PASSWORD)
    assert told(aws) == []
