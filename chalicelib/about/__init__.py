"""The API about itself: its health, and its OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.about.version import VERSION

if TYPE_CHECKING:
    from chalicelib.core.http.declarations import Route

__all__ = ["VERSION", "api_document"]


def api_document(routes: tuple[Route, ...], public_url: str) -> dict[str, Any]:
    """The OpenAPI document of these routes, which are served at `public_url`. It is one for the whole process: do not
    change it."""
    from chalicelib.about.openapi import document

    return document(routes, public_url)
