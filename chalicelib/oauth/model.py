"""An OAuth client: its row, its secrets, and what is shown of it. No AWS here.

A secret has 256 random bits, so a plain SHA-256 protects it. A client has two secrets at most: the present one, and for
a time of grace the one before. Each has a number. Tokens carry the number, so they end with their secret.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock, ids
from chalicelib.core.aws import records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.oauth.rows import Client, ClientRecord, Registered, Secret

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
"""The attributes that the index of clients holds: no hash of a secret. A list reads the clients themselves, because an
index cannot be given further attributes."""

_NO_SECRET: Secret = {"number": 0, "digest": "0" * 64}

OF_MACHINE: Registered = {
    "type": "machine",
    "redirect_uris": [],
    "post_logout_redirect_uris": [],
    "scopes": [],
    "grant_types": ["client_credentials"],
    "first_party": False,
    "token_endpoint_auth_method": "client_secret_basic",
    "audiences": [],
    "require_par": False,
    "source": "admin",
}
"""What is registered of a machine, unless something else is."""

OPTIONAL = (
    "backchannel_logout_uri",
    "access_token_seconds",
    "refresh_token_days",
    "uri",
    "logo_uri",
)
"""What is absent from a row unless it was registered."""


def new_client(
    name: str,
    roles: Sequence[str],
    registered: Registered = OF_MACHINE,
    jwks: Mapping[str, Any] | None = None,
) -> tuple[Client, str | None]:
    """The row of a new client, and its secret if it has one."""
    client_id, moment = ids.new_client_id(), clock.timestamp()
    row = {
        **registered,
        "id": row_id(client_id),
        "kind": "client",
        "schema": records.SCHEMA,
        "version": 1,
        "client_id": client_id,
        "name": name,
        "roles": sorted(set(roles)),
        "created_at": moment,
        "updated_at": moment,
        "secrets": [],
    }
    if jwks is not None:
        row |= {"jwks": dict(jwks), "key_set": 1}
    if not has_secret(registered):
        return cast("Client", row), None
    secret = _new_secret()
    row |= {"secret_made_at": moment, "secrets": [{"number": 1, "digest": _digest(secret)}]}
    return cast("Client", row), secret


def has_secret(client: Registered) -> bool:
    """Whether a client proves itself by a secret."""
    return client.get("token_endpoint_auth_method", "client_secret_basic").startswith("client_secret_")


def patched(
    client: Client, name: str, roles: Sequence[str], registered: Registered, jwks: Mapping[str, Any] | None
) -> Client:
    """The client's next version, of which this is registered. Other keys end the tokens that the former ones got."""
    kept = {key: value for key, value in client.items() if key not in OPTIONAL}
    next_version = {
        **kept,
        **registered,
        "version": client["version"] + 1,
        "name": name,
        "roles": sorted(set(roles)),
        "updated_at": clock.timestamp(),
    }
    if jwks is not None and jwks != client.get("jwks"):
        next_version |= {"jwks": dict(jwks), "key_set": client["key_set"] + 1}
    return cast("Client", next_version)


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


def still_holds(client: Client, number: int) -> bool:
    """Whether the secret, or the set of keys, of that number is live, and so are the tokens that it got."""
    if not has_secret(client):
        return client.get("key_set") == number
    return any(secret["number"] == number for secret in _live_secrets(client))


def registered(client: Client | ClientRecord) -> Registered:
    """What is registered of a client, whichever version of Rollcall created it."""
    row: Mapping[str, Any] = client
    return cast(
        "Registered", {**OF_MACHINE, **{name: row[name] for name in (*OF_MACHINE, *OPTIONAL) if name in row}}
    )


def view(client: Client) -> dict[str, Any]:
    """The client as administrators see it."""
    until = client.get("previous_valid_until", 0)
    absent: dict[str, Any] = dict.fromkeys(OPTIONAL)
    return {
        **absent,
        **registered(client),
        "id": client["client_id"],
        "name": client["name"],
        "roles": client["roles"],
        "jwks": client.get("jwks"),
        "created_at": client["created_at"],
        "updated_at": client["updated_at"],
        "secret_made_at": client.get("secret_made_at"),
        "previous_valid_until": clock.timestamp_of(until) if until > clock.epoch() else None,
        "version": client["version"],
    }


def record_of(client: Client) -> ClientRecord:
    """The public record of a client, which is streamed, at the client's version."""
    row: Mapping[str, Any] = client
    further = {name: row[name] for name in ("secret_made_at", "key_set") if name in row}
    record = {
        "id": client["client_id"],
        "schema": records.SCHEMA,
        "version": client["version"],
        "created_at": client["created_at"],
        "name": client["name"],
        "roles": client["roles"],
        **registered(client),
        **further,
        **records.change_stamp(client["updated_at"], client["client_id"]),
    }
    return cast("ClientRecord", record)


def tombstone_of(client: Client) -> ClientRecord:
    """What the public record of a removed client is replaced by."""
    keys = {"id": client["client_id"], "version": client["version"], "created_at": client["created_at"]}
    return cast("ClientRecord", {"id": client["client_id"], **records.tombstone(keys)})


def _live_secrets(client: Client | None) -> list[Secret]:
    secrets = client["secrets"] if client else []
    return [secret for secret in secrets if secret.get("until", clock.epoch() + 1) > clock.epoch()]


def _new_secret() -> str:
    return PREFIX + ids.new_secret(SECRET_BYTES)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
