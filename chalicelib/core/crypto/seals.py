"""What has to be read again, sealed: AES-GCM (NIST SP 800-38D) under a key of the stage, bound to what it is for.

What is sealed is a random nonce of twelve bytes, the text, and a tag of sixteen. `seal` and `opened` are for secrets at
rest, `sealed_text` and `opened_text` for what a browser keeps for us. Cursors and the answers behind an
`Idempotency-Key` have keys and forms of their own, and `encrypt` in common.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypedDict

from chalicelib.core import ids
from chalicelib.core.crypto import app_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.crypto.app_keys import Purpose

_NONCE = 12


class Sealed(TypedDict):
    """A secret as it is stored."""

    key: str
    """The number of the key of the stage."""
    sealed: bytes


def encrypt(key: bytes, plain: bytes, bound_to: bytes = b"") -> bytes:
    """The text sealed under a key of 32 bytes, good only together with the same `bound_to`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes = b"") -> bytes:
    """The text. Raises cryptography's InvalidTag where it was sealed under another key or bound to something else, and
    ValueError where it is too short to be sealed at all."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)


def seal(purpose: Purpose, plain: bytes, bound_to: str) -> Sealed:
    """What to store of a secret: sealed under the current key, whose number stands beside it, so it opens after a
    rotation too."""
    key_id = app_keys.current_key_id()
    return {"key": key_id, "sealed": encrypt(app_keys.key_for(purpose, key_id), plain, bound_to.encode())}


def opened(purpose: Purpose, stored: Mapping[str, Any], bound_to: str) -> bytes:
    """The secret. Raises cryptography's InvalidTag where it was sealed for another purpose or another owner, KeyError
    where its key is gone, and Unavailable where an isolated purpose does not have it yet (`app_keys.opening_key`)."""
    return decrypt(app_keys.opening_key(purpose, stored["key"]), stored["sealed"], bound_to.encode())


def sealed_text(purpose: Purpose, plain: str, bound_to: str) -> str:
    """The same as one text that fits into cookies and URLs: the number of the key, a dot, and base64url."""
    stored = seal(purpose, plain.encode(), bound_to)
    return f"{stored['key']}.{ids.base64url(stored['sealed'])}"


def opened_text(purpose: Purpose, text: str, bound_to: str) -> str:
    """What was sealed as such a text. Raises what `opened` raises, and ValueError for what is no such text."""
    key_id, _, sealed = text.partition(".")
    return opened(purpose, {"key": key_id, "sealed": ids.from_base64url(sealed)}, bound_to).decode()
