"""Signing in by a mailed code."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.visitors import Browser, Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email=ADA, password=PASSWORD)


def ask(email: str = ADA):
    return Visitor().call("POST", "/sessions/email", {"email": email})


def mailed_code(aws) -> str:
    """The code of the link in the latest mail."""
    assert ask().status == 202
    return token_of(mailed(aws)[-1])


def confirm(code: str, **fields: object):
    return Visitor().call("POST", "/sessions/email/confirm", {"code": code, **fields})


def test_asking_looks_alike_for_every_address(aws, ada):
    a_user(email="disabled@maths.example", password=PASSWORD, status="disabled")
    reset = Visitor().call("POST", "/password-resets", {"email": ADA})
    answers = [ask(email) for email in (ADA, "unknown@maths.example", "disabled@maths.example")]
    assert {(answer.status, repr(answer.body)) for answer in answers} == {(202, repr(reset.body))}


def test_a_code_signs_in_once(aws, ada):
    code = mailed_code(aws)
    answer = confirm(code)
    assert answer.status == 201
    assert answer.body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "device"}
    (session,) = aws.rows("sessions")
    assert (session["user_id"], session["second_factor"], session["new_device"]) == ("U1", False, True)
    assert confirm(code).status == 401


def test_made_up_codes_are_refused_and_counted_of_the_client(aws, monkeypatch):
    monkeypatch.setenv("SIGN_INS_PER_HOUR", "2")
    settings.cache_clear()
    assert [confirm("x.1.y").status for _ in range(4)] == [401, 401, 429, 429]


@pytest.mark.slow
def test_a_second_factor_is_asked_for_and_the_code_stays_good(aws, ada):
    app = app_of(visitor(ADA))
    code = mailed_code(aws)
    asked = confirm(code)
    assert (asked.status, asked.body["type"]) == (401, "factor-required")
    assert confirm(code, otp=app.wrong()).status == 401
    clock.tick(seconds=1)
    assert confirm(code, otp=app.code()).status == 201
    assert max(aws.rows("sessions"), key=lambda row: row["id"])["second_factor"] is True


@pytest.mark.slow
def test_guesses_at_the_factor_are_counted_however_many_codes_come(aws, ada):
    app = app_of(visitor(ADA))
    code = mailed_code(aws)
    assert [confirm(code, otp=app.wrong()).status for _ in range(6)] == [401] * 5 + [429]
    assert confirm(mailed_code(aws), otp=app.wrong()).status == 429


def test_a_browser_gets_cookies(aws, ada):
    browser = Browser()
    body = {"code": mailed_code(aws), "browser": True}
    answer = browser.call("POST", "/sessions/email/confirm", body)
    assert answer.body.keys() == {"access_token", "token_type", "expires_in"}
    assert browser.refresh().status == 200


@pytest.mark.slow
def test_a_known_device_is_none_the_less_known(aws, ada):
    device = visitor(ADA).call("POST", "/sessions", {"email": ADA, "password": PASSWORD}).body["device"]
    clock.tick(seconds=1)
    confirm(mailed_code(aws), device=device)
    assert max(aws.rows("sessions"), key=lambda row: row["created_at"])["new_device"] is False
