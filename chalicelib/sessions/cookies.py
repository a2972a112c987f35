"""Cookies of browsers: the refresh token, the session (`browser_sessions`), the token of the device, and the secret of
the browser that asked for a mailed code. No script of a page can read them.

The prefix `__Host-` limits a cookie to this host, to https and to the path `/` (RFC 6265bis, section 4.1.3.2). So no
other host of the same site can set one. A request that counts by its cookie alone must also have the `Origin` of this
site or of an allowed origin, because `SameSite` lets requests of other hosts of the same site through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from chalicelib.core.errors import Forbidden
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

REFRESH = "__Host-rollcall_refresh"
SESSION = "__Host-rollcall_session"
DEVICE = "__Host-rollcall_device"
ASKER = "__Host-rollcall_asker"


def value_of(headers: Mapping[str, str], name: str) -> str | None:
    """The value of the request's cookie of that name, or None. None also if it comes twice, because somebody else may
    have set one of the two."""
    pairs = (part.partition("=") for part in headers.get("cookie", "").split(";"))
    values = [value.strip() for own_name, _, value in pairs if own_name.strip() == name]
    return values[0] if len(values) == 1 and values[0] else None


def set_cookie(
    name: str, value: str, seconds: int, *, same_site: Literal["Strict", "Lax", "None"] = "Strict"
) -> str:
    """The `Set-Cookie` header of a cookie that lasts `seconds`. With 0 it deletes the cookie. `same_site` says which
    requests of other sites have it: none, those that open a page of ours, or all."""
    return f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite={same_site}"


def require_own_origin(headers: Mapping[str, str]) -> None:
    """Raises Forbidden unless a page of this site, or of an allowed origin, sent the request."""
    public = urlsplit(settings().public_url)
    if headers.get("origin") not in {f"{public.scheme}://{public.netloc}", *settings().allowed_origins}:
        raise Forbidden("a cookie counts only from a page of this site or of an allowed origin")
