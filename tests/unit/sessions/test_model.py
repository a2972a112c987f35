"""A session's item."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.sessions import model
from chalicelib.sessions.authentication import Authentication
from chalicelib.tokens import rotation
from chalicelib.tokens.refresh_tokens import RefreshToken

pytestmark = pytest.mark.usefixtures("held_clock")


class FixedToken(RefreshToken):
    """A token whose hash is said, so that no key is needed."""

    @property
    def digest(self) -> str:
        return self.secret.hex()


def a_token(secret: bytes) -> FixedToken:
    return FixedToken("S1", "U1", "1", secret)


def a_session(agent: str = "") -> dict:
    return model.new_session(
        {"id": "U1", "version": 7}, a_token(b"one"), agent, Authentication("password", ("pwd",))
    )


def rotated_once(session, used, successor):
    return {**session, **rotation.changes(session, used, successor)}


def test_a_session_ends_thirty_days_after_it_began_however_it_is_used():
    session = a_session()
    clock.tick(days=10)
    rotated = rotated_once(session, a_token(b"one"), a_token(b"two"))
    assert rotated["expires_at"] == session["expires_at"] == clock.epoch() + 20 * 86400
    assert rotated["created_at"] == session["created_at"]
    assert rotated["last_used_at"] > session["last_used_at"]
    assert rotated["version"] == 2


def test_the_token_before_counts_as_repeated_however_late():
    session = rotated_once(a_session(), a_token(b"one"), a_token(b"two"))
    clock.tick(days=29)
    assert rotation.is_repeated(session, a_token(b"one"))


def test_no_other_token_counts_as_repeated():
    session = rotated_once(a_session(), a_token(b"one"), a_token(b"two"))
    assert not rotation.is_repeated(session, a_token(b"zero"))
    session = rotated_once(session, a_token(b"two"), a_token(b"three"))
    assert not rotation.is_repeated(session, a_token(b"one"))


def test_what_is_left_of_a_session_says_whose_it_was_and_why_it_ended():
    left = model.ended(a_session("Firefox"), "reuse")
    assert (left["id"], left["user_id"], left["reason"], left["version"]) == ("S1", "U1", "reuse", 2)
    assert "deleted_at" in left
    assert not {"agent", "refresh_hash", "previous_hash"} & left.keys()


def test_an_agent_is_kept_short_and_without_control_characters():
    assert a_session("Fire\x00fox\n" + "x" * 300)["agent"] == "Firefox " + "x" * 192
    assert "agent" not in a_session()


def test_a_session_is_shown_without_its_hashes():
    shown = model.view(a_session("Firefox"), "S1")
    assert shown.keys() == {"id", "agent", "created_at", "last_used_at", "expires_at", "current"}
    assert shown["current"] is True
    assert shown["expires_at"] == "2026-03-31T12:00:00.000Z"
