"""Who is asking: a token is checked in process, then whoever it is about is read in one call."""

from __future__ import annotations

from chalicelib.core.errors import InvalidToken
from chalicelib.core.http.requests import Caller
from chalicelib.oauth.model import holds
from chalicelib.oauth.store import clients
from chalicelib.sessions import model, sessions
from chalicelib.tokens import access_tokens


def authenticate(token: str) -> Caller:
    """The caller behind a bearer token. Raises Unauthenticated where the token, the session, the person or the
    machine's secret has ended: what was ended or taken away by another request bites on this one."""
    claims = access_tokens.verify(token)
    return _person(claims) if claims.session_id else _machine(claims)


def _person(claims: access_tokens.Claims) -> Caller:
    found = sessions().find_with_person(claims.session_id, claims.subject)
    if found is None:
        raise InvalidToken
    session, person = found
    roles = model.roles_in(session, person)
    return Caller(
        person["id"],
        session["id"],
        roles,
        person,
        model.authenticated_at(session, person),
        model.has_second_factor(session, person),
        withheld=frozenset(person.get("roles", ())) - roles,
    )


def _machine(claims: access_tokens.Claims) -> Caller:
    client = clients().find(claims.subject)
    if client is None or not holds(client, claims.credential):
        raise InvalidToken
    return Caller(claims.subject, "", frozenset(client["roles"]), {}, claims.issued_at)
