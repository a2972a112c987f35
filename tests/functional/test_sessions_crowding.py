"""Sessions of one person have an end: in an hour, and at once."""

from __future__ import annotations

import pytest

from chalicelib.core import clients, clock, telemetry
from chalicelib.sessions.crowding import BEGUN_PER_HOUR, LOOKING, OPEN_AT_ONCE
from tests.builders import PASSWORD, a_user
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, mailed, token_of, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"


@pytest.fixture
def ada(aws):
    with one_call_at_a_time():
        yield a_user(id="U1", email=ADA, password=PASSWORD)


def open_rows(aws) -> list[dict]:
    return [row for row in aws.rows("sessions") if "deleted_at" not in row]


@pytest.mark.slow
def test_of_a_persons_sessions_the_oldest_end_whichever_processes_they_begin_in(aws, ada):
    first, looks, number = visitor(ADA), 0, 1
    while number <= OPEN_AT_ONCE or looks < 2:
        clients.forget()
        clock.tick(minutes=1)
        latest, number = visitor(ADA), number + 1
        newest = max(open_rows(aws), key=lambda row: row["created_at"])
        if newest["id"][-1] in LOOKING:
            assert len(open_rows(aws)) <= OPEN_AT_ONCE
            looks += number > OPEN_AT_ONCE
    assert first.call("GET", "/me").status == 401
    assert latest.call("GET", "/me").status == 200
    assert {row["reason"] for row in aws.rows("sessions") if "deleted_at" in row} == {"revoked"}


@pytest.mark.slow
def test_sign_ins_by_password_have_an_end_that_keeps_no_owner_out(aws, ada):
    """A stranger who has the password uses its sign-ins up. A known device and the mailbox go on, and the hour ends."""
    device = Visitor().enter(ADA).body["device"]
    answers = [Visitor().enter(ADA) for _ in range(BEGUN_PER_HOUR + 10)]
    assert [answer.status for answer in answers] == [201] * (BEGUN_PER_HOUR - 1) + [429] * 11
    assert int(answers[-1].headers["Retry-After"]) <= 3600
    known = {"email": ADA, "password": PASSWORD, "device": device}
    assert Visitor().call("POST", "/sessions", known).status == 201
    assert Visitor().call("POST", "/sessions/email", {"email": ADA}).status == 202
    code = token_of(mailed(aws)[-1])
    assert Visitor().call("POST", "/sessions/email/confirm", {"code": code}).status == 201
    clock.tick(hours=1)
    assert Visitor().enter(ADA).status == 201


def test_one_sign_in_of_eight_looks_at_the_others(aws, ada):
    with telemetry.recording() as record:
        for _ in range(20):
            visitor(ADA)
    looking = [row for row in aws.rows("sessions") if row["id"][-1] in LOOKING]
    assert record.names.count("Query") == len(looking)
    assert len(LOOKING) * 8 == 32
