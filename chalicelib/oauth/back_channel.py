"""Which clients are told that a session has ended, and by what (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.settings import settings
from chalicelib.oauth.grants.store import grants
from chalicelib.tokens import jws
from chalicelib.tokens.signing_keys import keyring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.oauth.rows import ClientRecord

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


def clients_with_grants(session_id: str) -> list[str]:
    """The clients that have a grant in this session and want to be told of its end: one query, and one batch read where
    there are grants."""
    return sorted(addresses_of({grant["client_id"] for grant in grants().of_session(session_id)}))


def addresses_of(client_ids: Iterable[str]) -> dict[str, str]:
    """The addresses at which these clients are told, by their ids; without those that want nothing or are removed. They
    are read from the public records, which have no secrets."""
    table: Any = aws_clients.table("clients")
    keys: list[tuple[Any, Any]] = [(table, {"id": client_id}) for client_id in sorted(set(client_ids))]
    rows = aws_clients.database().batch_get(keys) if keys else []
    records = [cast("ClientRecord", row) for row in rows if row is not None]
    return {
        record["id"]: record["backchannel_logout_uri"] for record in records if "backchannel_logout_uri" in record
    }


def logout_token(client_id: str, user_id: str, session_id: str, token_id: str) -> LogoutToken:
    """A token that tells a client that this session has ended (section 2.4). It has no `nonce`, so that it is no ID
    token either."""
    now = clock.epoch()
    claims = {
        "iss": settings().public_url,
        "aud": client_id,
        "iat": now,
        "exp": now + SECONDS,
        "jti": token_id,
        "sub": user_id,
        "sid": session_id,
        "events": {EVENT: {}},
    }
    return LogoutToken(jws.signed(claims, keyring().current(), TYPE), now + SECONDS)
