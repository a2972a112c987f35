"""The relying party that we are to authenticators: from the stage's public URL alone, whatever host a request names."""

from __future__ import annotations

from urllib.parse import urlsplit

from chalicelib.core.settings import settings


def rp_id() -> str:
    """The relying party id: the host that passkeys are bound to, and that authenticators show."""
    return urlsplit(settings().public_url).hostname or ""


def origin() -> str:
    """The origin of the pages that may use passkeys."""
    public_url = urlsplit(settings().public_url)
    return f"{public_url.scheme}://{public_url.netloc}".lower()
