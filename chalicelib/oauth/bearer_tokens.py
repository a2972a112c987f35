"""Who calls: the token is verified in this process, then its person or its OAuth client is read in one call."""

from __future__ import annotations

from chalicelib.core.errors import InvalidToken
from chalicelib.core.http.requests import Caller
from chalicelib.oauth.model import still_holds
from chalicelib.oauth.store import clients
from chalicelib.sessions import model, sessions
from chalicelib.tokens import access_tokens


def authenticate(token: str) -> Caller:
    """The caller that a bearer token (RFC 6750) is of: one read.

    Raises Unauthenticated where the token is not valid, or its session, its person or its client's secret has ended.
    The read is consistent, so what another request ended or took away a moment ago counts here."""
    claims = access_tokens.verify(token)
    return _person_caller(claims) if claims.session_id else _client_caller(claims)


def _person_caller(claims: access_tokens.Claims) -> Caller:
    session_and_person = sessions().find_with_person(claims.session_id, claims.subject)
    if session_and_person is None:
        raise InvalidToken
    session, person = session_and_person
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


def _client_caller(claims: access_tokens.Claims) -> Caller:
    client = clients().find(claims.subject)
    if client is None or not still_holds(client, claims.credential):
        raise InvalidToken
    return Caller(claims.subject, "", frozenset(client["roles"]), {}, claims.issued_at)
