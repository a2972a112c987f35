"""Which clients are told that a session has ended, and by what (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.core import clock, ids
from chalicelib.core.settings import settings
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients
from chalicelib.tokens import jws
from chalicelib.tokens.signing_keys import keyring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.oauth.grants.rows import Grant

TYPE = "logout+jwt"
"""Of the token's header (section 2.4), so that it counts for no other token of ours."""

SECONDS = 120
"""How long a token is good: section 4 recommends at most two minutes, so that one that is caught is soon worth
nothing."""

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True)
class LogoutToken:
    """A signed token, and up to when it is good, in seconds since 1970."""

    text: str
    until: int

    def __repr__(self) -> str:
        return f"<logout token until {self.until}>"


class ClientSession(NamedTuple):
    """A session in which a client has a grant; without its id, every session of the person there."""

    client_id: str
    session_id: str
    user_id: str


def in_session(session_id: str) -> list[ClientSession]:
    """Who is to be told that a session has ended: one query, and one batch read where there are grants."""
    return of_grants(grants().of_session(session_id))


def before(user_id: str, version: int, kept: str | None) -> list[ClientSession]:
    """Who is to be told that this version of a person ended their sessions, except the one that is `kept`: the same."""
    return of_grants(
        grant
        for grant in grants().of_person(user_id)
        if grant["person_version"] < version and grant["session_id"] != kept
    )


def of_consent(client_id: str, user_id: str) -> list[ClientSession]:
    """Who is to be told that a person has withdrawn what they allowed a client, whose grants are gone: one batch
    read."""
    return [ClientSession(client_id, "", user_id)] if clients().logout_uris([client_id]) else []


def of_grants(ended: Iterable[Grant]) -> list[ClientSession]:
    """Each client and session of these grants once, where the client wants to be told: one batch read."""
    found = {ClientSession(grant["client_id"], grant["session_id"], grant["user_id"]) for grant in ended}
    wanting = clients().logout_uris(each.client_id for each in found)
    return sorted(each for each in found if each.client_id in wanting)


def logout_token(client_id: str, user_id: str, session_id: str) -> LogoutToken:
    """A token that tells a client that this session has ended (section 2.4); without its id, that all sessions of the
    person there are to end. It has no `nonce`, so that it is no ID token either. Each has a `jti` of its own: a client
    may refuse one that it has seen, though we have not seen its answer."""
    now = clock.epoch()
    claims = {
        "iss": settings().public_url,
        "aud": client_id,
        "iat": now,
        "exp": now + SECONDS,
        "jti": ids.new_id(),
        "sub": user_id,
        "events": {EVENT: {}},
        **({"sid": session_id} if session_id else {}),
    }
    return LogoutToken(jws.signed(claims, keyring().current(), TYPE), now + SECONDS)
