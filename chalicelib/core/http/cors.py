"""CORS: which pages of other sites may read answers, and the preflight of every path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Response

from chalicelib.core.http.current import current_request
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalice import Chalice

ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, traceparent"
"""What a page of an allowed origin may send beside what every page may."""


def cors_headers(origin: str) -> dict[str, str]:
    """What an allowed origin is told. Where there are any, every answer says that it varies: else a cache would give a
    page what it keeps for who asked from none (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches)."""
    allowed = settings().allowed_origins
    if origin not in allowed:
        return {"Vary": "Origin"} if allowed else {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "ETag, X-Request-Id, Retry-After",
        "Vary": "Origin",
    }


def register_preflights(app: Chalice) -> None:
    """Register `OPTIONS` for every path that the app serves by now.

    Chalice's own `cors=True` knows one origin, or all: ours are a setting of the stage.
    """
    for path, entries in app.routes.items():
        _register_preflight(app, path, ", ".join(entries))


def _register_preflight(app: Chalice, path: str, methods: str) -> None:
    def preflight(**_: str) -> Response:
        allowed = cors_headers(current_request().headers.get("origin", ""))
        if "Access-Control-Allow-Origin" in allowed:
            allowed |= {
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": ALLOWED_HEADERS,
                "Access-Control-Max-Age": "600",
            }
        headers: dict[str, str | list[str]] = {"Allow": f"{methods}, OPTIONS", **allowed}
        return Response(body="", status_code=204, headers=headers)

    app.route(path, methods=["OPTIONS"], name=f"OPTIONS {path}", content_types=[])(preflight)
