"""The way out: a browser is sent to an identity provider."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from chalicelib import limits
from chalicelib.connections import connections, model
from chalicelib.connections.authorization import authorization_url, new_challenge
from chalicelib.connections.endpoints import endpoints_of
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.settings import settings
from chalicelib.identities import flow_cookies
from chalicelib.identities.faults import SignInFailed
from chalicelib.identities.flow_cookies import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.connections.rows import Connection

RETURN_LIMIT = 1200
"""Characters of a `return_to`: it rides in the flow's cookie."""

OWN_PAGE = re.compile(r"/(?:account|oauth2/authorize)(?:[/?][\x21\x22\x24-\x5b\x5d-\x7e]*)?")
"""Pages of this site that a browser may be sent to: those of the account, and where an application sent it to. No
fragment and no backslash."""

OF_ACCOUNT = re.compile(r"/account(?:[/?].*)?")
"""Those whose language is not another application's to choose."""

LANGUAGES = re.compile(r"[A-Za-z0-9-]+(?: [A-Za-z0-9-]+)*")
LANGUAGES_LIMIT = 60
"""Characters of the languages that a flow remembers, for the page that it ends on: they ride in its cookie, too."""


def begin(
    connection_id: str,
    source_ip: str,
    flow: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    return_to: str = "",
    login_hint: str = "",
    ui_locales: str = "",
    links: bool = False,
) -> tuple[str, list[str]]:
    """Where to send the browser, and the cookies that bind the answer to it. `flow` has what is known of the browser:
    `device`, `session_id`, `user_id`. One write, one read. Raises NotFound, TooManyRequests, SignInFailed for a
    disabled connection and for a browser that another site sent, Invalid for a `return_to` that is not on the list,
    ProviderDown and ProviderFault."""
    limits.rates().take("connect", source_ip, settings().sign_ins_per_hour)
    connection = usable(connection_id)
    if not links:
        _check_sender(connection, headers)
    _check_return(connection, return_to)
    endpoints = endpoints_of(connection)
    challenge = new_challenge()
    new_flow = Flow(connection_id, challenge, return_to, ui_locales=kept(ui_locales), links=links, **flow)
    location = authorization_url(connection, endpoints, challenge, login_hint=login_hint, ui_locales=ui_locales)
    form_post = model.preset_of(connection).form_post
    return location, flow_cookies.flow_cookie(new_flow, headers, form_post=form_post)


def usable(connection_id: str) -> Connection:
    """A connection that people may come by, read consistently. Raises NotFound, and SignInFailed for a disabled one."""
    connection = connections().get(connection_id)
    if not connection["enabled"]:
        raise SignInFailed("connection-disabled", "nobody comes by this connection at present")
    return connection


def _check_sender(connection: Connection, headers: Mapping[str, str]) -> None:
    """No other site may have somebody sign in (login CSRF): a provider of its own that asks nobody would bring the
    browser into an account of its choice. A place that the connection returns to may, and an allowed origin.

    Browsers say where a request comes from (https://www.w3.org/TR/fetch-metadata/); one that does not is let through.
    """
    if headers.get("sec-fetch-site") == "cross-site":
        welcome = {_origin(url) for url in connection.get("return_urls", [])} | {*settings().allowed_origins}
        if _origin(headers.get("referer", "")) not in welcome:
            raise SignInFailed("begun-elsewhere", "another site sent this browser: begin on a page of this one")


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).partition("?")[0].lower()


def _check_return(connection: Connection, return_to: str) -> None:
    is_own = len(return_to) <= RETURN_LIMIT and OWN_PAGE.fullmatch(return_to)
    if return_to and not is_own and return_to not in connection.get("return_urls", []):
        message = "must be a page of the account, or on the connection's list"
        raise Invalid([FieldError(field="return_to", message=message)])


def kept(ui_locales: str) -> str:
    """The languages that the way back remembers: none of a list that is too long, or no list of languages."""
    return ui_locales if len(ui_locales) <= LANGUAGES_LIMIT and LANGUAGES.fullmatch(ui_locales) else ""


def destination(return_to: str, ui_locales: str = "") -> str:
    """The URL of a `return_to` that `begin` has accepted, as `localized`; the page that goes on without one."""
    path = localized(return_to or "/account/connected", ui_locales)
    return f"{settings().public_url}{path}" if path.startswith("/") else path


def localized(return_to: str, ui_locales: str) -> str:
    """A `return_to` in the languages that somebody began in, where it is a page of the account that has none yet."""
    if not ui_locales or not OF_ACCOUNT.fullmatch(return_to) or "ui_locales=" in return_to:
        return return_to
    return f"{return_to}{'&' if '?' in return_to else '?'}ui_locales={quote(ui_locales)}"
