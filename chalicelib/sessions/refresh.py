"""Refresh a session: each refresh token is good for one successor (RFC 9700, section 4.14.2).

A client that did not receive the answer to a refresh has only the token that it sent. So this token gets the same
successor again, until the successor is used: its first use shows that the answer has arrived. There is no time limit,
unless the stage sets a grace period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts, limits
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import InvalidToken, Unauthenticated, Unavailable
from chalicelib.core.settings import settings
from chalicelib.sessions import model, refresh_tokens
from chalicelib.sessions.new_session import Grant, grant
from chalicelib.sessions.store import sessions

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.refresh_tokens import RefreshToken
    from chalicelib.sessions.rows import Session


def refresh(text: str, *, source_ip: str) -> Grant:
    """Exchange a refresh token for a new pair of tokens: one batch read, one write.

    While the successor is unused, the token before it gets the same successor again, without a write. Any other use of
    an old token ends the session: two clients have the token, so one of them has stolen it. Raises Unauthenticated, and
    TooManyRequests if the client network failed too often.
    """
    token = refresh_tokens.parse(text)
    if token is None:  # only here: made-up tokens must not lock out others of the network
        limits.rates().refuse_known("refresh", source_ip)
    try:
        return _refreshed(token)
    except Unauthenticated:
        accounts.log_sign_in("refresh token", "refused", reason="wrong token", source_ip=source_ip)
        limits.rates().take("refresh", source_ip, settings().sign_ins_per_hour)
        raise


def _refreshed(token: RefreshToken | None) -> Grant:
    session_and_person = sessions().find_with_person(token.session_id, token.user_id) if token else None
    if token is None or session_and_person is None:
        raise InvalidToken
    session, person = session_and_person
    if session["refresh_hash"] != token.digest:
        return _used_before(session, token, person)

    def attempt(present: Session | None) -> Grant:  # runs again if a step-up, for one, changed the row
        if present is None or present.get("refresh_hash") != token.digest:
            return _overtaken(present, token, person)
        successor = token.successor(present["counter"] + 1)
        sessions().replace(present, model.rotated(present, token, successor))
        return grant(successor, person, present)

    return optimistic(attempt, session, exhausted=Unavailable("the session is being changed by others"))


def _overtaken(session: Session | None, token: RefreshToken, person: Person) -> Grant:
    """The answer to a request that read the session before another request changed it. If the other request used the
    same token just before, this is no theft. If the successor has been used too by now, one of the two clients has
    stolen the token."""
    if session is None or "deleted_at" in session:
        raise InvalidToken
    if model.is_predecessor(session, token):
        return _repeated(session, token, person)
    return _used_before(session, token, person)


def _used_before(session: Session, token: RefreshToken, person: Person) -> Grant:
    try:
        return _repeated(session, token, person)
    except Unauthenticated:
        sessions().end(session, "reuse")
        raise


def _repeated(session: Session, token: RefreshToken, person: Person) -> Grant:
    """The same successor again, for a concurrent request or after a lost answer. Raises Unauthenticated."""
    if not model.is_repeated(session, token):
        raise InvalidToken
    return grant(token.successor(session["counter"]), person, session)
