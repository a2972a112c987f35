"""Sessions end: by their owner, or with them."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.sessions import refresh_tokens
from chalicelib.sessions.store import sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action, Item

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


def sign_out_everywhere(person: Person, session_id: str) -> None:
    """End every session of a person, and make strangers of all their devices.

    The session that asks ends last, in one transaction with the version that ends all before it: also one that began
    just now, and was in no index yet, or whose sign-in read the person before. Who meets a crash can ask again.
    Raises Conflict where the session or the person keeps being changed by others.
    """
    found = list(sessions().all_of(person["id"]))
    others = [session for session in found if session["id"] != session_id]
    in_parallel(partial(sessions().end, reason="signed_out"), others, WORKERS)
    asking = next((session for session in found if session["id"] == session_id), None)

    def attempt(present: Item | None) -> None:
        session = present or sessions().find_own(session_id, person["id"])
        accounts.people().change(person, accounts.ended_sessions, also=_ending(session))

    optimistic(attempt, asking, lost=Conflict, exhausted=Conflict("the session is being changed by others"))


def _ending(session: Item | None) -> Callable[[Person], dict[str, Action]]:
    """What ends the session in the same transaction as a change of its person."""
    return lambda _: {"session": sessions().ending(session, "signed_out")} if session else {}


def erase(user_id: str) -> Erased:
    """End up to 100 sessions of a person who was removed. Their tombstones say nothing about the person."""
    found = list(islice(sessions().left_by(user_id), ERASED_AT_ONCE))
    in_parallel(sessions().bury, found, WORKERS)
    return Erased(len(found), len(found) < ERASED_AT_ONCE)
