"""Secrets that have to be read again, sealed at rest: AES-GCM under a key of the stage, bound to whose they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from chalicelib.core.crypto import app_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.crypto.app_keys import Purpose

_NONCE = 12


def seal(purpose: Purpose, plain: bytes, bound_to: str) -> dict[str, Any]:
    """What to store of a secret: sealed under the current key, whose number stands beside it, so it opens after a
    rotation too."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key_id, nonce = app_keys.current_key_id(), os.urandom(_NONCE)
    sealed = AESGCM(app_keys.key_for(purpose, key_id)).encrypt(nonce, plain, bound_to.encode())
    return {"key": key_id, "sealed": nonce + sealed}


def opened(purpose: Purpose, stored: Mapping[str, Any], bound_to: str) -> bytes:
    """The secret. Raises cryptography's InvalidTag where it was sealed for another purpose or another owner, KeyError
    where its key is gone, and Unavailable where an isolated purpose does not have it yet (`appkeys.opening_key`)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, sealed = stored["sealed"][:_NONCE], stored["sealed"][_NONCE:]
    return AESGCM(app_keys.opening_key(purpose, stored["key"])).decrypt(nonce, sealed, bound_to.encode())
