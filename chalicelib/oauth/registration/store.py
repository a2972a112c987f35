"""Initial access tokens, in the table `grants`. Of a token its row has a hash alone, and how often it is good."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws import key_limits, records
from chalicelib.core.aws.dynamo import TransactionRefused, absent, present
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.errors import NotFound
from chalicelib.oauth.store import clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Table
    from chalicelib.oauth.registration.rows import RegistrationToken
    from chalicelib.oauth.rows import Client

PREFIX = "rcr_"
"""Every token begins with it, so that scanners of code and logs recognise one."""

LENGTH_LIMIT = 128
"""Characters. Ours have 74."""


class TokenUsedUp(Exception):
    """The token was used up, removed, or expired, since it was read."""


class RegistrationTokens:
    """The stage's initial access tokens. They are `rcr_<id>.<32 random bytes>`."""

    def __init__(self, grants: Table[RegistrationToken]) -> None:
        self._grants = grants

    def create(
        self, *, uses: int, seconds: int, scopes: Sequence[str], audiences: Sequence[str], created_by: str
    ) -> tuple[RegistrationToken, str]:
        """Make a token: (its row, the token)."""
        identifier = ids.new_id()
        token, until = f"{PREFIX}{identifier}.{ids.new_secret()}", clock.epoch() + seconds
        row: RegistrationToken = {
            "id": _row_id(identifier),
            "schema": records.SCHEMA,
            "digest": ids.digest_of(token),
            "uses_left": uses,
            "scopes": list(scopes),
            "audiences": list(audiences),
            "created_at": clock.timestamp(),
            "created_by": created_by,
            "good_until": until,
            "expires_at": until,
        }
        self._grants.put(row, absent())
        return row, token

    def find(self, token: str) -> RegistrationToken | None:
        """The row of a token that is good now, or None: one read, and none for what cannot be a token."""
        identifier, point, _ = token.removeprefix(PREFIX).partition(".")
        if not (token.startswith(PREFIX) and point and token.isascii()) or len(token) > LENGTH_LIMIT:
            return None
        row = self._grants.get({"id": _row_id(identifier)})
        if row is None or not hmac.compare_digest(row["digest"], ids.digest_of(token)):
            return None
        return row if row["uses_left"] > 0 and row["good_until"] > clock.epoch() else None

    def register(self, row: RegistrationToken, client: Client) -> None:
        """Create a client by a token, which is used once more: one transaction, so that two requests cannot use the
        last use twice. Raises TokenUsedUp."""
        is_good = present() & Attr("uses_left").gt(0) & Attr("good_until").gt(clock.epoch())
        using = self._grants.updating({"id": row["id"]}, add={"uses_left": -1}, condition=is_good)
        try:
            clients().create(client, also={"token": using})
        except TransactionRefused as refused:
            raise TokenUsedUp from refused

    def remove(self, identifier: str) -> None:
        """Remove a token: it is no good any more. Raises NotFound."""
        key = {"id": _row_id(identifier)}
        if not key_limits.is_possible(key) or self._grants.delete(key) is None:
            raise NotFound("there is no such token")


def id_of(row: RegistrationToken) -> str:
    """The token's id, which is no secret."""
    return row["id"].partition("#")[2]


def _row_id(identifier: str) -> str:
    return f"registration#{identifier}"


@aws_clients.once
def registration_tokens() -> RegistrationTokens:
    """The stage's initial access tokens."""
    table: Any = aws_clients.table("grants")
    return RegistrationTokens(table)
