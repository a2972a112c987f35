"""Codes of devices: how they are made, written and compared. No AWS here but the cached keys.

A person types the user code, so it is short, and its MAC is the key of the row. The device code is `<the same
MAC>.<32 random bytes>`, of which the row has a hash. So one row is found by either, and neither is told by it.

How likely is it that somebody guesses a code that is not theirs? There are 20^8 codes, 34.6 bits, each good for
`SECONDS`. A person has `TRIES_OF_PERSON` an hour, their client network `MISSES_OF_NETWORK`, and all together
`MISSES_OF_ALL`. With 100 devices waiting at any moment, who uses all 1,000 up in every hour has one chance in 256,000
an hour, which is one in 29 years; with one device waiting, one in 2,900. What they win is a device in somebody else's
house that is signed in to an account of theirs. RFC 8628, section 5.1, asks for 32 bits with five tries.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.crypto import app_keys
from chalicelib.oauth.authorization.request import AuthorizationRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.oauth.device.rows import Device

SECONDS = 600
"""How long a person has."""

INTERVAL = 5
"""Seconds between two questions of a client (RFC 8628, section 3.2), to which `SLOWER` are added each time that it does
not keep to them (section 3.5), up to `LONGEST`."""
SLOWER = 5
LONGEST = 60

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628, section 6.1: no vowels, so that no code is a word, and no digits, which look like letters."""
LENGTH = 8

TRIES_OF_PERSON = 20
MISSES_OF_NETWORK = 60
MISSES_OF_ALL = 1000
"""In an hour; see above. What a person asks counts, what they allow counts again; of others only what is wrong."""

CODE_LIMIT = 256
"""Characters of a device code. Ours have 87."""


def new_device(client_id: str, scopes: Sequence[str], resource: str | None) -> tuple[Device, str, str]:
    """A row, its user code as people read it, and its device code."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    mac = _mac(letters, app_keys.current_key_id())
    device_code, until = f"{ids.base64url(mac)}.{ids.new_secret()}", clock.epoch() + SECONDS
    row: dict[str, Any] = {
        "id": _row_id(mac),
        "schema": records.SCHEMA,
        "digest": ids.digest_of(device_code),
        "client_id": client_id,
        "scopes": list(scopes),
        "state": "pending",
        "interval": INTERVAL,
        "good_until": until,
        "expires_at": until,
    }
    if resource is not None:
        row["resource"] = resource
    return cast("Device", row), f"{letters[:4]}-{letters[4:]}", device_code


def row_ids_of(user_code: str) -> list[str]:
    """Where the row of a code may be that a person typed, in whatever way; nowhere for what can be none. Two keys may
    have made it, while they are rotated."""
    letters = "".join(
        letter for letter in user_code.upper() if letter not in " -\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"
    )
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return []
    return [_row_id(_mac(letters, key_id)) for key_id in app_keys.key_ids()]


def row_id_of(device_code: str) -> str:
    """Where the row of a device code is. What is no code of ours leads nowhere."""
    return f"device#{device_code[:CODE_LIMIT].partition('.')[0]}"


def is_of(device_code: str, device: Device) -> bool:
    """Whether the row is that of this device code."""
    return hmac.compare_digest(ids.digest_of(device_code), device["digest"])


def is_good(device: Device) -> bool:
    return device["good_until"] > clock.epoch()


def request_of(device: Device) -> AuthorizationRequest:
    """What the client asks for, as other requests have it. There is no redirect address: the client fetches."""
    return AuthorizationRequest(
        client_id=device["client_id"],
        redirect_uri="",
        scopes=tuple(device["scopes"]),
        challenge="",
        begun=device["good_until"] - SECONDS,
        resource=device.get("resource"),
    )


def _row_id(mac: bytes) -> str:
    return f"device#{ids.base64url(mac)}"


def _mac(letters: str, key_id: str) -> bytes:
    return app_keys.mac("codes", "device", letters, key_id=key_id)
