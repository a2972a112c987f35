"""Changing one's address: asked for where one is signed in, confirmed from the new mailbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.accounts.mailed import email_change
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.crypto import links
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from chalicelib.events.change import events_of
from tests.builders import PASSWORD, a_user
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

OLD, NEW = "ada@maths.example", "Augusta@maths.example"


@pytest.fixture
def ada(aws):
    a_user(id="U1", email=OLD, password=PASSWORD, locale="de")
    return visitor(OLD)


def ask(who: Visitor, email: str = NEW, **headers: str):
    return who.call("PUT", "/me/email", {"email": email}, **headers)


def confirm(who: Visitor, token: str):
    return who.call("POST", "/me/email/confirm", {"token": token})


def mail_of(aws, template: str = "confirm_email"):
    (mail,) = (mail for mail in mailed(aws) if mail["template"] == template)
    return mail


@pytest.fixture
def token(aws, ada):
    assert ask(ada).status == 202
    return token_of(mail_of(aws))


@pytest.mark.slow
def test_the_new_address_is_mailed_and_replaces_the_old_one_once_confirmed(aws, ada):
    assert ask(ada).status == 202
    mail = mail_of(aws)
    assert (mail["to"], mail["user_id"], mail["locale"]) == (NEW, "U1", "de")
    assert mail["expires_at"] == clock.epoch() + 3600
    assert ada.call("GET", "/me").body["email"] == OLD
    with telemetry.recording() as record:
        answer = confirm(ada, token_of(mail))
    changed, abandoned = record.names[:4], record.names[4:]
    assert changed == ["BatchGetItem", "GetItem", "GetItem", "TransactWriteItems"]
    assert abandoned == ["Query", "DeleteItem", "DeleteItem"]
    assert (answer.status, answer.body["email"], answer.headers["ETag"]) == (200, NEW, '"2"')
    (person,) = aws.rows("users")
    assert (person["email_key"], person["email_verified"]) == (NEW.lower(), True)
    assert {row["id"] for row in aws.rows("credentials")} == {f"email#{NEW.lower()}", "password#U1"}
    assert Visitor().enter(NEW).status == 201
    assert Visitor().enter(OLD).status == 401
    assert a_user(email=OLD)["id"] != "U1"


@pytest.mark.slow
def test_a_new_address_ends_every_session_but_this_one(aws, ada, token):
    elsewhere = visitor(OLD)
    assert confirm(ada, token).status == 200
    assert ada.call("GET", "/me").status == 200
    assert ada.refresh().status == 200
    assert elsewhere.call("GET", "/me").status == 401
    assert elsewhere.refresh().status == 401


@pytest.mark.slow
def test_both_addresses_are_told(aws, ada, token):
    (before,) = aws.rows("users")
    confirm(ada, token)
    (after,) = aws.rows("users")
    (event,) = events_of("users", before, after, expired=False, public_url="https://x.example")
    assert (event["type"], event["data"]["previous"]["email"]) == ("user.email_changed", OLD)


def test_asking_tells_nothing_of_who_has_the_address(aws, ada):
    a_user(id="U2", email="taken@maths.example", locale="fr")
    a_user(email="disabled@maths.example", status="disabled")
    told = set()
    for email in (NEW, "taken@maths.example", "disabled@maths.example", OLD):
        with telemetry.recording() as record:
            answer = ask(ada, email)
        headers = {name: text for name, text in answer.headers.items() if name != "X-Request-Id"}
        told.add(repr((answer.status, answer.body, headers, record.names)))
    assert len(told) == 1
    assert "['BatchGetItem', 'UpdateItem', 'PutItem']" in told.pop()


def test_the_owner_of_a_taken_address_is_told_and_the_asker_is_not(aws, ada):
    a_user(id="U2", email="Taken@maths.example", locale="fr")
    ask(ada, "taken@maths.example")
    (mail,) = mailed(aws)
    assert (mail["template"], mail["to"], mail["user_id"]) == ("already_registered", "Taken@maths.example", "U2")


@pytest.mark.slow
def test_an_address_that_was_taken_meanwhile_is_refused(aws, ada, token):
    a_user(email=NEW)
    assert confirm(ada, token).status == 409
    assert ada.call("GET", "/me").body["email"] == OLD
    assert len(aws.rows("credentials")) == 3


@pytest.mark.slow
def test_the_same_address_in_another_spelling_is_taken_over(aws, ada):
    ask(ada, "ADA@maths.example")
    assert confirm(ada, token_of(mail_of(aws))).body["email"] == "ADA@maths.example"
    assert {row["id"] for row in aws.rows("credentials")} == {f"email#{OLD}", "password#U1"}
    assert Visitor().enter(OLD).status == 201


def test_who_had_no_address_gets_one(aws):
    grace = a_user(id="U3", name="Grace")
    email_change.ask(grace, "grace@maths.example", "192.0.2.1")
    changed = email_change.confirm(grace, token_of(mail_of(aws)), session_id="S1")
    assert (changed["email_key"], changed["email_verified"]) == ("grace@maths.example", True)
    assert [row["id"] for row in aws.rows("credentials")] == ["email#grace@maths.example"]


@pytest.mark.slow
def test_a_token_is_used_once(ada, token):
    assert confirm(ada, token).status == 200
    assert confirm(ada, token).status == 410


@pytest.mark.slow
def test_one_of_many_simultaneous_confirmations_wins(aws, ada, token):
    with one_call_at_a_time(), ThreadPoolExecutor(10) as threads:
        statuses = sorted(answer.status for answer in threads.map(lambda _: confirm(ada, token), range(10)))
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {409, 410}
    assert aws.rows("users")[0]["version"] == 2


@pytest.mark.slow
def test_only_one_of_two_who_confirm_one_address_gets_it(aws, ada, token):
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    grace = visitor("grace@maths.example")
    ask(grace)
    theirs = next(token_of(mail) for mail in mailed(aws) if mail["user_id"] == "U2")
    assert sorted([confirm(grace, theirs).status, confirm(ada, token).status]) == [200, 409]


@pytest.mark.slow
def test_anothers_token_is_refused(aws, ada, token):
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    assert confirm(visitor("grace@maths.example"), token).status == 410
    assert confirm(ada, token).status == 200


def test_a_token_of_another_purpose_is_refused(aws, ada, token):
    intent_id = token.partition(".")[0]
    for purpose in ("confirm", "reset", "code", "invitation"):
        assert confirm(ada, links.mint(purpose, intent_id)).status == 410
    assert Visitor().call("POST", "/users/confirm", {"token": token, "password": PASSWORD}).status == 410
    assert Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": PASSWORD}).status == 410


@pytest.mark.slow
def test_a_change_waits_an_hour(ada, token):
    clock.tick(hours=1)
    ada.enter(OLD)
    assert confirm(ada, token).status == 410


@pytest.mark.slow
def test_a_change_is_void_once_the_password_was_changed(aws, ada, token):
    body = {"current_password": PASSWORD, "new_password": "copper lantern river nine"}
    assert ada.call("PUT", "/me/password", body).status == 204
    assert confirm(ada, token).status == 410


@pytest.mark.slow
def test_a_change_is_void_once_another_was_made(aws, ada, token):
    ask(ada, "third@maths.example")
    third = next(token_of(mail) for mail in mailed(aws) if mail["to"] == "third@maths.example")
    assert confirm(ada, third).status == 200
    assert confirm(ada, token).status == 410


@pytest.mark.slow
def test_what_was_mailed_to_the_old_address_before_is_void(aws, ada, token):
    Visitor().call("POST", "/password-resets", {"email": OLD})
    reset = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")
    assert confirm(ada, token).status == 200
    body = {"token": reset, "password": "copper lantern river nine"}
    assert Visitor().call("POST", "/password-resets/confirm", body).status == 410


@pytest.mark.slow
def test_failed_attempts_go_with_the_account(aws, ada, token):
    for _ in range(2):
        Visitor().enter(OLD, "not the right password")
    assert confirm(ada, token).status == 200
    counters = {row["id"]: row["count"] for row in aws.rows("guards") if row["id"].startswith("attempts#")}
    assert (counters.get(f"attempts#{digest_of(OLD)}"), counters[f"attempts#{digest_of(NEW.lower())}"]) == (
        None,
        2,
    )


def test_asking_needs_a_recent_sign_in_and_honours_a_version(ada):
    assert ask(ada, If_Match='"7"').status == 412
    clock.tick(minutes=6)
    answer = ask(ada)
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    assert Visitor().call("PUT", "/me/email", {"email": NEW}).status == 401
    assert Visitor().call("POST", "/me/email/confirm", {"token": "x"}).status == 401


@settings.held(registrations_per_hour=1)
def test_one_client_asks_only_so_often_in_an_hour(ada):
    assert [ask(ada).status for _ in range(2)] == [202, 429]


def test_who_was_disabled_meanwhile_is_mailed_nothing(aws, ada):
    ask(ada)
    aws.put("users", {**aws.rows("users")[0], "status": "disabled"})
    assert mailed(aws) == []
