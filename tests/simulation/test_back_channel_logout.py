"""A client is told of the end of a session, wherever a handler crashes and whatever comes twice: at most once more."""

from __future__ import annotations

from urllib.parse import parse_qs

import jwt
import pytest

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.clock import held
from tests.builders import a_user
from tests.conftest import NOW
from tests.functional.receivers import receiving
from tests.functional.relying_party import a_client
from tests.simulation.process import CrashAt
from tests.simulation.stage import simulated

HANDLERS = ("on_session_change", "on_user_change", "on_webhook", "on_delivery", "every_five_minutes")
SESSIONS = 2
RUNS = 4
"""Of the schedule, each ten minutes after the one before."""


@pytest.fixture
def receiver(local_receivers):
    with receiving() as one:
        yield one


def each_is_signed_out(sessions) -> None:
    for session in sessions:
        tombstone = {**records.tombstone(session), "id": session["id"], "user_id": "U1", "reason": "signed_out"}
        clients.table("sessions").put(tombstone)


def their_person_ends_them(sessions) -> None:
    accounts.people().change(accounts.people().get("U1"), accounts.ended_sessions)


WAYS = {"each is signed out": each_is_signed_out, "their person ends them": their_person_ends_them}


def sessions_end(stage, receiver, way: str) -> None:
    """Two sessions end in which a client has a grant."""
    receiver.received.clear()
    client, _ = a_client(backchannel_logout_uri=receiver.url)
    a_user(id="U1", email="ann@example.com")
    sessions = [
        records.new(id=f"S{number}", user_id="U1", expires_at=clock.epoch() + 86400, counter=0)
        for number in range(SESSIONS)
    ]
    for session in sessions:
        clients.table("sessions").put(session)
        grant = {
            "id": f"grant#{session['id']}",
            "client_id": client["client_id"],
            "user_id": "U1",
            "session_id": session["id"],
            "person_version": 1,
        }
        clients.table("grants").put(grant)
    WAYS[way](sessions)
    stage.settle()
    time_passes(stage, 1)


def time_passes(stage, runs: int = RUNS) -> None:
    for _ in range(runs):
        clock.tick(minutes=10)
        stage.schedule("every_five_minutes")
        stage.settle()


def told(receiver) -> list[str]:
    """The sessions of the tokens that came, each as often as it came."""
    tokens = [parse_qs(one.body.decode())["logout_token"][0] for one in receiver.received]
    return sorted(jwt.decode(token, options={"verify_signature": False})["sid"] for token in tokens)


def settled(stage) -> None:
    """Every delivery has arrived, nothing waits, and nothing was parked."""
    rows = stage.rows("deliveries")
    assert {row["state"] for row in rows} == {"delivered"}
    assert len(rows) == SESSIONS
    assert [row for row in rows if "due_at" in row] == []
    assert [name for name, queue in stage.queues.items() if queue.bodies] == []


@pytest.mark.parametrize("way", WAYS)
def test_each_end_is_told_once(receiver, way):
    with held(NOW), simulated() as stage:
        sessions_end(stage, receiver, way)
        time_passes(stage)
        settled(stage)
    assert told(receiver) == ["S0", "S1"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_duplicates_and_disorder_tell_once(receiver, seed, way):
    with held(NOW), simulated(seed, copies=(1, 3)) as stage:
        sessions_end(stage, receiver, way)
        time_passes(stage)
        settled(stage)
    assert told(receiver) == ["S0", "S1"]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("before_it", [True, False])
def test_each_crash_tells_at_most_once_more(receiver, before_it, way):
    """Each invocation of the handlers crashes once, until the schedule has run. A token that is signed anew makes
    another message, which would crash again: so the later runs are without."""
    with held(NOW), simulated() as stage:
        sessions_end(stage, receiver, way)
        longest = max(stage.process.longest[handler] for handler in HANDLERS)
    assert longest > 3
    for number in range(1, longest + 1):
        with held(NOW), simulated() as stage:
            crash = CrashAt(number, HANDLERS, before_it)
            with stage.process.suffering(crash):
                sessions_end(stage, receiver, way)
            time_passes(stage)
            settled(stage)
        came = told(receiver)
        assert set(came) == {"S0", "S1"}, (number, came)
        assert len(came) <= SESSIONS + crash.crashed["on_delivery"], (number, came)
