"""`on_intent`: which mail, to whom, and never twice."""

from __future__ import annotations

import pytest

from chalicelib.accounts.mailed.intent_answers import answer_intents
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.errors import Malformed, Transient
from chalicelib.intents.store import intents, new_intent
from chalicelib.mail.store import mails
from tests.builders import PASSWORD, a_user
from tests.functional.faults import failing
from tests.functional.streams import stream_event
from tests.functional.visitors import Visitor, mailed, token_of

pytestmark = pytest.mark.usefixtures("held_clock")

WAYS = {
    "register": ("/users", {"password": PASSWORD, "locale": "de"}),
    "resend": ("/users/resend-confirmation", {}),
    "reset": ("/password-resets", {}),
}


def ask(way: str, email: str) -> None:
    path, fields = WAYS[way]
    assert Visitor().call("POST", path, {**fields, "email": email}).status == 202


@pytest.mark.slow
def test_the_mail_depends_on_who_has_the_address(aws):
    a_user(id="U1", email="Known@maths.example", locale="fr")
    a_user(id="U2", email="disabled@maths.example", status="disabled")
    expected = {
        ("register", "unknown"): "confirm_registration",
        ("register", "known"): "already_registered",
        ("register", "disabled"): "already_registered",
        ("resend", "stranger"): None,
        ("resend", "known"): None,
        ("reset", "stranger"): None,
        ("reset", "known"): "password_reset",
        ("reset", "disabled"): None,
    }
    asked = {}
    for way, who in expected:
        ask(way, f"{who}@maths.example")
        asked[max(row["id"] for row in aws.rows("intents"))] = (way, who)
    mails = mailed(aws)
    assert {asked[mail["key"]]: mail["template"] for mail in mails} == {
        case: template for case, template in expected.items() if template
    }
    (reset,) = (mail for mail in mails if mail["template"] == "password_reset")
    assert (reset["to"], reset["user_id"], reset["locale"]) == ("Known@maths.example", "U1", "fr")


@pytest.mark.slow
@pytest.mark.peers
def test_a_resent_mail_confirms_the_registration_that_waits(aws):
    ask("register", "ada@maths.example")
    (first,) = mailed(aws)
    (row,) = aws.rows("intents")
    clock.tick(minutes=5)
    ask("resend", "ADA@maths.example")
    again = [mail for mail in mailed(aws) if mail["key"] != first["key"]]
    assert [(mail["data"], mail["expires_at"], mail["locale"]) for mail in again] == [
        ({"intent_id": row["id"]}, row["expires_at"], "de")
    ]


def test_the_mails_of_a_registration_are_among_those_of_who_confirms_it(aws):
    ask("register", "ada@maths.example")
    ask("resend", "ada@maths.example")
    first, _again = mailed(aws)
    body = {"token": token_of(first), "password": PASSWORD}
    assert Visitor().call("POST", "/users/confirm", body).status == 201
    (person,) = aws.rows("users")
    assert [row["template"] for row in mails().all_to(person["id"])] == ["confirm_registration"] * 2


@pytest.mark.slow
def test_the_latest_registration_is_the_one_that_waits_in_whatever_order_they_are_answered(aws):
    earlier, later = (
        new_intent("register", "ada@maths.example", "ada@maths.example", seconds=60, password_hash="h")
        for _ in range(2)
    )
    earlier, later = sorted((earlier, later), key=lambda intent: intent["id"])
    for intent in (later, earlier):
        intents().write(intent)
        answer_intents(stream_event("intents", (None, intent)))
    assert intents().find_waiting("ada@maths.example")["id"] == later["id"]


def test_a_confirmed_registration_is_not_mailed_again(aws):
    ask("register", "ada@maths.example")
    mailed(aws)
    a_user(email="ada@maths.example")
    ask("resend", "ada@maths.example")
    assert "confirm_registration" not in {mail["template"] for mail in mailed(aws)}


def test_a_repeated_record_asks_for_the_same_mail_under_the_same_key(aws):
    a_user(id="U1", email="known@maths.example")
    ask("reset", "known@maths.example")
    first, again = mailed(aws), mailed(aws)
    assert first == again
    assert people().get("U1")["version"] == 1
    (row,) = aws.rows("intents")
    assert (row["user_id"], row["password_version"]) == ("U1", 0)


def test_an_intent_that_has_expired_or_gone_is_answered_by_nothing(aws):
    ask("register", "ada@maths.example")
    (row,) = aws.rows("intents")
    gone = {**row, "id": "01GONE"}
    clock.tick(days=2)
    answer_intents(stream_event("intents", (None, row), (None, gone)))
    assert aws.bodies("mail") == []


def test_what_was_bound_counted_or_removed_asks_for_nothing(aws):
    ask("register", "ada@maths.example")
    (row,) = aws.rows("intents")
    answer_intents(stream_event("intents", (row, {**row, "failures": 1}), (row, None)))
    assert aws.bodies("mail") == []


def test_an_intent_comes_again_while_a_service_does_not_answer(aws):
    ask("register", "ada@maths.example")
    with (
        failing("sqs", "SendMessage", "ServiceUnavailable", 503),
        pytest.raises(Transient, match="1 records of stream:intents must come again"),
    ):
        mailed(aws)
    assert [mail["template"] for mail in mailed(aws)] == ["confirm_registration"]


def test_a_record_that_can_never_be_answered_is_parked_without_data(aws):
    ask("register", "ada@maths.example")
    (row,) = aws.rows("intents")
    aws.put("intents", {**row, "purpose": "unheard-of"})
    assert mailed(aws) == []
    (parked,) = aws.bodies("streams-dlq")
    assert parked["keys"] == {"keys": {"id": {"S": row["id"]}}, "event": "INSERT"}
    assert "ada" not in repr(parked)


@pytest.mark.parametrize("event", [{}, {"Records": [{"eventName": "INSERT", "eventSource": "aws:s3"}]}])
def test_an_event_from_elsewhere_is_refused(aws, event):
    with pytest.raises(Malformed, match="not an event of aws:dynamodb"):
        answer_intents(event)
