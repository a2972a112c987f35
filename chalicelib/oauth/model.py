"""A machine's client: its row, its secrets, and what is shown of it. No AWS here.

A secret is 256 random bits, so its plain SHA-256 keeps it. There are two at most: the present one, and for a grace the
one before. Each has a number, which tokens carry, so that a secret takes its tokens with it when it dies.
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

    from chalicelib.core.aws.dynamo import Item

PREFIX = "rcs_"
"""Of every secret, so that scanners of code and logs can know one when they see it."""
SECRET_BYTES = 32
GRACE_LIMIT = 24 * 3600
"""Seconds that a secret may live on beside its successor."""

SHOWN = (
    "client_id",
    "name",
    "roles",
    "created_at",
    "updated_at",
    "secret_made_at",
    "previous_valid_until",
    "version",
)
"""What a list shows, and what its index therefore holds: no secret's hash."""

_NO_SECRET = {"number": 0, "digest": "0" * 64}


def new_client(name: str, roles: Sequence[str]) -> tuple[Item, str]:
    """The row of a new client, and its secret."""
    client_id, secret, moment = ids.new_client_id(), _new_secret(), clock.timestamp()
    row = {
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


def rotated(client: Item, grace_seconds: int) -> tuple[Item, str]:
    """The client's next version, and its new secret. The one before lives on for the grace; any older one is dead."""
    secret, moment = _new_secret(), clock.timestamp()
    present = client["secrets"][0]
    until = clock.epoch() + grace_seconds
    kept = [{**present, "until": until}] if grace_seconds else []
    following = {
        **{name: value for name, value in client.items() if name != "previous_valid_until"},
        "version": client["version"] + 1,
        "updated_at": moment,
        "secret_made_at": moment,
        "secrets": [{"number": present["number"] + 1, "digest": _digest(secret)}, *kept],
    }
    return following | ({"previous_valid_until": until} if kept else {}), secret


def row_id(client_id: str) -> str:
    return f"client#{client_id}"


def credential_of(client: Item | None, secret: str) -> int | None:
    """The number of the living secret that this is, or None: in the same work for no client as for one with two."""
    given = _digest(secret)
    slots = [*_living(client), _NO_SECRET, _NO_SECRET][:2]
    found = [slot["number"] for slot in slots if hmac.compare_digest(slot["digest"], given)]
    return found[0] if found else None


def holds(client: Item, credential: int) -> bool:
    """Whether the secret of that number is alive, and so are the tokens that were got by it."""
    return any(secret["number"] == credential for secret in _living(client))


def view(client: Item) -> dict[str, Any]:
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


def _living(client: Item | None) -> list[dict[str, Any]]:
    secrets = client["secrets"] if client else []
    return [secret for secret in secrets if secret.get("until", clock.epoch() + 1) > clock.epoch()]


def _new_secret() -> str:
    return PREFIX + ids.new_secret(SECRET_BYTES)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
