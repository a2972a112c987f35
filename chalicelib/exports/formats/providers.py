"""Identity providers that other systems know by names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_ISSUER = {
    "https://accounts.google.com": "google",
    "https://appleid.apple.com": "apple",
    "https://api.github.com/user": "github",
}
"""Those whose subjects are the same for every client (`identities.moving.BY_KIND`), by the issuer that we store."""


def provider_of(identity: Mapping[str, str]) -> str:
    """The provider of an identity, or the empty text for one that is not known everywhere."""
    return BY_ISSUER.get(identity.get("issuer", ""), "")
