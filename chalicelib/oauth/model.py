"""An OAuth client: its row, its secrets, and what is shown of it. No AWS here.

A secret has 256 random bits, so a plain SHA-256 protects it. A client has two secrets at most: the present one, and for
a time of grace the one before. Each has a number. Tokens carry the number, so they end with their secret.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.aws import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.oauth.rows import Client, Secret

PREFIX = "rcs_"
"""Every secret begins with it, so that scanners of code and logs recognise one."""
SECRET_BYTES = 32
GRACE_LIMIT = 24 * 3600
"""Seconds that a secret may live on beside its successor."""

LISTED = (
    "client_id",
    "name",
    "roles",
    "created_at",
    "updated_at",
    "secret_made_at",
    "previous_valid_until",
    "version",
)
"""The attributes that a list shows, and so those that its index holds: no hash of a secret."""

_NO_SECRET: Secret = {"number": 0, "digest": "0" * 64}


def new_client(name: str, roles: Sequence[str]) -> tuple[Client, str]:
    """The row of a new client, and its secret."""
    client_id, secret, moment = ids.new_client_id(), _new_secret(), clock.timestamp()
    row: Client = {
        "id": row_id(client_id),
        "kind": "client",
        "schema": records.SCHEMA,
        "version": 1,
        "client_id": client_id,
        "name": name,
        "roles": sorted(set(roles)),
        "created_at": moment,
        "updated_at": moment,
        "secret_made_at": moment,
        "secrets": [{"number": 1, "digest": _digest(secret)}],
    }
    return row, secret


def rotated(client: Client, grace_seconds: int) -> tuple[Client, str]:
    """The client's next version, and its new secret. The present secret works for `grace_seconds` more; any older one
    ends now."""
    secret, moment = _new_secret(), clock.timestamp()
    present = client["secrets"][0]
    until = clock.epoch() + grace_seconds
    previous: list[Secret] = [{**present, "until": until}] if grace_seconds else []
    next_version: Client = {
        **client,
        "version": client["version"] + 1,
        "updated_at": moment,
        "secret_made_at": moment,
        "secrets": [{"number": present["number"] + 1, "digest": _digest(secret)}, *previous],
    }
    next_version.pop("previous_valid_until", None)
    if previous:
        next_version["previous_valid_until"] = until
    return next_version, secret


def row_id(client_id: str) -> str:
    return f"client#{client_id}"


def number_of(client: Client | None, secret: str) -> int | None:
    """The number of this secret, or None where it is no live secret of the client. Always two comparisons, also where
    there is no client, so that the time tells nothing."""
    digest = _digest(secret)
    compared = [*_live_secrets(client), _NO_SECRET, _NO_SECRET][:2]
    numbers = [stored["number"] for stored in compared if hmac.compare_digest(stored["digest"], digest)]
    return numbers[0] if numbers else None


def has_live_secret(client: Client, number: int) -> bool:
    """Whether the secret of that number is live, and so are the tokens that it got."""
    return any(secret["number"] == number for secret in _live_secrets(client))


def view(client: Client) -> dict[str, Any]:
    """The client as administrators see it."""
    until = client.get("previous_valid_until", 0)
    return {
        "id": client["client_id"],
        "name": client["name"],
        "roles": client["roles"],
        "created_at": client["created_at"],
        "updated_at": client["updated_at"],
        "secret_made_at": client["secret_made_at"],
        "previous_valid_until": clock.timestamp(datetime.fromtimestamp(until, UTC))
        if until > clock.epoch()
        else None,
        "version": client["version"],
    }


def _live_secrets(client: Client | None) -> list[Secret]:
    secrets = client["secrets"] if client else []
    return [secret for secret in secrets if secret.get("until", clock.epoch() + 1) > clock.epoch()]


def _new_secret() -> str:
    return PREFIX + ids.new_secret(SECRET_BYTES)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
