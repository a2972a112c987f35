"""Refreshing: one successor for each token, and theft shows."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import settings
from chalicelib.sessions.store import sessions
from chalicelib.tokens import refresh_tokens
from tests.builders import PASSWORD, a_user
from tests.functional.faults import listening
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ada(aws):
    a_user(id="U.1", email="ada@maths.example", password=PASSWORD)
    return visitor("ada@maths.example")


def reason(aws) -> str | None:
    (session,) = aws.rows("sessions")
    return session.get("reason")


def test_a_token_is_replaced_by_its_successor(aws, ada):
    tokens = [ada.refresh_token]
    for _ in range(3):
        clock.tick(minutes=10)
        answer = ada.refresh()
        assert answer.status == 200
        tokens.append(answer.body["refresh_token"])
    assert len(set(tokens)) == 4
    assert ada.call("GET", "/me").status == 200
    (session,) = aws.rows("sessions")
    assert (session["counter"], session["version"], session["last_used_at"]) == (3, 4, clock.timestamp())


def test_a_refresh_is_one_batch_read_and_one_write(ada):
    with telemetry.recording() as record:
        ada.refresh()
    assert [name for name in record.names if name != "GetSecretValue"] == ["BatchGetItem", "PutItem"]


def test_a_refresh_leaves_the_index_of_changes_alone(aws, ada):
    """All refreshes of an hour would write a few of its partitions, and none of them is an event."""
    (begun,) = aws.rows("sessions")
    clock.tick(minutes=10)
    ada.refresh()
    (session,) = aws.rows("sessions")
    stamp = ("changed_hour", "updated_at")
    assert [session[name] for name in stamp] == [begun[name] for name in stamp]


def test_a_lost_answer_and_two_tabs_get_the_same_successor_however_late(aws, ada):
    first = ada.refresh_token
    second = ada.refresh().body["refresh_token"]
    for pause in ({"seconds": 9}, {"seconds": 2}, {"hours": 5}, {"days": 29}):
        clock.tick(**pause)
        with telemetry.recording() as record:
            answer = Visitor().refresh(first)
        assert (answer.status, answer.body["refresh_token"]) == (200, second)
        assert [name for name in record.names if name != "GetSecretValue"] == ["BatchGetItem"]
    assert reason(aws) is None


def test_the_first_use_of_the_successor_ends_the_return_of_its_predecessor(aws, ada):
    """The thief came first, its answer is not lost, and it goes on: the owner's token shows it, however late."""
    stolen, thief = ada.refresh_token, Visitor()
    assert thief.refresh(stolen).status == 200
    clock.tick(hours=1)
    assert thief.refresh().status == 200
    clock.tick(hours=1)
    assert ada.refresh(stolen).status == 401
    assert reason(aws) == "reuse"
    assert thief.refresh().status == 401
    assert (thief.call("GET", "/me").status, ada.call("GET", "/me").status) == (401, 401)


def test_a_thief_who_comes_after_the_owner_went_on_ends_the_session(aws, ada):
    stolen, thief = ada.refresh_token, Visitor()
    ada.refresh()
    clock.tick(minutes=10)
    ada.refresh()
    assert thief.refresh(stolen).status == 401
    assert reason(aws) == "reuse"


@pytest.mark.slow
@pytest.mark.peers
@settings.held(refresh_grace_seconds=10)
def test_a_stage_can_let_the_predecessor_come_back_for_a_while_only(aws, ada):
    first = ada.refresh_token
    second = ada.refresh().body["refresh_token"]
    clock.tick(seconds=9)
    assert Visitor().refresh(first).body["refresh_token"] == second
    clock.tick(seconds=1)
    assert Visitor().refresh(first).status == 401
    assert reason(aws) == "reuse"


def test_what_is_overtaken_twice_is_reuse(aws, ada):
    """Others use the token and its successor between this request's read and its write."""
    first, other, done = ada.refresh_token, Visitor(), []

    def win(**_) -> None:
        if not done:
            done.append(True)
            other.refresh(first)
            other.refresh()

    with listening(clients.client("dynamodb"), "before-call.dynamodb.PutItem", win):
        assert Visitor().refresh(first).status == 401
    assert reason(aws) == "reuse"


def test_the_predecessor_of_a_used_token_is_reuse_however_quick(aws, ada):
    first = ada.refresh_token
    ada.refresh()
    ada.refresh()
    assert ada.refresh(first).status == 401
    assert reason(aws) == "reuse"


def test_who_loses_the_race_for_a_token_gets_the_winners_successor(aws, ada):
    """The other request wins between this one's read and its write."""
    first, other = ada.refresh_token, Visitor()
    winner: list[str] = []

    def win(**_) -> None:
        if not winner:
            winner.append("")
            winner[0] = other.refresh(first).body["refresh_token"]

    with listening(clients.client("dynamodb"), "before-call.dynamodb.PutItem", win):
        answer = ada.refresh(first)
    assert (answer.status, answer.body["refresh_token"]) == (200, winner[0])
    assert aws.rows("sessions")[0]["counter"] == 1


@settings.held(refresh_grace_seconds=0)
def test_without_grace_the_loser_is_refused_and_a_later_repeat_is_reuse(aws, ada):
    first = ada.refresh_token
    assert ada.refresh().status == 200
    assert ada.refresh(first).status == 401
    assert reason(aws) == "reuse"


@pytest.mark.slow
def test_made_up_tokens_read_nothing_and_end_no_session(aws, ada):
    token = ada.refresh_token
    place, _, last = token.rpartition(".")
    flipped = ("B" if last[0] == "A" else "A") + last[1:]
    another = str(refresh_tokens.first("01SESSION", "U.1")).rpartition(".")[2]
    made_up = [
        "x",
        "...",
        f"{place}.{flipped}",
        f"{place}.{another}",
        f"{place}.",
        token + "A",
        token[:-1],
        "\u00fc",
    ]
    stranger = token.replace("U.1", "U.2")
    other_key = token.replace(".1.", ".2.")
    for wrong in [*made_up, stranger, other_key]:
        with telemetry.recording() as record:
            assert Visitor().refresh(wrong).status == 401, wrong
        assert "BatchGetItem" not in record.names
    assert reason(aws) is None
    assert ada.refresh().status == 200


def test_a_session_ends_after_thirty_days_however_often_it_is_refreshed(ada):
    for days in (15, 14):
        clock.tick(days=days)
        assert ada.refresh().status == 200
    clock.tick(days=1)
    assert ada.refresh().status == 401


@settings.held(sign_ins_per_hour=2)
def test_one_client_fails_only_so_often(ada):
    assert [Visitor().refresh("made up").status for _ in range(4)] == [401, 401, 429, 429]


def test_reuse_ends_a_session_that_is_being_refreshed_by_its_thief(aws, ada):
    """The thief's refresh comes between the reading of a reused token and the ending of its session."""
    (session,) = aws.rows("sessions")
    ada.refresh()
    sessions().end(session, "reuse")
    assert reason(aws) == "reuse"
