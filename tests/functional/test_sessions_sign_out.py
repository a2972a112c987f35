"""Where I am signed in, and signing out."""

from __future__ import annotations

import pytest

from chalicelib import sessions
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from tests.builders import PASSWORD, a_user
from tests.functional.faults import listening
from tests.functional.serial import one_call_at_a_time
from tests.functional.visitors import Visitor, visitor

WRITES = "before-call.dynamodb.TransactWriteItems"

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ada(aws):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    return visitor("ada@maths.example")


def own_ids(client: Visitor) -> list[str]:
    return [session["id"] for session in client.call("GET", "/sessions").body["items"]]


@pytest.mark.slow
def test_people_see_their_devices_newest_first(aws, ada):
    clock.tick(minutes=1)
    phone = Visitor()
    phone.enter("ada@maths.example", User_Agent="Phone")
    a_user(email="grace@maths.example", password=PASSWORD)
    visitor("grace@maths.example")
    listed = ada.call("GET", "/sessions").body["items"]
    assert [(session["agent"], session["current"]) for session in listed] == [("Phone", False), (None, True)]
    first = ada.call("GET", "/sessions?limit=1").body
    second = ada.call("GET", f"/sessions?limit=1&cursor={first['next']}").body
    assert [*first["items"], *second["items"]] == listed
    assert phone.call("GET", f"/sessions?limit=1&cursor={first['next']}").status == 200


@pytest.mark.slow
def test_a_session_can_be_ended_from_another(aws, ada):
    phone = visitor("ada@maths.example")
    phone_id = next(
        session["id"] for session in phone.call("GET", "/sessions").body["items"] if session["current"]
    )
    assert ada.call("DELETE", f"/sessions/{phone_id}").status == 204
    assert phone.call("GET", "/me").status == 401
    assert phone.refresh().status == 401
    assert ada.call("DELETE", f"/sessions/{phone_id}").status == 404
    assert len(own_ids(ada)) == 1
    (left,) = (row for row in aws.rows("sessions") if row["id"] == phone_id)
    assert (left["reason"], left["user_id"], left["version"]) == ("signed_out", "U1", 2)


def test_nobody_ends_anothers_session(aws, ada):
    a_user(email="grace@maths.example", password=PASSWORD)
    grace = visitor("grace@maths.example")
    (ada_id,) = own_ids(ada)
    assert grace.call("DELETE", f"/sessions/{ada_id}").status == 404
    assert grace.call("DELETE", "/sessions/01NOSUCHSESSION").status == 404
    assert ada.call("GET", "/me").status == 200


def test_signing_out_ends_this_session_only(aws, ada):
    phone = visitor("ada@maths.example")
    assert ada.call("DELETE", "/sessions/current").status == 204
    assert ada.call("GET", "/me").status == 401
    assert phone.call("GET", "/me").status == 200


@pytest.mark.slow
@pytest.mark.peers
def test_signing_out_everywhere_ends_them_all(aws, ada):
    phone = visitor("ada@maths.example")
    with one_call_at_a_time():
        assert ada.call("DELETE", "/sessions").status == 204
    assert [client.call("GET", "/me").status for client in (ada, phone)] == [401, 401]
    assert {row["reason"] for row in aws.rows("sessions")} == {"signed_out"}


@pytest.mark.slow
@pytest.mark.peers
def test_signing_out_everywhere_ends_who_signs_in_meanwhile(aws, ada):
    """By the person as they were read before, however late: and nobody who comes afterwards."""
    late = Visitor()

    def enter(**_):
        for _ in meanwhile:
            assert late.enter("ada@maths.example").status == 201

    meanwhile = iter([1])
    with one_call_at_a_time(), listening(clients.client("dynamodb"), WRITES, enter):
        assert ada.call("DELETE", "/sessions").status == 204
    assert next(meanwhile, None) is None
    assert late.call("GET", "/me").status == late.refresh().status == 401
    assert visitor("ada@maths.example").call("GET", "/me").status == 200


def test_signing_out_everywhere_meets_a_refresh(aws, ada):
    def refresh(**_):
        for _ in meanwhile:
            assert ada.refresh().status == 200

    meanwhile = iter([1])
    with one_call_at_a_time(), listening(clients.client("dynamodb"), WRITES, refresh):
        assert ada.call("DELETE", "/sessions").status == 204
    assert next(meanwhile, None) is None
    assert ada.call("GET", "/me").status == ada.refresh().status == 401
    assert {row["reason"] for row in aws.rows("sessions")} == {"signed_out"}


def test_signing_out_everywhere_costs_one_write_a_session(aws, ada):
    """The version that forgets the devices comes in the last one's."""
    with one_call_at_a_time(), telemetry.recording() as record:
        ada.call("DELETE", "/sessions")
    assert record.names[-3:] == ["BatchGetItem", "Query", "TransactWriteItems"]


def test_a_signed_in_route_is_one_batch_read(aws, ada):
    with telemetry.recording() as record:
        ada.call("GET", "/me")
    assert [name for name in record.names if name != "GetSecretValue"] == ["BatchGetItem"]
    (read,) = record.of("BatchGetItem")
    assert all(part["ConsistentRead"] for part in read.parameters["RequestItems"].values())


def test_erasing_ends_what_is_left_and_says_when_nothing_is(aws, ada):
    for _ in range(2):
        visitor("ada@maths.example")
    with one_call_at_a_time():
        assert sessions.erase("U1").done
        assert sessions.erase("U1").done
    assert [row["reason"] for row in aws.rows("sessions")] == ["revoked"] * 3
    assert {row["version"] for row in aws.rows("sessions")} == {2}


@pytest.mark.slow
def test_erasing_goes_on_in_pages(aws, ada):
    (row,) = aws.rows("sessions")
    for number in range(100):
        aws.put("sessions", {**row, "id": f"S{number:03}"})
    with one_call_at_a_time():
        assert not sessions.erase("U1").done
        assert sessions.erase("U1").done
    assert ["deleted_at" in row for row in aws.rows("sessions")] == [True] * 101
