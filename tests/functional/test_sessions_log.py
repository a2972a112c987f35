"""What the log tells of attempts to sign in: enough to investigate, and nobody's personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.visitors import Visitor, mailed, token_of, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
WRONG = "not the right password"


@pytest.fixture
def ada(aws):
    a_user(id="U1", email=ADA, password=PASSWORD)
    a_user(id="U2", email="disabled@maths.example", password=PASSWORD, status="disabled")
    a_user(id="U3", email="imported@maths.example")
    return visitor(ADA)


def enter(password: str = PASSWORD, email: str = ADA, **fields: object):
    return Visitor().call("POST", "/sessions", {"email": email, "password": password, **fields})


def lines(caplog) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.getMessage() == "sign-in"]


def enter_by_code(code: str, **fields: object):
    return Visitor().call("POST", "/sessions/email/confirm", {"code": code, **fields})


FAILURES: dict[str, tuple[Callable[[Visitor], Any], dict[str, str]]] = {
    "a wrong password": (
        lambda _: enter(WRONG),
        {"way": "password", "subject": "U1", "reason": "wrong password"},
    ),
    "an unknown address": (
        lambda _: enter(email="unknown@maths.example"),
        {"way": "password", "subject": "", "reason": "no such account"},
    ),
    "a disabled person": (
        lambda _: enter(email="disabled@maths.example"),
        {"way": "password", "subject": "U2", "reason": "disabled"},
    ),
    "no password": (
        lambda _: enter(email="imported@maths.example"),
        {"way": "password", "subject": "U3", "reason": "no password"},
    ),
    "a wrong mailed code": (
        lambda _: enter_by_code("ABCD-EFGH", email=ADA),
        {"way": "mailed code", "subject": "", "reason": "wrong code"},
    ),
    "a wrong passkey": (
        lambda _: Visitor().call("POST", "/sessions/passkey", {"response": {"id": "x"}}),
        {"way": "passkey", "subject": "", "reason": "wrong passkey"},
    ),
    "a wrong refresh token": (
        lambda _: Visitor().call("POST", "/sessions/refresh", {"refresh_token": "made.up.token"}),
        {"way": "refresh token", "reason": "wrong token"},
    ),
    "a wrong password in a session": (
        lambda ada: ada.call("POST", "/sessions/current/step-up", {"password": WRONG}),
        {"way": "step-up", "subject": "U1", "reason": "wrong password"},
    ),
    "a wrong current password": (
        lambda ada: ada.call(
            "PUT", "/me/password", {"current_password": WRONG, "new_password": "copper lantern nine"}
        ),
        {"way": "current password", "subject": "U1", "reason": "wrong password"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_one_line_that_says_why(ada, caplog, failure):
    caplog.clear()
    fail, told = FAILURES[failure]
    assert fail(ada).status in {401, 422}
    (line,) = lines(caplog)
    assert {name: line[name] for name in told} == told
    assert line["outcome"] == "refused"
    assert line["client_network"] == "127.0.0.0/24"
    assert line["request_id"]


@pytest.mark.slow
def test_wrong_second_factors_are_told_by_their_kind(aws, ada, caplog):
    app = app_of(ada)
    Visitor().call("POST", "/sessions/email", {"email": ADA})
    code = token_of(mailed(aws)[-1])
    caplog.clear()
    enter(otp=app.wrong())
    enter()
    enter(recovery_code="AAAA-BBBB-CCCC-DDDD-EEEE-FFFF")
    enter_by_code(code, otp=app.wrong())
    ada.call("POST", "/sessions/current/step-up", {"otp": app.wrong()})
    enter(otp=app.code())
    told = [(line["way"], line["second_factor"], line["reason"], line["subject"]) for line in lines(caplog)]
    assert told == [
        ("password", "otp", "wrong second factor", "U1"),
        ("password", "", "second factor missing", "U1"),
        ("password", "recovery_code", "wrong second factor", "U1"),
        ("mailed code", "otp", "wrong second factor", "U1"),
        ("step-up", "otp", "wrong second factor", "U1"),
        ("password", "otp", "", "U1"),
    ]


@pytest.mark.slow
def test_who_has_to_wait_is_told_too(ada, caplog, monkeypatch):
    for _ in range(5):
        enter(WRONG)
    caplog.clear()
    assert enter().status == 429
    (line,) = lines(caplog)
    assert (line["outcome"], line["reason"]) == ("refused", "too many")


@pytest.mark.slow
def test_who_has_to_wait_with_a_current_password_is_told_too(ada, caplog):
    body = {"current_password": WRONG, "new_password": "copper lantern nine"}
    for _ in range(5):
        ada.call("PUT", "/me/password", body)
    caplog.clear()
    assert ada.call("PUT", "/me/password", body).status == 429
    (line,) = lines(caplog)
    assert (line["way"], line["outcome"], line["reason"]) == ("current password", "refused", "too many")


def test_who_gets_in_is_told_too(ada, caplog):
    caplog.clear()
    assert enter().status == 201
    (line,) = lines(caplog)
    assert (line["outcome"], line["way"], line["subject"]) == ("granted", "password", "U1")


@pytest.mark.slow
def test_lines_of_one_account_and_of_one_client_belong_together(ada, caplog):
    caplog.clear()
    enter(WRONG)
    enter(WRONG, "unknown@maths.example")
    enter(WRONG, "ADA@maths.example")
    first, second, third = lines(caplog)
    assert first["account"] == third["account"] != second["account"]
    assert first["client_address"] == second["client_address"]


def test_no_line_holds_an_address_a_secret_or_what_would_find_one_out(ada, caplog):
    """A plain hash of an address can be tried against every address that one knows."""
    from chalicelib.core.ids import digest_of

    caplog.clear()
    enter(WRONG)
    Visitor().enter(ADA, WRONG, X_Forwarded_For="203.0.113.9")
    logged = str(lines(caplog))
    for canary in (ADA, "maths.example", digest_of(ADA), WRONG, "127.0.0.1", "203.0.113.9"):
        assert canary not in logged
    assert {line["client_network"] for line in lines(caplog)} == {"127.0.0.0/24"}
