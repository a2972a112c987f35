"""Staying signed in: each refresh token is good for one successor (RFC 9700, section 4.14.2).

Who lost the answer to a refresh has nothing but the token that they sent. So that token gets the same successor again,
however late, until the successor is used: its first use shows that the answer has arrived.
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
    """A new pair of tokens for a refresh token: one batch read, one write.

    While the successor is unused, the token before it gets the same one again, by no write. Any other use of an old
    token ends the session, because one of the two who hold it has stolen it. Raises Unauthenticated, and
    TooManyRequests for a client that failed too often.
    """
    token = refresh_tokens.parse(text)
    if token is None:  # so who makes tokens up locks nobody out who has one
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

    def attempt(present: Session | None) -> Grant:  # again where something else changed, such as a step-up
        if present is None or present.get("refresh_hash") != token.digest:
            return _overtaken(present, token, person)
        successor = token.successor(present["counter"] + 1)
        sessions().replace(present, model.rotated(present, token, successor))
        return grant(successor, person, present)

    return optimistic(attempt, session, exhausted=Unavailable("the session is being changed by others"))


def _overtaken(session: Session | None, token: RefreshToken, person: Person) -> Grant:
    """The answer to a request that read the session before another one changed it. Being a little too late is no theft;
    but where the successor was used meanwhile too, one of the two has stolen the token."""
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
    """The same successor again, for a concurrent request or a lost answer. Raises Unauthenticated."""
    if not model.is_repeated(session, token):
        raise InvalidToken
    return grant(token.successor(session["counter"]), person, session)
