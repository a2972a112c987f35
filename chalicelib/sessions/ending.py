"""Sessions end: by their owner, or with them."""

from __future__ import annotations

from functools import partial
from itertools import islice

from chalicelib.core.erasing import Erased
from chalicelib.core.errors import NotFound
from chalicelib.core.parallel import in_parallel
from chalicelib.sessions import refresh_tokens
from chalicelib.sessions.store import sessions

ERASED_AT_ONCE = 100
WORKERS = 8


def sign_out(session_id: str, user_id: str) -> None:
    """End one of a person's own sessions. Raises NotFound."""
    session = sessions().find_own(session_id, user_id)
    if session is None:
        raise NotFound("you have no such session")
    sessions().end(session, "signed_out")


def end_replaced(refresh_token: str | None) -> None:
    """End the session of the refresh token that a browser held, now that it holds another's."""
    token = refresh_tokens.parse(refresh_token or "")
    session = sessions().find_own(token.session_id, token.user_id) if token else None
    if session is not None:
        sessions().end(session, "signed_out")


def sign_out_everywhere(user_id: str) -> None:
    """End every session of a person. One that begins in the same second may go on."""
    in_parallel(partial(sessions().end, reason="signed_out"), sessions().all_of(user_id), WORKERS)


def erase(user_id: str) -> Erased:
    """End up to 100 sessions of a person who was removed. Their tombstones say nothing about the person."""
    found = list(islice(sessions().left_by(user_id), ERASED_AT_ONCE))
    in_parallel(sessions().bury, found, WORKERS)
    return Erased(len(found), len(found) < ERASED_AT_ONCE)
