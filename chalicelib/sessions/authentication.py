"""Who is asking: a token is checked in process, its session and person are read in one call."""

from __future__ import annotations

from chalicelib.core.http import Caller
from chalicelib.sessions import tokens
from chalicelib.sessions.store import sessions


def authenticate(token: str) -> Caller:
    """The caller behind a bearer token. Raises Unauthenticated where the token, the session or the person has
    ended: what was ended or taken away by another request bites on this one."""
    claims = tokens.verify(token)
    found = sessions().find_with_person(claims.session_id, claims.user_id)
    if found is None:
        raise tokens.refused()
    session, person = found
    return Caller(
        person["id"],
        session["id"],
        frozenset(person.get("roles", ())),
        person,
        session["authenticated_at"],
        session["second_factor"],
    )
