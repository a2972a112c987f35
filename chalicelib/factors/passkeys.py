"""Passkeys (WebAuthn): signing in with one."""

from __future__ import annotations

from typing import Any

from chalicelib.core.errors import Unauthenticated


def options() -> dict[str, Any]:
    """What a browser needs to ask for any passkey of this site."""
    raise Unauthenticated("no passkeys yet")


def sign_in(response: dict[str, Any]) -> str:
    """The id of the person whose passkey answered. Raises Unauthenticated."""
    raise Unauthenticated("no passkeys yet")
