"""Identifiers and random secrets, in one place, so that tests can predict them."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from typing import TYPE_CHECKING

from chalicelib.core import clock

if TYPE_CHECKING:
    from datetime import datetime

CLIENT_PREFIX = "rcc_"
"""The beginning of the ids of OAuth clients."""
OWN_CLIENT = "rollcall"
"""The `client_id` (RFC 9068) in the tokens of people who sign in to Rollcall itself."""


_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, of which each digit is 5 bits."""
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_PAIR_BITS = range(120, -1, -10)
"""Where each two of the 26 digits of a ULID begin."""


class _Ulids:
    """Makes ULIDs (https://github.com/ulid/spec): 48 bits are the time in milliseconds, 80 bits are random. Those of
    one millisecond count up, so that they sort in the order in which this process made them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds = -1
        self._randomness = 0

    def reset(self) -> None:
        with self._lock:
            self._milliseconds = -1

    def next(self, moment: datetime) -> str:
        milliseconds = int(moment.timestamp() * 1000)
        with self._lock:
            if milliseconds == self._milliseconds:
                self._randomness += 1
            else:
                self._milliseconds, self._randomness = milliseconds, int.from_bytes(secrets.token_bytes(10))
            randomness = self._randomness
        return id_from(milliseconds.to_bytes(6) + randomness.to_bytes(10))


_ulids = _Ulids()
reset = _ulids.reset
"""Begin anew: after a snapshot, from which several processes go on."""


def new_id(moment: datetime | None = None) -> str:
    """A ULID (26 characters of Crockford's base 32), which sorts by the time when it was made. Raises OverflowError
    for a time before 1970."""
    return _ulids.next(moment or clock.now())


def new_client_id() -> str:
    """The id of an OAuth client. It can be no person's, so that no two subjects of tokens are equal."""
    return CLIENT_PREFIX + new_id()


def is_clients(value: str) -> bool:
    """Whether an id can be that of an OAuth client, or Rollcall's own. No person has such an id."""
    return value.startswith(CLIENT_PREFIX) or value == OWN_CLIENT


def id_from(digest: bytes, time: str = "") -> str:
    """An id in the form of a ULID from the first 16 bytes of `digest`. The same bytes give the same id. `time` is the
    beginning of another ULID, all ten digits of its time, in the place of what the bytes say."""
    number = int.from_bytes(digest[:16])
    return time + "".join([_PAIRS[number >> bits & 1023] for bits in _PAIR_BITS[len(time) // 2 :]])


def digest_of(text: str) -> str:
    """What stands for an account, a token or a network where it is to be found and not told."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_secret(size: int = 32) -> str:
    """`size` random bytes as URL-safe base64 without padding."""
    return base64url(secrets.token_bytes(size))


def base64url(data: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of URL-safe base64 with or without padding. Raises ValueError where it is not that."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
