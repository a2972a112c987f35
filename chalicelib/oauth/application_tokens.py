"""Access tokens of applications (RFC 9068): for the resource server that they name, or for `/oauth2/userinfo`. Our own
API takes none of them, because it is never their audience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, factors
from chalicelib.core import clock, ids
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws import records
from chalicelib.core.errors import InvalidToken
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules, consents, model
from chalicelib.oauth.grants import model as grant_model
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients
from chalicelib.sessions import authentication, sessions
from chalicelib.tokens import access_tokens, jws
from chalicelib.tokens.access_tokens import Issued
from chalicelib.tokens.signing_keys import keyring

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.oauth.grants.rows import Grant
    from chalicelib.oauth.rows import Client


@dataclass(frozen=True)
class Claims:
    """What a token of an application says, and is signed."""

    grant_id: str
    client_id: str
    user_id: str
    session_id: str
    audience: str
    scopes: tuple[str, ...]
    all: dict[str, Any]
    """Every claim, as the token has it."""


def userinfo_url() -> str:
    """The audience of tokens that name none."""
    return f"{settings().public_url}/oauth2/userinfo"


def issue(client: Client, grant: Grant, person: Person, scopes: list[str] | None = None) -> Issued:
    """A token of this grant, for all its scopes or for fewer."""
    granted = grant["scopes"] if scopes is None else scopes
    seconds = model.registered(client).get("access_token_seconds", settings().access_token_seconds)
    now = clock.epoch()
    claims = {
        "iss": settings().public_url,
        "sub": person["id"],
        "aud": grant.get("resource", userinfo_url()),
        "client_id": client["client_id"],
        "jti": ids.new_id(),
        "iat": now,
        "exp": now + seconds,
        "scope": " ".join(granted),
        "sid": grant["session_id"],
        "grant": grant["id"].removeprefix(grant_model.grant_id("")),
        "auth_time": grant["auth_time"],
        "acr": grant["acr"],
        "amr": grant["amr"],
    }
    if client_rules.ROLES in granted:
        claims["roles"] = roles_of(grant, person)
    token = jws.signed(claims, keyring().current(), access_tokens.TYPE)
    return Issued(token, seconds, granted)


def roles_of(grant: Grant, person: Person) -> list[str]:
    """The person's roles that count by this proof of theirs, as in their own sessions."""
    roles = set(person.get("roles", ()))
    has_second_factor = authentication.reaches(grant["acr"], "aal2") and factors.still_has(
        person, grant["person_version"]
    )
    if settings().admin_second_factor == "required" and not has_second_factor:
        roles -= {accounts.ADMIN}
    return sorted(roles)


def verify(token: str) -> Claims:
    """The claims of a token that we issued to an application, and that has not expired. Raises InvalidToken for any
    other; whether its grant goes on is for `Holder` to say."""
    try:
        claims = access_tokens.claims_of(token)
    except ValueError as error:
        raise InvalidToken from error
    texts = ("sub", "aud", "client_id", "sid", "grant", "scope")
    if not all(isinstance(claims.get(name), str) for name in texts):
        raise InvalidToken
    return Claims(
        grant_model.grant_id(claims["grant"]),
        claims["client_id"],
        claims["sub"],
        claims["sid"],
        claims["aud"],
        tuple(claims["scope"].split()),
        claims,
    )


@dataclass(frozen=True)
class Holder:
    """Who has a grant, and of whom."""

    grant: Grant
    client: Client
    person: Person


def holder_of(grant_id: str, client_id: str, user_id: str, session_id: str) -> Holder | None:
    """A grant that goes on, with its client and its person: one batch read. None where it has ended, its client was
    removed, or its person was removed or disabled, had their sessions ended, or signed out of the session that it ends
    with."""
    keys: list[tuple[Any, Any]] = [
        grants().table_and_key(grant_id),
        clients().table_and_key(client_id),
        *sessions().tables_and_keys(session_id, user_id),
    ]
    grant_row, client_row, session_row, person_row = aws_clients.database().batch_get(keys)
    grant, client = cast("tuple[Grant | None, Client | None]", (grant_row, client_row))
    if grant is None or client is None or not records.is_live(grant):
        return None
    if (grant["client_id"], grant["user_id"], grant["session_id"]) != (client_id, user_id, session_id):
        return None
    person = cast("Person | None", person_row)
    if not goes_on(grant, client, person):
        return None
    if "refresh_hash" not in grant and sessions().in_use((session_row, person_row), user_id) is None:
        return None
    return Holder(grant, client, cast("Person", person))


def goes_on(grant: Grant, client: Client, person: Person | None) -> bool:
    """Whether the grant's person is there, still allows it, and nothing has ended all their sessions since. Whether the
    one session goes on, with which a grant for no use without the person ends, is not looked at."""
    if person is None or not records.is_live(person):
        return False
    if not consents.still_allowed(person, client, grant):
        return False
    return accounts.may_continue(person, grant["session_id"], grant["person_version"])
