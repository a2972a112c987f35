"""Routes of the pages and of the files that they load."""

from __future__ import annotations

import re
from typing import ClassVar

from chalice import Blueprint
from pydantic import RootModel

from chalicelib.core import locales
from chalicelib.core.errors import NotFound
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.http.routing import ANYONE, AnyQuery, Reply, Request, declares
from chalicelib.core.settings import settings
from chalicelib.web import assets, html

web = Blueprint(__name__)

ACCOUNT = frozenset(
    {
        "authorize",
        "code",
        "confirm",
        "connected",
        "console",
        "data",
        "device",
        "devices",
        "email",
        "invitation",
        "link",
        "register",
        "reset",
        "security",
        "sign-in",
        "signed-out",
    }
)
"""The pages below `/account`; the profile is `/account` itself. Mails link to some of them
(`mail_delivery.messages.LINKS`), providers and applications send people to others."""

CONSOLE = frozenset(
    {"applications", "events", "imports", "operations", "people", "questions", "settings", "webhooks"}
)
"""The parts of the console; the overview is `/console` itself."""

CHECKED = {"Cache-Control": "no-cache"}
DOCS_CACHED = {"Cache-Control": "public, max-age=300"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A year, the longest that caches of RFC 9111 usually accept."""


LOCALE_COOKIE = re.compile(r"(?:^|;\s*)__Host-locale=([A-Za-z0-9-]+)")
"""What `shared/language.js` sets while a person is signed in who told their language."""


class PageQuery(AnyQuery):
    """`ui_locales` are the languages that a page should be in, as OpenID Connect Core 1.0, section 3.1.2.1, has
    them: with spaces, the most wanted first."""

    ui_locales: str = ""


class Html(RootModel[str]):
    """A page for people."""

    media_types: ClassVar[tuple[str, ...]] = ("text/html",)


class PageFile(RootModel[str]):
    """A stylesheet, a picture, a JavaScript module or texts."""

    media_types: ClassVar[tuple[str, ...]] = ("text/css", "text/javascript", "image/svg+xml", "application/json")


@web.route("/account", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=PageQuery, answers={200: Html, 304: None})
def read_account(request: Request[None, PageQuery]) -> Reply:
    """Open the pages of one's own account in a browser."""
    return _page(request, "account", 1)


@web.route("/account/{page}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=PageQuery, answers={200: Html, 304: None})
def read_account_page(request: Request[None, PageQuery], page: str) -> Reply:
    """Open one of them, as links in mails do."""
    if page not in ACCOUNT:
        raise NotFound("there is no such page")
    return _page(request, "account", 2)


@web.route("/console", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=PageQuery, answers={200: Html, 304: None})
def read_console(request: Request[None, PageQuery]) -> Reply:
    """Open the console for administrators and support. What it shows comes from the API, by their own token."""
    return _page(request, html.CONSOLE, 1)


@web.route("/console/{part}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=PageQuery, answers={200: Html, 304: None})
def read_console_part(request: Request[None, PageQuery], part: str) -> Reply:
    """Open one of its parts. The rest of the address, such as filters, is for its scripts."""
    _check_part(part)
    return _page(request, html.CONSOLE, 2)


@web.route("/console/{part}/{thing}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=PageQuery, answers={200: Html, 304: None})
def read_console_thing(request: Request[None, PageQuery], part: str, thing: str) -> Reply:  # noqa: ARG001 - for its scripts
    """Open one thing of a part, such as a person."""
    _check_part(part)
    return _page(request, html.CONSOLE, 3)


@web.route("/.well-known/change-password", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={302: None})
def change_password(_request: Request[None, AnyQuery]) -> Reply:
    """Go to the page where a password is changed, as password managers do: https://w3c.github.io/webappsec-change-password-url/"""
    return Reply(status=302, headers={"Location": f"{settings().public_url}/account/security", **CHECKED})


@web.route("/docs", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: Html})
def read_docs(_request: Request[None, AnyQuery]) -> Reply:
    """Read the docs of every route in a browser, and try them there."""
    from chalicelib.web.api_docs import page

    docs = page(routes_of(web.current_app), settings().public_url)
    return Reply(docs, headers={**DOCS_CACHED, **html.headers("docs")}, media_type="text/html; charset=utf-8")


@web.route("/assets/{version}/{folder}/{file}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: PageFile, 304: None})
def read_asset(_request: Request[None, AnyQuery], version: str, folder: str, file: str) -> Reply:
    """Load a file of a page.

    While a new version is being deployed, pages of the one before ask for files that are gone: they get the present
    ones, and keep them no longer than a look.
    """
    asset = assets.find(folder, file)
    caching = FOREVER if version == assets.version() else CHECKED
    return Reply(asset.text, headers={**caching}, version=assets.version(), media_type=asset.media_type)


def _check_part(part: str) -> None:
    if part not in CONSOLE:
        raise NotFound("there is no such page")


def _page(request: Request[None, PageQuery], name: str, depth: int) -> Reply:
    document = html.page(name, depth, tuple(_languages(request)))
    headers = {
        **CHECKED,
        **html.headers(name),
        "Content-Language": document.locale,
        "Vary": "Accept-Language, Cookie",
    }
    return Reply(document.html, headers=headers, version=document.version, media_type="text/html; charset=utf-8")


def _languages(request: Request[None, PageQuery]) -> list[str]:
    """The languages that a page should be in: what the person told, then what the link asks for, then what the browser
    is set to."""
    kept = LOCALE_COOKIE.findall(request.headers.get("cookie", ""))
    asked = request.query.ui_locales.split()
    return [*kept[:1], *asked[: locales.MOST], *locales.accepted(request.headers.get("accept-language", ""))]
