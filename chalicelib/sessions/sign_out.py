"""End sessions: because their owner signs out, an administrator revokes them, or the person was removed."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.sessions.store import sessions
from chalicelib.tokens import refresh_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.sessions.rows import Reason, Session

ERASED_AT_ONCE = 100
WORKERS = 8


def sign_out(session_id: str, user_id: str) -> None:
    """End one of a person's own sessions. Raises NotFound."""
    _end(session_id, user_id, "signed_out")


def revoke(session_id: str, user_id: str) -> None:
    """End one session of a person, for an administrator. Raises NotFound, also for the session of another person."""
    _end(session_id, user_id, "revoked")


def _end(session_id: str, user_id: str, reason: Reason) -> None:
    session = sessions().find_own(session_id, user_id)
    if session is None:
        raise NotFound("there is no such session")
    sessions().end(session, reason)


def end_replaced(refresh_token: str | None) -> None:
    """End the session of a browser's former refresh token, because the browser has that of a new session now."""
    token = refresh_tokens.parse(refresh_token or "")
    if token is not None:
        end_former(token.holder_id, token.user_id)


def end_former(session_id: str, user_id: str) -> None:
    """The same for a session of which the browser has shown in another way that it is its own."""
    session = sessions().find_own(session_id, user_id)
    if session is not None:
        sessions().end(session, "signed_out")


def sign_out_everywhere(person: Person, session_id: str) -> None:
    """End every session of a person. Afterwards none of their devices is known.

    The session of the request ends last. The same transaction writes a version of the person that ends all earlier
    sessions: also a session that has just begun and is not in the index yet, and one whose sign-in read the person
    before. So after a crash the person is still signed in, and can ask again.
    Raises Conflict if other requests keep changing the session or the person.
    """
    open_sessions = list(sessions().all_of(person["id"]))
    others = [session for session in open_sessions if session["id"] != session_id]
    in_parallel(partial(sessions().end, reason="signed_out"), others, WORKERS)
    current = next((session for session in open_sessions if session["id"] == session_id), None)

    def attempt(present: Session | None) -> None:
        session = present or sessions().find_own(session_id, person["id"])
        accounts.people().change(person, accounts.ended_sessions, also=_end_with_person(session))

    optimistic(attempt, current, lost=Conflict, exhausted=Conflict("the session is being changed by others"))


def revoke_all(user_id: str) -> None:
    """End every session of a person, for an administrator. Afterwards none of their devices is known.

    The person's new version comes first: it alone ends all of them, also one that begins meanwhile. What follows leaves
    a tombstone of each, so that each has its event; after a crash, the request can be sent again. Raises NotFound, and
    Conflict if other requests keep changing the person.
    """
    accounts.people().change(accounts.people().get(user_id), accounts.ended_sessions)
    in_parallel(partial(sessions().end, reason="revoked"), list(sessions().all_of(user_id)), WORKERS)


def _end_with_person(session: Session | None) -> Callable[[Person], dict[str, Action]]:
    """The action that ends the session in the transaction that changes its person."""
    return lambda _: {"session": sessions().end_action(session, "signed_out")} if session else {}


def erase(user_id: str) -> Erased:
    """End up to 100 sessions of a person who was removed. The tombstones have no personal data."""
    remaining = list(islice(sessions().remaining_of(user_id), ERASED_AT_ONCE))
    in_parallel(sessions().leave_tombstone, remaining, WORKERS)
    return Erased(len(remaining), len(remaining) < ERASED_AT_ONCE)
