"""Refresh a session: each refresh token is good for one successor, see `tokens.rotation`.

A refresh keeps the stamp of the version before: it is no event, so the sweep need not look at it. A new stamp would
cost a write unit more, in the index of changes, where all refreshes of an hour share its partitions.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chalicelib import accounts, limits
from chalicelib.core.errors import InvalidToken, Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.sessions.new_session import Grant, grant
from chalicelib.sessions.store import sessions
from chalicelib.tokens import refresh_tokens, rotation

if TYPE_CHECKING:
    from chalicelib.tokens.refresh_tokens import RefreshToken


def refresh(text: str, *, source_ip: str) -> Grant:
    """Exchange a refresh token for a new pair of tokens: one batch read, one write.

    Raises Unauthenticated, and TooManyRequests if the client network failed too often.
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
    session_and_person = sessions().find_with_person(token.holder_id, token.user_id) if token else None
    if token is None or session_and_person is None:
        raise InvalidToken
    session, person = session_and_person
    end = partial(sessions().end, reason="reuse")
    successor, present = rotation.exchange(token, session, replace=sessions().replace, end=end)
    return grant(successor, person, present)
