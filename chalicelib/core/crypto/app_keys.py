"""Keys derived from the stage's `app-keys` secret, one per purpose, so that no two uses share one.

The secret is a JSON object of numbered root keys: `{"1": "<64 random characters>", "2": {"key": "…", "made_at": "…"}}`.
The highest number makes new things; one that a rotation made (`app_key_rotation`) does so from an hour after, when
every process has read it. The others still verify what they made. **None is ever taken out**: refresh tokens keep the
key that their session began with, and webhook and TOTP secrets are sealed at rest.

Whoever reads the roots has the keys of every purpose. So what talks to hosts of others' choice opens what was sealed
for it with the keys of its own purpose alone: a version of the secret beside the roots, under a staging label, which
its policy names (`ISOLATED`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients
from chalicelib.core.aws.secret_cache import MISS_SECONDS, Reread, reader
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Held = TypeVar("Held")

Purpose = Literal[
    "links",
    "cursors",
    "refresh",
    "import-ids",
    "webhooks",
    "codes",
    "devices",
    "factors",
    "idempotency",
    "mail",
    "log",
    "chunks",
    "manifests",
]

ISOLATED: Mapping[Purpose, str] = {"webhooks": "WEBHOOKS"}
"""Purposes whose keys are read without the roots by who opens what was sealed for them, and the staging label of the
version that holds these keys by their numbers: `{"1": "<32 bytes in base64url>"}`. A rotation puts it there
(`core.crypto.app_key_rotation`) before its root is current, so no number is used that is not in it."""

UNUSED = timedelta(hours=1)
"""How long a key that was rotated in is there before it makes anything: far longer than a process goes on with what it
read, since short codes and digests do not say which key they are of."""


@dataclass(frozen=True)
class RootKey:
    """One numbered key, and since when it makes things; always, without a time."""

    secret: str
    used_from: datetime | None = None


def parse(keys: dict[str, Any]) -> dict[str, RootKey]:
    """The root keys of the secret's content, by their numbers."""
    return {
        number: RootKey(key) if isinstance(key, str) else RootKey(key["key"], clock.parse(key["made_at"]) + UNUSED)
        for number, key in keys.items()
    }


def current_key_id() -> str:
    """The number of the key that makes new things."""
    return _current(_keys().fresh())


def key_ids() -> list[str]:
    """The numbers of the two keys that what lives for hours may be made with: the current one and the one before."""
    keys = _keys().fresh()
    current = int(_current(keys))
    return sorted((number for number in keys if int(number) <= current), key=int)[-2:]


def all_key_ids() -> list[str]:
    """The numbers of all keys that the secret holds at this moment."""
    return list(_keys().fresh(0))


def first_key_id() -> str:
    """The number of the key that makes what must come out the same for ever."""
    return min(_keys().fresh(), key=int)


def key_for(purpose: Purpose, key_id: str | None = None) -> bytes:
    """The 32-byte key of a purpose: HKDF's extract and one block of its expand step (RFC 5869, SHA-256).

    Raises KeyError for a number that the secret does not hold. It is read again for one that this process does not
    know, but not for each.
    """
    number = current_key_id() if key_id is None else key_id
    return _derived(_holding(_keys(), number)[number], purpose)


def opening_key(purpose: Purpose, key_id: str) -> bytes:
    """The key of a purpose for who only opens: of an isolated purpose from the version of its own, never by the roots.

    Raises KeyError as `key_for` does, and Unavailable where an isolated purpose lacks the number: the roots may hold
    it, and the next rotation puts it there.
    """
    label = ISOLATED.get(purpose)
    if label is None:
        return key_for(purpose, key_id)
    keys = _holding(_labelled(label), key_id)
    if key_id not in keys:
        raise Unavailable(f"app-keys has no key {key_id} labelled {label} yet")
    return ids.from_base64url(keys[key_id])


def isolated(secret: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The keys of each isolated purpose by its label, of every root in the secret's content."""
    return {
        label: {number: ids.base64url(_derived(root, purpose)) for number, root in parse(secret).items()}
        for purpose, label in ISOLATED.items()
    }


def labelled(label: str) -> dict[str, str]:
    """The keys under a label as the secret holds them at this moment. Raises Unavailable where it holds none."""
    return _labelled(label).fresh(0)


def mac(purpose: Purpose, *parts: str, key_id: str | None = None) -> bytes:
    """HMAC-SHA256 over the parts, each framed by its length, under the purpose's key."""
    framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.digest(key_for(purpose, key_id), framed, hashlib.sha256)


def _current(keys: dict[str, RootKey]) -> str:
    now = clock.now()
    used = [number for number, key in keys.items() if key.used_from is None or key.used_from <= now]
    return max(used or keys, key=int)


def _derived(root: RootKey, purpose: Purpose) -> bytes:
    extracted = hmac.digest(b"rollcall", root.secret.encode(), hashlib.sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)


def _holding(keys: Reread[dict[str, Held]], number: str) -> dict[str, Held]:
    """The keys, read again if that number is not among those that this process knows."""
    known = keys.fresh()
    return known if number in known else keys.fresh(MISS_SECONDS)


@clients.once
def _keys() -> Reread[dict[str, RootKey]]:
    return Reread(reader("app-keys"), lambda text: parse(json.loads(text)))


@clients.once
def _labelled(label: str) -> Reread[dict[str, str]]:
    return Reread(reader("app-keys", label), json.loads)
