"""Erase the identities of a person who was removed."""

from __future__ import annotations

from chalicelib.core.erasure import Erased
from chalicelib.identities.store import identities


def erase(user_id: str) -> Erased:
    """Delete every identity of a person who was removed."""
    return Erased(identities().remove(user_id), done=True)
