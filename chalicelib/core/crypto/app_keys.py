"""Keys derived from the stage's `app-keys` secret, one per purpose, so that no two uses share one.

The secret is a JSON object of numbered root keys: `{"1": "<64 random characters>", "2": {"key": "…", "made_at": "…"}}`.
The key of the highest number makes new MACs and seals. A key that a rotation made (`app_key_rotation`) does so after an
hour, when every process has read it. The others still verify and open what they made. **No key is ever removed**:
refresh tokens keep the key that their session began with, and webhook and TOTP secrets are sealed at rest.

Whoever reads the roots has the keys of every purpose. So a function that talks to hosts that others have chosen gets
the keys of its own purpose alone: a version of the secret beside the roots, under a staging label that the function's
policy names (`ISOLATED`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients
from chalicelib.core.aws.secret_cache import MISS_SECONDS, Reread, reader
from chalicelib.core.errors import Unavailable
from chalicelib.core.names import ISOLATED

if TYPE_CHECKING:
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
    "browser-sessions",
    "connections",
    "sign-in-flows",
    "grants",
    "authorization",
]

UNUSED = timedelta(hours=1)
"""How long a new key of a rotation is stored before it is used: far longer than a process uses what it has read,
because short codes and digests do not name their key."""


@dataclass(frozen=True)
class RootKey:
    """A root key, and the time from which it is used; None for always."""

    secret: str
    used_from: datetime | None = None


class RotatedKey(TypedDict):
    """A root key that a rotation made, in the secret."""

    key: str
    made_at: str


AppKeys = dict[str, str | RotatedKey]
"""The secret's content: root keys by their numbers."""


def parse(keys: AppKeys) -> dict[str, RootKey]:
    """The root keys of the secret's content, by their numbers."""
    return {
        number: RootKey(key) if isinstance(key, str) else RootKey(key["key"], clock.parse(key["made_at"]) + UNUSED)
        for number, key in keys.items()
    }


def current_key_id() -> str:
    """The number of the key for new MACs and seals."""
    return _current(_keys().fresh())


def key_ids() -> list[str]:
    """The numbers of the two keys that may have made what is valid for hours: the current one and the one before."""
    keys = _keys().fresh()
    current = int(_current(keys))
    return sorted((number for number in keys if int(number) <= current), key=int)[-2:]


def all_key_ids() -> list[str]:
    """The numbers of all keys that the secret holds now: it is read again."""
    return list(_keys().fresh(0))


def first_key_id() -> str:
    """The number of the key for MACs that must stay the same for ever."""
    return min(_keys().fresh(), key=int)


def key_for(purpose: Purpose, key_id: str | None = None) -> bytes:
    """The 32-byte key of a purpose: HKDF's extract and one block of its expand step (RFC 5869, SHA-256).

    Raises KeyError for a number that the secret does not hold. For an unknown number the secret is read again, at most
    every `MISS_SECONDS`.
    """
    return _derived(_root(key_id), purpose)


def opening_key(purpose: Purpose, key_id: str) -> bytes:
    """The key of a purpose, for those who only open seals. That of an isolated purpose is read from its own version of
    the secret, never derived from the roots.

    Raises KeyError as `key_for` does, and Unavailable where an isolated purpose lacks the number: the roots may have
    it, and the next rotation stores it.
    """
    label = ISOLATED.get(purpose)
    if label is None:
        return key_for(purpose, key_id)
    keys = _holding(_labelled(label), key_id)
    if key_id not in keys:
        raise Unavailable(f"app-keys has no key {key_id} labelled {label} yet")
    return ids.from_base64url(keys[key_id])


def isolated(secret: AppKeys) -> dict[str, dict[str, str]]:
    """The keys of each isolated purpose by its label, derived from every root of the secret's content."""
    return {
        label: {number: ids.base64url(_derived(root, purpose)) for number, root in parse(secret).items()}
        for purpose, label in ISOLATED.items()
    }


def labelled(label: str) -> dict[str, str]:
    """The keys under a label, as the secret holds them now. Raises Unavailable where nothing has the label."""
    return _labelled(label).fresh(0)


def mac(purpose: Purpose, *parts: str, key_id: str | None = None) -> bytes:
    """HMAC-SHA256 over the parts, each preceded by its length, under the purpose's key."""
    keyed = _keyed(_root(key_id), purpose).copy()
    for part in parts:
        encoded = part.encode()
        keyed.update(len(encoded).to_bytes(4) + encoded)
    return keyed.digest()


def _root(key_id: str | None) -> RootKey:
    """The root key of a number, or the current one. Raises KeyError as `key_for` does."""
    if key_id is None:
        keys = _keys().fresh()
        return keys[_current(keys)]
    return _holding(_keys(), key_id)[key_id]


def _current(keys: dict[str, RootKey]) -> str:
    now = clock.now()
    used = [number for number, key in keys.items() if key.used_from is None or key.used_from <= now]
    return max(used or keys, key=int)


@clients.once
def _derived(root: RootKey, purpose: Purpose) -> bytes:
    """The key of a purpose. It is computed once per process."""
    extracted = hmac.digest(b"rollcall", root.secret.encode(), hashlib.sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)


@clients.once
def _keyed(root: RootKey, purpose: Purpose) -> hmac.HMAC:
    """The MAC of nothing yet under the key of a purpose, to be copied: a sign-in makes five MACs."""
    return hmac.new(_derived(root, purpose), digestmod=hashlib.sha256)


def _holding(keys: Reread[dict[str, Held]], number: str) -> dict[str, Held]:
    """The keys by number, read again where that number is not among those in memory."""
    in_memory = keys.fresh()
    return in_memory if number in in_memory else keys.fresh(MISS_SECONDS)


@clients.once
def _keys() -> Reread[dict[str, RootKey]]:
    return Reread(reader("app-keys"), lambda text: parse(json.loads(text)))


@clients.once
def _labelled(label: str) -> Reread[dict[str, str]]:
    return Reread(reader("app-keys", label), json.loads)
