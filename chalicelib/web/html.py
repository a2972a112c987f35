"""A page's HTML: one document with all of the page's views, each in a `<template>` until it is shown."""

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
        # A form is sent by the page's script. Without it the browser must not send it: its fields would be in the URL.
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

ALLOWED_FEATURES = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
DENIED_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": ", ".join([ALLOWED_FEATURES, *(f"{feature}=()" for feature in DENIED_FEATURES)]),
}
"""The headers of every page, beside `core.http.security_headers`: only our own files run, nothing is sent to other
hosts, and no other page can frame it."""


@dataclass(frozen=True)
class Document:
    """A document, and its version for the `ETag`."""

    html: str
    version: str


@cache
def page(name: str, depth: int) -> Document:
    """The page `name`, for a URL that is `depth` segments below the API's root. Its links are relative, so that it
    works under any prefix, such as the name of API Gateway's stage."""
    folder = assets.HERE / name
    views = "".join(_template(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("views/*.html")))
    html = Template((folder / "page.html").read_text("utf-8")).substitute(
        assets=f"{'../' * (depth - 1)}assets/{assets.version()}",
        views=views,
    )
    return Document(html, hashlib.sha256(html.encode()).hexdigest()[:16])


def _template(name: str, html: str) -> str:
    return f'<template data-name="{name}">\n{html}</template>\n'
