"""How long a failed sign-in takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import Settings, settings
from tests.builders import PASSWORD, a_user
from tests.conftest import NOW
from tests.functional.enrolled import app_of
from tests.functional.importing import StateMachines
from tests.functional.visitors import Visitor, visitor

if TYPE_CHECKING:
    from collections.abc import Callable

ADA = "ada@maths.example"
WRONG = "not the right password"


@pytest.fixture
def ada(aws, held_clock):
    person = a_user(id="U1", email=ADA, password=PASSWORD)
    a_user(email="disabled@maths.example", password=PASSWORD, status="disabled")
    return person


@pytest.fixture
def floor():
    """A held clock is moved by what somebody waits."""
    with settings.held(failed_sign_in_milliseconds=700):
        yield


def enter(password: str = PASSWORD, email: str = ADA, **fields: object):
    return Visitor().call("POST", "/sessions", {"email": email, "password": password, **fields})


def seconds_of(ask: Callable[[], int]) -> tuple[int, float]:
    started = clock.now()
    status = ask()
    return status, round((clock.now() - started).total_seconds(), 3)


FAILURES: dict[str, Callable[[], int]] = {
    "a wrong password": lambda: enter(WRONG).status,
    "an unknown address": lambda: enter(email="unknown@maths.example").status,
    "a disabled person": lambda: enter(email="disabled@maths.example").status,
    "a wrong mailed code": lambda: (
        Visitor().call("POST", "/sessions/email/confirm", {"code": "ABCD-EFGH", "email": ADA}).status
    ),
    "a wrong token of a mail": lambda: Visitor().call("POST", "/sessions/email/confirm", {"code": "x.1.y"}).status,
    "a wrong passkey": lambda: Visitor().call("POST", "/sessions/passkey", {"response": {"id": "x"}}).status,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_takes_as_long(ada, floor, failure):
    assert seconds_of(FAILURES[failure]) == (401, 0.7)


@pytest.mark.slow
def test_so_does_a_wrong_code_and_a_blocked_account(ada):
    app = app_of(visitor(ADA))
    with settings.held(failed_sign_in_milliseconds=700, password_attempts=1):
        assert seconds_of(lambda: enter(otp=app.wrong()).status) == (401, 0.7)
        assert seconds_of(lambda: enter().status) == (401, 0.7)


@pytest.mark.slow
def test_what_is_no_failure_waits_for_nothing(ada, floor):
    signed_in = visitor(ADA)
    app = app_of(signed_in)
    assert seconds_of(lambda: enter().status) == (401, 0)
    with clock.held(clock.now()):
        code = app.code()
    clock.tick(seconds=30)
    assert seconds_of(lambda: enter(otp=code).status) == (201, 0)


@settings.held(free_password_attempts=1)
def test_a_refused_attempt_waits_for_nothing(ada, floor):
    enter(WRONG)
    assert seconds_of(lambda: enter(WRONG).status) == (429, 0)


@settings.held(sign_ins_per_hour=1)
def test_so_does_the_failure_that_is_one_too_many_of_its_client(ada, floor):
    """It was tried, so its time could tell as much as any other's."""
    taken = [seconds_of(lambda: enter(WRONG).status) for _ in range(3)]
    assert taken == [(401, 0.7), (429, 0.7), (429, 0)]


def test_work_counts_towards_the_floor():
    with clock.held(NOW):
        until = clock.running() + 0.7
        clock.tick(seconds=0.5)
        clock.wait_until(until)
        assert (clock.now() - NOW).total_seconds() == 0.7
        clock.tick(seconds=5)
        clock.wait_until(until)
        assert (clock.now() - NOW).total_seconds() == 5.7


def test_a_real_clock_is_waited_for():
    until = clock.running() + 0.02
    clock.wait_until(until)
    assert clock.running() >= until


@pytest.fixture
def automatic(ada, dear_hashes):
    """A stage that says nothing of its floor, over hashes that cost what they cost by default."""
    with settings.held(failed_sign_in_milliseconds=Settings.failed_sign_in_milliseconds):
        yield


BCRYPT_12 = "$2b$12$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG"
BCRYPT_10 = "$2b$10$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG"


def bring(aws, stored: str, **options: object) -> None:
    row = {"email": f"{len(aws.rows('users'))}@moved.example", "password_hash": stored}
    StateMachines(aws).drop(json.dumps([row]).encode(), **options)


def floor_of_now() -> float:
    """Of the next failure, whatever it is, a minute later."""
    clock.tick(seconds=60)
    answers = {
        seconds_of(FAILURES[name]) for name in ("an unknown address", "a wrong mailed code", "a wrong passkey")
    }
    ((status, seconds),) = answers
    assert status == 401
    return seconds


def test_where_all_hashes_are_our_own_a_failure_takes_a_quarter_of_a_second(automatic):
    assert floor_of_now() == 0.25


@pytest.mark.slow
def test_the_floor_is_as_high_as_the_dearest_hash_that_came_needs(aws, automatic):
    bring(aws, BCRYPT_10)
    assert floor_of_now() == 0.283
    bring(aws, BCRYPT_12)
    assert floor_of_now() == 0.565
    bring(aws, BCRYPT_10)
    assert floor_of_now() == 0.565


@pytest.mark.slow
def test_hashes_like_our_own_cost_an_import_no_call(aws, automatic):
    bring(aws, "$2b$04$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG")
    assert [row for row in aws.rows("guards") if row["id"] == "dearest-hash"] == []


def test_what_the_settings_say_counts_for_itself(aws, ada, floor):
    aws.put("guards", {"id": "dearest-hash", "milliseconds": 4000})
    assert seconds_of(FAILURES["a wrong password"]) == (401, 0.7)
