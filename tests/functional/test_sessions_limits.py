"""Sessions of one person have an end: in an hour, and at once."""

from __future__ import annotations

import pytest

from chalicelib.connections import connections
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.sessions.session_limits import (
    BEGUN_PER_HOUR,
    LOOKED_AT_EACH,
    OPEN_AT_ONCE,
    Begun,
)
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
def test_of_a_persons_sessions_the_oldest_end(aws, ada):
    first = visitor(ADA)
    for number in range(OPEN_AT_ONCE + 3 * LOOKED_AT_EACH):
        clock.tick(minutes=1)
        latest = visitor(ADA)
        assert len(open_rows(aws)) < OPEN_AT_ONCE + LOOKED_AT_EACH, number
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


@pytest.mark.slow
def test_nine_of_ten_sign_ins_look_at_no_other_session(aws, ada):
    connections().enabled()  # which a process reads once a minute
    with telemetry.recording() as record:
        for _ in range(LOOKED_AT_EACH - 1):
            visitor(ADA)
    assert "Query" not in record.names
    with telemetry.recording() as record:
        visitor(ADA)
    assert record.names.count("Query") == 1


def test_one_in_ten_looks_although_each_begins_in_a_process_of_its_own():
    looking = sum(Begun(f"2026/11/28/[$LATEST]{number:032x}").is_to_look("U1") for number in range(1000))
    assert 50 < looking < 200
