"""A page's HTML: one document for all of its views, each of which is a `<template>` until it is shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from string import Template

from chalicelib.web import assets

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        # A form is sent by its script. Without one it must not be sent at all: its fields would be in the address.
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

ALLOWED = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
REFUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": ", ".join([ALLOWED, *(f"{feature}=()" for feature in REFUSED)]),
}
"""Of every page, beside `core.http.security_headers`: nothing but our own files runs, nothing is sent elsewhere, nobody
frames it."""


@dataclass(frozen=True)
class Page:
    """A document, and the version that its `ETag` says."""

    html: str
    version: str


@cache
def page(name: str, depth: int) -> Page:
    """The page `name`, for an address so many segments below where the API is. Links are relative, so that it works
    under any prefix, such as the name of API Gateway's stage."""
    folder = assets.HERE / name
    views = "".join(_template(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("views/*.html")))
    html = Template((folder / "page.html").read_text("utf-8")).substitute(
        assets=f"{'../' * (depth - 1)}assets/{assets.version()}",
        views=views,
    )
    return Page(html, hashlib.sha256(html.encode()).hexdigest()[:16])


def _template(name: str, html: str) -> str:
    return f'<template data-name="{name}">\n{html}</template>\n'
