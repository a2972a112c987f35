"""A forgotten password."""

from __future__ import annotations

import json

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from tests.builders import PASSWORD, a_user
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

NEW = "copper lantern river nine"


def ask(email: str = "ada@maths.example") -> None:
    assert Visitor().call("POST", "/password-resets", {"email": email}).status == 202


def reset(token: str, password: str = NEW):
    return Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": password})


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email="ada@maths.example", password=PASSWORD, email_verified=False)


@pytest.mark.slow
def test_a_reset_replaces_the_password_ends_every_session_and_starts_none(aws, ada):
    before = visitor("ada@maths.example")
    ask()
    (mail,) = mailed(aws)
    answer = reset(token_of(mail))
    assert (answer.status, answer.body) == (204, "")
    assert before.call("GET", "/me").status == 401
    assert before.refresh().status == 401
    assert Visitor().enter("ada@maths.example", PASSWORD).status == 401
    after = visitor("ada@maths.example", NEW)
    assert after.call("GET", "/me").body["email_verified"] is True
    (person,) = aws.rows("users")
    assert person["password_changed_at"] == clock.timestamp()


@pytest.mark.slow
def test_a_reset_is_good_once_and_only_for_the_password_it_was_asked_for(aws, ada):
    ask()
    ask()
    first, second = mailed(aws)
    assert reset(token_of(first)).status == 204
    assert reset(token_of(first)).status == 410
    assert reset(token_of(second)).status == 410


@pytest.mark.slow
def test_a_reset_is_void_once_the_password_was_changed(aws, ada):
    ask()
    (mail,) = mailed(aws)
    owner = visitor("ada@maths.example")
    changed = owner.call("PUT", "/me/password", {"current_password": PASSWORD, "new_password": NEW})
    assert changed.status == 204
    assert reset(token_of(mail), "a third good password").status == 410


@pytest.mark.slow
@pytest.mark.peers
def test_a_reset_lives_for_half_an_hour(aws, ada):
    ask()
    (mail,) = mailed(aws)
    clock.tick(minutes=30)
    assert reset(token_of(mail)).status == 410


@pytest.mark.slow
@pytest.mark.peers
def test_who_was_imported_without_a_password_gets_one_by_reset(aws):
    a_user(email="grace@maths.example")
    ask("grace@maths.example")
    (mail,) = mailed(aws)
    assert reset(token_of(mail)).status == 204
    assert Visitor().enter("grace@maths.example", NEW).status == 201


@pytest.mark.slow
@pytest.mark.peers
def test_a_password_that_nobody_may_choose_uses_up_nothing(aws, ada):
    ask()
    (mail,) = mailed(aws)
    for password in ("short", "passwordpassword", "ada@maths.example"):
        assert reset(token_of(mail), password).status == 422
    assert reset(token_of(mail)).status == 204


def test_who_was_disabled_or_removed_meanwhile_resets_nothing(aws, ada):
    ask()
    (mail,) = mailed(aws)
    aws.put("users", {**ada, "status": "disabled"})
    assert reset(token_of(mail)).status == 410
    aws.put("users", {"id": "U1", "version": 9, "deleted_at": clock.timestamp()})
    assert reset(token_of(mail)).status == 410


@pytest.mark.slow
def test_a_reset_lets_in_who_was_locked_out_by_others_guesses(aws, ada):
    for _ in range(5):
        Visitor().enter("ada@maths.example", "not the right password")
    assert Visitor().enter("ada@maths.example", PASSWORD).status == 429
    ask()
    (mail,) = mailed(aws)
    reset(token_of(mail))
    assert Visitor().enter("ada@maths.example", NEW).status == 201


def test_a_token_that_was_not_mailed_reads_nothing_from_the_tables(aws):
    with telemetry.recording() as record:
        assert reset("01AAAA.1.BBBB").status == 410
    assert set(record.names) <= {"GetSecretValue"}


@pytest.mark.slow
@pytest.mark.peers
def test_a_strangers_request_changes_no_version_of_the_person_and_is_told_all_the_same(aws):
    a_user(id="U1", email="owner@maths.example", password=PASSWORD)
    owner = visitor("owner@maths.example")
    tag = owner.call("GET", "/me").headers["ETag"]
    Visitor().call("POST", "/password-resets", {"email": "owner@maths.example"})
    Visitor().call("POST", "/password-resets", {"email": "nobody@maths.example"})
    with telemetry.recording() as calls:
        mailed(aws)
        mailed(aws)
    assert owner.call("PATCH", "/me", {"name": "Owner"}, If_Match=tag).status == 200
    told = [
        json.loads(entry["Message"])
        for call in calls.of("PublishBatch")
        for entry in call.parameters["PublishBatchRequestEntries"]
    ]
    (intent,) = (row for row in aws.rows("intents") if row.get("user_id") == "U1")
    assert {event["id"] for event in told} == {f"intents:{intent['id']}:1:0"}
    assert told[0]["type"] == "user.password_reset_requested"
    assert (told[0]["subject"], told[0]["data"]["user"]["id"]) == ("U1", "U1")
    assert told == [told[0]] * len(told)
