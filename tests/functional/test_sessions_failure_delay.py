"""How long a failed sign-in takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import Settings, settings
from chalicelib.sessions import dearest_hash, hash_notes
from tests.builders import PASSWORD, a_user
from tests.conftest import NOW
from tests.functional.enrolled import app_of
from tests.functional.faults import Crash, listening
from tests.functional.hashing import hashes_take_time
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


def floor_of_now(**attempt: str) -> float:
    """Of a wrong password for each kind of address: all of them take as long."""
    emails = ("unknown@maths.example", ADA, *attempt.pop("emails", "").split())
    answers = {seconds_of(lambda email=email: enter(WRONG, email, **attempt).status) for email in emails}
    ((status, seconds),) = answers
    assert status == 401
    clock.tick(seconds=10)
    return seconds


@pytest.mark.slow
def test_where_all_hashes_are_our_own_a_failure_takes_a_fifth_of_a_second(automatic):
    assert floor_of_now() == 0.2


@pytest.mark.slow
def test_where_an_old_system_may_be_asked_every_failure_has_the_time_for_it(automatic):
    """Also of those whom it is not asked for, and nothing of it for codes and passkeys."""
    system = json.dumps({"kind": "endpoint", "url": "https://old.example/", "seconds": 1.5})
    with settings.held(migration=system, failed_sign_in_milliseconds=-1):
        assert floor_of_now() == 1.7
        assert seconds_of(FAILURES["a wrong passkey"]) == (401, 0.15)


@pytest.mark.slow
def test_the_floor_is_as_high_as_the_dearest_hash_that_came_needs(aws, automatic):
    bring(aws, BCRYPT_10)
    assert floor_of_now() == 0.3
    bring(aws, BCRYPT_12)
    assert floor_of_now() == 0.75
    bring(aws, BCRYPT_10)
    assert floor_of_now() == 0.75


@pytest.mark.slow
def test_a_process_that_knew_a_lower_floor_never_uses_it_once_a_dear_hash_may_be_there(aws, automatic):
    """Neither for who has the hash nor for anybody else: or the difference would tell."""
    assert floor_of_now() == 0.2
    bring(aws, BCRYPT_12)
    assert floor_of_now(emails=aws.rows("users")[-1]["email"]) == 0.75


@pytest.mark.slow
def test_a_password_that_is_hashed_in_two_forms_has_twice_the_time(automatic):
    """Whatever the address: the form is of who asks."""
    two_forms = "Jos\u00e9 plays the bassoon"
    times = {
        seconds_of(lambda email=email: enter(two_forms, email).status) for email in (ADA, "unknown@maths.example")
    }
    assert times == {(401, 0.25)}


SCRYPT = f"$scrypt$ln=16,r=8,p=16${'A' * 22}${'A' * 43}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "brought", [(), (BCRYPT_10,), (BCRYPT_10, SCRYPT)], ids=["none", "bcrypt", "bcrypt and scrypt"]
)
@pytest.mark.parametrize("password", [WRONG, "Jos\u00e9 plays the bassoon"], ids=["one form", "two forms"])
def test_no_address_is_told_by_its_time_whatever_hashes_are_there(aws, automatic, brought, password):
    """Where each hash takes the time that it is reckoned with, and each call to AWS ten milliseconds."""
    for stored in brought:
        bring(aws, stored)
    addresses = [row["email"] for row in aws.rows("users")] + ["unknown@maths.example"]
    assert len(addresses) == 3 + len(brought)

    def slow(**_: object) -> None:
        clock.tick(milliseconds=10)

    with hashes_take_time(), listening(clients.client("dynamodb"), "before-call.dynamodb", slow):
        answers = {seconds_of(lambda email=email: enter(password, email).status) for email in addresses}
    assert len(answers) == 1, answers


@pytest.mark.slow
def test_codes_and_passkeys_wait_for_no_hash(aws, automatic):
    bring(aws, BCRYPT_12)
    ways = ("a wrong mailed code", "a wrong token of a mail", "a wrong passkey")
    assert {seconds_of(FAILURES[way]) for way in ways} == {(401, 0.15)}


@pytest.mark.slow
def test_hashes_like_our_own_cost_an_import_no_call(aws, automatic):
    bring(aws, "$2b$04$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG")
    assert notes(aws) == {}


def notes(aws) -> dict[str, int]:
    row = next((row for row in aws.rows("guards") if row["id"] == "dearest-hash"), {})
    return hash_notes.noted(row)


@pytest.mark.slow
def test_an_import_notes_a_dear_hash_before_it_writes_one(aws, automatic):
    """Where the note fails, nobody is there."""

    def crash(params: dict, **_: object) -> None:
        if b"dearest-hash" in params["body"]:
            raise Crash

    with listening(clients.client("dynamodb"), "before-call.dynamodb.UpdateItem", crash), pytest.raises(Crash):
        bring(aws, BCRYPT_12)
    assert len(aws.rows("users")) == 2
    assert notes(aws) == {}


@pytest.mark.slow
def test_a_trial_notes_nothing(aws, automatic):
    bring(aws, BCRYPT_12, dry_run="true")
    assert notes(aws) == {}


def test_one_process_notes_a_hash_once_an_hour(aws, held_clock):
    with telemetry.recording() as record:
        for _ in range(3):
            dearest_hash().note([BCRYPT_12, BCRYPT_10, "$pbkdf2-sha256$i=600000$c2FsdA$aGFzaA"])
        clock.tick(seconds=hash_notes.RENEWED_SECONDS)
        dearest_hash().note([BCRYPT_12])
    assert record.names == ["UpdateItem"] * 2
    assert notes(aws) == {"bcrypt:480": clock.epoch(), "pbkdf2:704": clock.epoch() - 3600}


@pytest.mark.slow
def test_own_hashes_that_settings_made_dearer_count_when_they_are_cheap_again(aws, automatic):
    with settings.held(argon2_memory_kib=64 * 1024, argon2_passes=3):
        dear = floor_of_now()
        assert dear > 0.2
    assert floor_of_now() == dear


def test_a_failure_that_takes_longer_than_its_floor_is_logged(aws, floor, ada, capsys):
    assert enter(WRONG).status == 401
    assert "outran" not in capsys.readouterr().out

    def slow(**_: object) -> None:
        clock.tick(seconds=1)

    with listening(clients.client("dynamodb"), "before-call.dynamodb.GetItem", slow):
        assert enter(WRONG).status == 401
    assert '"message":"failed sign-in outran its floor"' in (said := capsys.readouterr().out)
    assert '"floor":700,"milliseconds":3000' in said


def test_what_the_settings_say_counts_for_itself(aws, ada, floor):
    aws.put("guards", {"id": "dearest-hash", "bcrypt:4096": 0})
    assert seconds_of(FAILURES["a wrong password"]) == (401, 0.7)
