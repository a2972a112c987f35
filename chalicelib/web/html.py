"""A page's HTML: one document with all of the page's views, each in a `<template>` until it is shown.

In its files `{{page.key}}` is a text of the catalogue. Where that says `{name}`, the document has an element that the
page's script fills in: a `<span data-text="name">`, or another, as `{{page.key name:strong}}` says. What scripts say
by themselves rides in a block of JSON that nothing runs (`shared/words.js`). Parts of the console are no views: their
scripts make what they show, and load their texts beside (`assets.texts`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from html import escape
from string import Template
from typing import TYPE_CHECKING

from chalicelib.connections import noted
from chalicelib.core import brand, wire
from chalicelib.core.aws import objects
from chalicelib.core.settings import settings
from chalicelib.web import assets, catalogues

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chalicelib.web.catalogues import Text

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    # A form is sent by the page's script. Without it the browser must not send it: its fields would be in the URL.
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)

CONSOLE = "console"
"""The document that may send something elsewhere: files that people import, to the bucket for uploads."""

ALLOWED_FEATURES = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
DENIED_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")

PERMISSIONS = ", ".join([ALLOWED_FEATURES, *(f"{feature}=()" for feature in DENIED_FEATURES)])


@settings.once
def headers(name: str) -> dict[str, str]:
    """The headers of a page, beside `core.http.security_headers`: only our own files run, nothing is sent to other
    hosts, and no other page can frame it."""
    targets = ["'self'", *([objects.bucket_url(settings().bucket("uploads"))] if name == CONSOLE else [])]
    policy = (*POLICY, f"connect-src {' '.join(targets)}")
    return {"Content-Security-Policy": "; ".join(policy), "Permissions-Policy": PERMISSIONS}


MARK = re.compile(r"\{\{([\w.-]+)((?: \w+:\w+)*)\}\}")
"""The place of a text in a file."""
PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""The place of a value in a text."""
LITERAL = re.compile(r'"([a-z-]+\.[\w.-]+)"')
"""What may be the key of a text in a script."""


UNLINKED = re.compile(
    r' *<li><a href="".*?</li>\n|<footer>\s*<ul>(?:\s*<li><a href="".*?</li>)*\s*</ul>\s*</footer>\n'
)
"""A link to what is not set, and a footer of nothing else."""


@dataclass(frozen=True)
class Document:
    """A document, its version for the `ETag`, and the locale that it is in."""

    html: str
    version: str
    locale: str


def page(name: str, depth: int, preferred: tuple[str, ...] = ()) -> Document:
    """The page `name`, for a URL that is `depth` segments below the API's root, in the best locale for the preferred
    languages. Its links are relative, so that it works under any prefix, such as the name of API Gateway's stage."""
    return _page(name, depth, catalogues.find(preferred), noted().none)


@settings.once
def _page(name: str, depth: int, locale: str, no_connections: bool) -> Document:
    folder = assets.HERE / name
    texts = catalogues.of_document(name, locale)
    frame = (folder / "page.html").read_text("utf-8")
    views = {path.stem: path.read_text("utf-8") for path in sorted(_views(folder))}
    html = Template(worded(frame, texts)).substitute(
        assets=f"{'../' * (depth - 1)}assets/{assets.version()}",
        locale=escape(locale.replace("_", "-")),
        product=escape(settings().product_name),
        terms=escape(settings().terms_url),
        privacy=escape(settings().privacy_url),
        support=escape(brand.support_link(settings().support)),
        stage=data({**_stage(), "no_connections": no_connections}),
        words=data(_spoken(texts, [frame, *views.values()])),
        views="".join(_template(view, worded(html, texts)) for view, html in views.items()),
    )
    html = UNLINKED.sub("", html)
    return Document(html, hashlib.sha256(html.encode()).hexdigest()[:16], locale)


def _views(folder: Path) -> list[Path]:
    return [path for each in (assets.HERE / assets.SHARED, folder) for path in each.glob("views/*.html")]


def _template(name: str, html: str) -> str:
    return f'<template data-name="{name}">\n{html}</template>\n'


def worded(html: str, texts: Mapping[str, Text]) -> str:
    """A file with its texts. Raises KeyError for one that there is not."""

    def text(mark: re.Match[str]) -> str:
        elements = dict(pair.split(":") for pair in mark[2].split())
        return PLACEHOLDER.sub(
            lambda gap: _element(elements.get(gap[1], "span"), gap[1]), escape(str(texts[mark[1]]))
        )

    return MARK.sub(text, html)


def _element(tag: str, name: str) -> str:
    return f'<{tag} data-text="{name}"></{tag}>'


def _stage() -> dict[str, object]:
    """What scripts need of the settings (`shared/stage.js`)."""
    current = settings()
    return {
        "product": current.product_name,
        "terms_url": current.terms_url,
        "terms_version": current.terms_version,
        "password_min_length": current.password_min_length,
        "password_min_length_with_factor": current.password_min_length_with_factor,
        "read_model": current.read_model != "off",
        "signed_connections": assets.signed_connections(),
    }


def _spoken(texts: Mapping[str, Text], files: list[str]) -> dict[str, Text]:
    """The texts for scripts: all but those that are in the document and that no script names."""
    written = {mark[1] for html in files for mark in MARK.finditer(html)}
    named = {key for asset in assets.assets().values() for key in LITERAL.findall(asset.text)}
    return {key: text for key, text in texts.items() if key not in written - named}


def data(value: object) -> str:
    """JSON for a `<script>` of data: with no `<`, nothing in it ends the element or begins a comment."""
    return wire.to_json(value).replace("<", "\\u003c")
