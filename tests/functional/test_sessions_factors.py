"""Signing in with a second factor, and with a passkey alone."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of, key_of
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
WRONG = "not the right password"
ANOTHER = "copper lantern river nine"


@pytest.fixture
def ada(aws):
    """Ada, signed in and without a second factor."""
    a_user(id="U1", email=ADA, password=PASSWORD)
    return visitor(ADA)


@pytest.fixture
def app(ada):
    return app_of(ada)


@pytest.fixture
def key(ada):
    return key_of(ada)


def enter(password: str = PASSWORD, **fields: object):
    return Visitor().call("POST", "/sessions", {"email": ADA, "password": password, **fields})


def enter_by_passkey(key, **lies: object):
    options = Visitor().call("POST", "/sessions/passkey/options").body
    return Visitor().call("POST", "/sessions/passkey", {"response": key.get(options, **lies)})


def newest(aws) -> dict:
    return max(aws.rows("sessions"), key=lambda row: row["id"])


def counted(aws, what: str) -> int:
    return next((row["count"] for row in aws.rows("guards") if row["id"] == f"attempts#{digest_of(what)}"), 0)


@pytest.mark.slow
def test_a_second_factor_is_asked_for_once_the_password_is_right(aws, app):
    answer = enter()
    assert (answer.status, answer.body["type"]) == (401, "factor-required")
    assert "totp" in answer.body["factors"]
    wrong = enter(WRONG)
    assert (wrong.status, wrong.body["type"], "factors" in wrong.body) == (401, "about:blank", False)


@pytest.mark.slow
def test_with_its_code_one_is_in(aws, app):
    answer = enter(otp=app.code())
    assert answer.status == 201
    assert newest(aws)["second_factor"] is True


def test_a_sign_in_without_factors_reads_no_factors_and_is_none(aws, ada):
    with telemetry.recording() as record:
        assert enter(otp="123456").status == 201
    assert not [call for call in record.calls if "factors#" in repr(call.parameters)]
    assert newest(aws)["second_factor"] is False


@pytest.mark.slow
def test_a_code_is_good_once_among_parallel_sign_ins_too(aws, app):
    code = app.code()
    assert [enter(otp=code).status for _ in range(2)] == [201, 401]


@pytest.mark.slow
def test_wrong_codes_count_and_the_right_password_does_not_reset_them(aws, app):
    (ada,) = aws.rows("users")
    of_the_factor = f"factor#U1#{ada['factors_changed_at']}"
    for _ in range(3):
        assert enter(otp=app.wrong()).status == 401
    assert enter().status == 401
    assert counted(aws, ADA) == 4
    assert counted(aws, of_the_factor) == 3
    assert enter(otp=app.wrong()).status == 401
    assert enter().status == 429
    assert enter(otp=app.code()).status == 201
    assert (counted(aws, ADA), counted(aws, of_the_factor)) == (0, 0)


@pytest.mark.slow
def test_a_reset_gives_no_new_guesses_at_the_code(aws, app):
    """Whoever reads the mailbox may choose a password, and still has to guess the code as slowly as ever."""
    for _ in range(5):
        assert enter(otp=app.wrong()).status == 401
    Visitor().call("POST", "/password-resets", {"email": ADA})
    token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")
    assert Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": ANOTHER}).status == 204
    assert enter(ANOTHER, otp=app.wrong()).status == 429


@pytest.mark.slow
def test_codes_of_strangers_keep_no_owner_out(aws, ada, app):
    device = enter(otp=app.code()).body["device"]
    for _ in range(5):
        enter(otp=app.wrong())
    assert enter(otp=app.wrong()).status == 429
    assert enter(otp=app.code(), device=device).status == 201


@pytest.mark.slow
@settings.held(password_attempts=7)
def test_after_a_hundred_wrong_codes_none_is_taken(aws, app):
    for _ in range(7):
        assert enter(otp=app.wrong()).status == 401
        clock.tick(minutes=15)
    assert enter(otp=app.code()).status == 401
    (person,) = aws.rows("users")
    assert "blocked_at" in person


@pytest.mark.slow
@settings.held(password_attempts=7)
def test_wrong_codes_behind_the_right_password_are_a_row_that_no_pause_ends(aws, app):
    reset(aws)
    for _ in range(7):
        assert enter(ANOTHER, otp=app.wrong()).status == 401
        clock.tick(days=2)
    reset(aws)
    assert enter(ANOTHER, otp=app.code()).status == 401


def reset(aws) -> None:
    """Whoever reads the mailbox ends the password's own row."""
    Visitor().call("POST", "/password-resets", {"email": ADA})
    token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")
    assert Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": ANOTHER}).status == 204


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["otp", "recovery_code"])
def test_the_owner_hears_of_the_right_password_with_wrong_factors(aws, app, wrong):
    def fail() -> None:
        given = {"otp": app.wrong(), "recovery_code": "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"}
        assert enter(**{wrong: given[wrong]}).status == 401

    def told() -> str | None:
        (person,) = aws.rows("users")
        return person.get("second_factor_failed_at")

    for _ in range(2):
        fail()
    assert told() is None
    clock.tick(days=3)
    fail()
    first = told()
    assert first == clock.timestamp()
    clock.tick(minutes=1)
    fail()
    assert told() == first


@pytest.mark.slow
def test_wrong_codes_in_a_session_and_behind_a_mailed_code_are_told_too(aws, ada, app):
    def told() -> str | None:
        (person,) = aws.rows("users")
        return person.get("second_factor_failed_at")

    for _ in range(3):
        assert ada.call("POST", "/sessions/current/step-up", {"otp": app.wrong()}).status == 401
    assert told() == clock.timestamp()
    clock.tick(minutes=1)
    code = code_by_mail(aws)
    for _ in range(3):
        assert enter_by_code(code, otp=app.wrong()).status == 401
    assert told() == clock.timestamp()


@settings.held(password_attempts=5)
@pytest.mark.slow
def test_who_knows_the_password_keeps_no_owner_out_of_their_mailbox(aws, app):
    """The right code behind the mailed one also ends the row behind the password."""
    for _ in range(5):
        assert enter(otp=app.wrong()).status == 401
    assert enter(otp=app.code()).status in {401, 429}
    assert enter_by_code(code_by_mail(aws), otp=app.code()).status == 201
    reset(aws)
    assert enter(ANOTHER, otp=app.code()).status == 201


def code_by_mail(aws) -> str:
    Visitor().call("POST", "/sessions/email", {"email": ADA})
    return token_of(mailed(aws)[-1])


def enter_by_code(code: str, **fields: object):
    return Visitor().call("POST", "/sessions/email/confirm", {"code": code, **fields})


@pytest.mark.slow
@settings.held(password_attempts=3)
def test_who_has_enrolled_anew_begins_a_new_row(aws, ada, app):
    """Else removing the factors would not help who was locked out."""
    device = enter(otp=app.code()).body["device"]
    for _ in range(3):
        enter(otp=app.wrong())
    clock.tick(minutes=15)
    owner = Visitor()
    owner.access_token = enter(otp=app.code(), device=device).body["access_token"]
    assert owner.call("DELETE", "/me/totp").status == 204
    renewed = app_of(owner)
    Visitor().call("POST", "/password-resets", {"email": ADA})
    token = next(token_of(mail) for mail in mailed(aws) if mail["template"] == "password_reset")
    assert Visitor().call("POST", "/password-resets/confirm", {"token": token, "password": ANOTHER}).status == 204
    assert enter(ANOTHER, otp=renewed.code()).status == 201


@pytest.mark.slow
def test_a_recovery_code_stands_in(aws, ada, app):
    codes = ada.call("POST", "/me/recovery-codes").body["recovery_codes"]
    assert enter(recovery_code=codes[0]).status == 201
    assert enter(recovery_code=codes[0]).status == 401
    assert newest(aws)["second_factor"] is True


@pytest.mark.slow
def test_a_wrong_factor_says_nothing_of_a_disabled_person(aws, app):
    person = next(row for row in aws.rows("users") if row["id"] == "U1")
    aws.put("users", {**person, "status": "disabled"})
    answers = [enter(), enter(otp=app.code()), enter(WRONG)]
    assert {(answer.status, answer.body["detail"]) for answer in answers} == {
        (401, "the address or the password is wrong")
    }


def test_a_passkey_is_all_one_needs(aws, key):
    answer = enter_by_passkey(key)
    assert answer.status == 201
    assert answer.body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "device"}
    assert (newest(aws)["user_id"], newest(aws)["second_factor"]) == ("U1", True)


def test_whoever_has_a_passkey_needs_it_beside_the_password(key):
    answer = enter()
    assert (answer.status, answer.body["factors"]) == (401, ["passkey"])


@pytest.mark.slow
@settings.held(password_attempts=5)
def test_a_passkey_works_while_the_password_is_blocked(aws, key):
    for _ in range(5):
        enter(WRONG)
    assert enter_by_passkey(key).status == 201


@pytest.mark.slow
def test_challenge_replay_an_answer_is_good_once(key):
    options = Visitor().call("POST", "/sessions/passkey/options").body
    body = {"response": key.get(options)}
    assert [Visitor().call("POST", "/sessions/passkey", body).status for _ in range(2)] == [201, 401]


@pytest.mark.slow
def test_a_challenge_is_good_for_five_minutes(key):
    options = Visitor().call("POST", "/sessions/passkey/options").body
    clock.tick(minutes=5)
    assert Visitor().call("POST", "/sessions/passkey", {"response": key.get(options)}).status == 401


@pytest.mark.parametrize("change", [{"status": "disabled"}, {"deleted_at": "2026-03-01T12:00:00.000Z"}])
def test_a_passkey_of_who_is_gone_or_disabled_lets_nobody_in(aws, key, change):
    person = next(row for row in aws.rows("users") if row["id"] == "U1")
    aws.put("users", {**person, **change})
    assert enter_by_passkey(key).status == 401


@settings.held(sign_ins_per_hour=2)
def test_made_up_answers_are_refused_and_counted_of_the_client(aws, key):
    statuses = [Visitor().call("POST", "/sessions/passkey", {"response": {"id": "x"}}).status for _ in range(4)]
    assert statuses == [401, 401, 429, 429]


@settings.held(sign_ins_per_hour=2)
def test_challenges_are_limited_of_a_client(aws):
    statuses = [Visitor().call("POST", "/sessions/passkey/options").status for _ in range(3)]
    assert statuses == [200, 200, 429]
