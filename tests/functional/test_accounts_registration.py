"""Registering and confirming, through the routes and the stream."""

from __future__ import annotations

import pytest

from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.crypto import links
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.visitors import Visitor, mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = {
    "email": "Ada@maths.example",
    "name": "Ada Lovelace",
    "birthdate": "1990-12-10",
    "attributes": {"tea": True},
}


def register(email: str = ADA["email"], password: str = PASSWORD):
    return Visitor().call("POST", "/users", {**ADA, "email": email, "password": password})


def confirm(token: str, password: str = PASSWORD):
    return Visitor().call("POST", "/users/confirm", {"token": token, "password": password})


@pytest.fixture
def optional(aws):
    """A stage where people are there before their mailbox is proved."""
    with settings.held(email_verification="optional"):
        yield aws


def test_a_registration_becomes_a_person_when_mailbox_and_password_come_together(aws):
    assert register().status == 202
    assert aws.rows("users") == []
    (mail,) = mailed(aws)
    assert (mail["template"], mail["to"]) == ("confirm_registration", "Ada@maths.example")
    answer = confirm(token_of(mail))
    assert answer.status == 201
    assert answer.headers["ETag"] == '"1"'
    assert answer.body["age"] == 35
    assert answer.body["email_verified"] is True
    (person,) = aws.rows("users")
    assert person["id"] == answer.body["id"]
    assert (person["source"], person["roles"], person["attributes"]) == ("registration", [], {"tea": True})
    lock, password = sorted(aws.rows("credentials"), key=lambda row: row["id"])
    assert (lock["id"], lock["user_id"]) == ("email#ada@maths.example", person["id"])
    assert password["id"] == f"password#{person['id']}"


@pytest.mark.slow
def test_strangers_get_the_same_bytes_whoever_has_the_address(aws):
    a_user(email="taken@maths.example")
    a_user(email="disabled@maths.example", status="disabled")
    register("waiting@maths.example")
    asked = ("/users", "/users/resend-confirmation", "/password-resets")
    answers = []
    for who in ("unknown", "waiting", "taken", "disabled"):
        for path in asked:
            extra = {**ADA, "password": PASSWORD} if path == "/users" else {}
            with telemetry.recording() as record:
                answer = Visitor().call("POST", path, {**extra, "email": f"{who}@maths.example"})
            headers = {name: text for name, text in answer.headers.items() if name != "X-Request-Id"}
            answers.append((answer.status, answer.body, tuple(headers.items()), tuple(record.names)))
    assert {status for status, *_ in answers} == {202}
    assert len({repr(answer) for answer in answers}) == 1


def test_a_registration_is_one_write_and_one_limit_write(aws):
    connections().enabled()  # read once a minute
    with telemetry.recording() as record:
        register()
    assert record.names == ["UpdateItem", "PutItem"]


@pytest.mark.slow
def test_a_confirmation_is_one_read_and_one_transaction_of_three_puts(aws):
    register()
    (mail,) = mailed(aws)
    token = token_of(mail)
    with telemetry.recording() as record:
        confirm(token)
    assert [name for name in record.names if name != "GetSecretValue"] == ["GetItem", "TransactWriteItems"]
    (transaction,) = record.of("TransactWriteItems")
    assert len(transaction.parameters["TransactItems"]) == 3


def test_a_token_is_used_once(aws):
    register()
    (mail,) = mailed(aws)
    assert confirm(token_of(mail)).status == 201
    again = confirm(token_of(mail))
    assert (again.status, again.body["detail"]) == (410, "this link has been used")
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
def test_exactly_one_confirmation_wins_whatever_the_spelling(aws):
    spellings = ["ada@b\u00fccher.example", "ADA@XN--BCHER-KVA.example", "Ada@bu\u0308cher.example"]
    for spelling in spellings:
        register(spelling)
    mails = mailed(aws)
    assert len(mails) == 3
    assert sorted(confirm(token_of(mail)).status for mail in mails) == [201, 409, 409]
    assert len(aws.rows("users")) == 1


@pytest.mark.slow
def test_the_mailbox_alone_confirms_nothing_and_guesses_are_counted(aws):
    register()
    (mail,) = mailed(aws)
    for _ in range(10):
        answer = confirm(token_of(mail), "another good password")
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "password")
    assert confirm(token_of(mail)).status == 410
    assert aws.rows("users") == []


def test_a_registration_waits_a_day(aws):
    register()
    (mail,) = mailed(aws)
    token = token_of(mail)
    clock.tick(hours=24)
    assert confirm(token).status == 410


def test_a_token_that_was_not_made_for_this_is_refused(aws):
    register()
    (mail,) = mailed(aws)
    token = token_of(mail)
    intent_id, key_id, _ = token.split(".")
    made_up = ["", "x", f"{intent_id}.{key_id}.AAAA", f"{intent_id}.2.AAAA", token[:-1], token + "A", "\u00fc"]
    for wrong in [*made_up, links.mint("reset", intent_id)]:
        assert confirm(wrong).status == 410


def test_every_wrong_field_is_answered_at_once_and_nothing_is_written(aws):
    answer = Visitor().call("POST", "/users", {"email": "no", "age": "41", "password": "passwordpassword", "x": 1})
    assert answer.status == 422
    assert {error["field"] for error in answer.body["errors"]} == {"email", "age", "password", "x"}
    assert aws.rows("intents") == aws.rows("guards") == []


@settings.held(registrations_per_hour=2)
def test_one_client_registers_only_so_often_in_an_hour(aws):
    assert [register().status for _ in range(3)] == [202, 202, 429]
    with telemetry.recording() as record:
        refused = register()
    assert refused.headers["Retry-After"] == "3600"
    assert record.names == []
    clock.tick(hours=1)
    assert register().status == 202


def test_without_verification_the_person_is_there_at_once(optional):
    answer = register()
    assert (answer.status, answer.body["email_verified"]) == (201, False)
    assert Visitor().enter("ada@maths.example").status == 201
    assert register("ADA@maths.example").status == 409


@pytest.mark.slow
def test_the_first_proof_of_the_mailbox_drops_every_older_session(optional):
    register()
    squatter = Visitor()
    squatter.enter("ada@maths.example")
    (mail,) = mailed(optional)
    answer = confirm(token_of(mail))
    assert (answer.status, answer.body["email_verified"]) == (201, True)
    assert squatter.call("GET", "/me").status == 401
    assert squatter.refresh().status == 401
    assert Visitor().enter("ada@maths.example").status == 201
    assert confirm(token_of(mail)).status == 410


@pytest.mark.slow
def test_the_first_proof_of_the_mailbox_drops_a_squatters_password(optional):
    register(password="what the squatter chose 7")
    (mail,) = mailed(optional)
    assert confirm(token_of(mail), PASSWORD).status == 201
    assert Visitor().enter("ada@maths.example", "what the squatter chose 7").status == 401
    assert Visitor().enter("ada@maths.example", PASSWORD).status == 201


def test_a_proof_of_the_mailbox_brings_no_password_that_nobody_may_choose(optional):
    register()
    (mail,) = mailed(optional)
    assert confirm(token_of(mail), "passwordpassword").status == 422
