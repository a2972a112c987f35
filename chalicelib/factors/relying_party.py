"""Who we are to authenticators: from the stage's public address alone, whatever host a request names."""

from __future__ import annotations

from urllib.parse import urlsplit

from chalicelib.core.settings import settings


def rp_id() -> str:
    """The host that passkeys are made for, and that they and authenticator apps show."""
    return urlsplit(settings().public_url).hostname or ""


def origin() -> str:
    """The origin of the pages that may use them."""
    address = urlsplit(settings().public_url)
    return f"{address.scheme}://{address.netloc}".lower()
