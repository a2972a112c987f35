"""Cursors of lists: where a page ended, sealed, so that they say nothing and cannot be made up.

A cursor is the number of its key in four bytes and what is sealed (`core.crypto.seals`).

A cursor is bound to its route, filters and caller, and dies after 24 hours.
"""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core import clock, wire
from chalicelib.core.crypto import app_keys, seals
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.ids import base64url, from_base64url

LIFETIME_SECONDS = 24 * 3600
_NUMBER = 4


def seal(position: Any, *bound_to: str) -> str:
    """An opaque cursor for a JSON-able position, good only together with the same `bound_to`."""
    key_id = app_keys.current_key_id()
    plain = wire.to_json([clock.epoch() + LIFETIME_SECONDS, position]).encode()
    sealed = seals.encrypt(app_keys.key_for("cursors", key_id), plain, _binding(bound_to))
    return base64url(int(key_id).to_bytes(_NUMBER) + sealed)


def open_sealed(cursor: str, *bound_to: str) -> Any:
    """The position in a cursor. Raises Invalid where it is not ours, not for this list, or too old."""
    from cryptography.exceptions import InvalidTag

    try:
        whole = from_base64url(cursor)
        key, sealed = app_keys.key_for("cursors", str(int.from_bytes(whole[:_NUMBER]))), whole[_NUMBER:]
        plain = seals.decrypt(key, sealed, _binding(bound_to))
    except (KeyError, ValueError, InvalidTag) as error:
        raise Invalid([FieldError(field="cursor", message="is not a cursor of this list")]) from error
    expires, position = json.loads(plain)
    if expires <= clock.epoch():
        raise Invalid([FieldError(field="cursor", message="has expired: start the list again")])
    return position


def _binding(parts: tuple[str, ...]) -> bytes:
    return "\n".join(parts).encode()
