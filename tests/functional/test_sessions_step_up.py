"""Stepping up: what counts as a proof, what it changes, and how often it may be tried."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of, key_of
from tests.functional.faults import listening
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
WRONG = "not the right password"
PATH = "/sessions/current/step-up"


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


def session_of(aws, client: Visitor) -> dict:
    own = client.refresh_token.partition(".")[0]
    return next(row for row in aws.rows("sessions") if row["id"] == own)


def may_act(client: Visitor) -> bool:
    """Whether the session is fresh enough for what a stolen token must not do."""
    answer = client.call("POST", "/me/totp")
    assert answer.status in {201, 401, 409}
    return answer.status != 401


def later(client: Visitor) -> Visitor:
    """The client an hour later, with a fresh access token, which proves nothing anew."""
    clock.tick(hours=1)
    assert client.refresh().status == 200
    return client


@pytest.mark.slow
def test_who_has_no_factor_proves_the_password(aws, ada):
    later(ada)
    assert not may_act(ada)
    assert ada.call("POST", PATH, {"password": PASSWORD}).status == 204
    assert may_act(ada)
    session = session_of(aws, ada)
    assert (session["authenticated_at"], session["second_factor"]) == (clock.epoch(), False)
    clock.tick(seconds=301)
    assert not may_act(ada)


def test_a_wrong_password_changes_nothing(aws, ada):
    later(ada)
    before = session_of(aws, ada)
    assert ada.call("POST", PATH, {"password": WRONG}).status == 401
    assert session_of(aws, ada) == before
    assert ada.call("GET", "/me").status == 200


@pytest.mark.parametrize("body", [{}, {"otp": "123456"}])
def test_a_password_is_needed_where_there_is_no_factor(ada, body):
    later(ada)
    answer = ada.call("POST", PATH, body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "password")
    assert not may_act(ada)


@pytest.mark.slow
def test_who_has_a_factor_proves_that_and_no_password(aws, ada, app):
    later(ada)
    answer = ada.call("POST", PATH, {"password": PASSWORD})
    assert (answer.status, answer.body["type"]) == (401, "factor-required")
    assert ada.call("POST", PATH, {"otp": app.wrong()}).status == 401
    assert not may_act(ada)
    assert ada.call("POST", PATH, {"otp": app.code()}).status == 204
    assert may_act(ada)
    assert session_of(aws, ada)["second_factor"] is True


@pytest.mark.slow
def test_a_recovery_code_does(ada, app):
    codes = ada.call("POST", "/me/recovery-codes").body["recovery_codes"]
    later(ada)
    assert [ada.call("POST", PATH, {"recovery_code": codes[0]}).status for _ in range(2)] == [204, 401]


@pytest.mark.slow
def test_a_passkey_does(aws, ada, key):
    later(ada)
    options = ada.call("POST", "/sessions/passkey/options").body
    assert ada.call("POST", PATH, {"passkey": key.get(options)}).status == 204
    assert session_of(aws, ada)["second_factor"] is True


@pytest.mark.slow
def test_anothers_passkey_does_not(ada, app, key):
    a_user(email="grace@maths.example", password=PASSWORD)
    grace = visitor("grace@maths.example")
    app_of(grace)
    options = grace.call("POST", "/sessions/passkey/options").body
    assert grace.call("POST", PATH, {"passkey": key.get(options)}).status == 401


@pytest.mark.slow
def test_a_passkey_without_its_users_finger_or_pin_does_not(ada, key):
    later(ada)
    key.verifies_user = False
    options = ada.call("POST", "/sessions/passkey/options").body
    assert ada.call("POST", PATH, {"passkey": key.get(options)}).status == 401


def test_other_sessions_stay_as_they_are(aws, ada):
    phone = visitor(ADA)
    clock.tick(hours=1)
    assert [client.refresh().status for client in (ada, phone)] == [200, 200]
    assert ada.call("POST", PATH, {"password": PASSWORD}).status == 204
    assert not may_act(phone)


@pytest.mark.slow
def test_attempts_are_counted_in_the_session_and_nobody_else_uses_them_up(ada):
    for _ in range(6):
        Visitor().enter(ADA, WRONG)
    assert ada.call("POST", PATH, {"password": PASSWORD}).status == 204
    statuses = [ada.call("POST", PATH, {"password": WRONG}).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]


@pytest.mark.slow
def test_neither_do_guesses_at_the_factor(ada, app):
    for _ in range(6):
        Visitor().call("POST", "/sessions", {"email": ADA, "password": PASSWORD, "otp": app.wrong()})
    assert ada.call("POST", PATH, {"otp": app.code()}).status == 204
    statuses = [ada.call("POST", PATH, {"otp": app.wrong()}).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]


@pytest.mark.slow
@settings.held(password_attempts=6, free_password_attempts=6)
def test_a_stolen_token_gets_no_more_than_a_hundred_guesses(ada):
    for _ in range(6):
        assert ada.call("POST", PATH, {"password": WRONG}).status == 401
    clock.tick(seconds=2)
    assert ada.call("POST", PATH, {"password": PASSWORD}).status == 401


def test_a_refresh_that_meets_a_step_up_succeeds(aws, ada):
    """The session is stepped up between the refresh's reading and its write."""
    done: list[int] = []

    def step_up(**_) -> None:
        if not done:
            done.append(0)
            done[0] = other.call("POST", PATH, {"password": PASSWORD}).status

    other = Visitor()
    other.access_token = ada.access_token
    with listening(clients.client("dynamodb"), "before-call.dynamodb.PutItem", step_up):
        assert ada.refresh().status == 200
    assert done == [204]
    session = session_of(aws, ada)
    assert (session["counter"], session["version"]) == (1, 3)
    assert ada.refresh().status == 200


@pytest.mark.slow
def test_a_step_up_that_meets_the_end_of_its_session_is_refused(aws, ada):
    other = visitor(ADA)
    own = ada.refresh_token.partition(".")[0]
    done: list[int] = []

    def end(**_) -> None:
        if not done:
            done.append(0)
            done[0] = other.call("DELETE", f"/sessions/{own}").status

    with listening(clients.client("dynamodb"), "before-call.dynamodb.PutItem", end):
        assert ada.call("POST", PATH, {"password": PASSWORD}).status == 401
    assert done == [204]
    assert "deleted_at" in session_of(aws, ada)
