"""Identities: people as identity providers know them. Signing in by them, linking and unlinking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.identities import moving
    from chalicelib.identities.removal import erase
    from chalicelib.identities.store import held_about, identities
else:
    __getattr__ = names_of(
        __name__, {"erase": "removal", "held_about": "store", "identities": "store", "moving": ""}
    )

__all__ = ["erase", "held_about", "identities", "moving"]
