"""The way out: a browser is sent to an identity provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib import limits
from chalicelib.connections import connections, model
from chalicelib.connections.authorization import authorization_url, new_challenge
from chalicelib.connections.endpoints import endpoints_of
from chalicelib.core.settings import settings
from chalicelib.identities import flow_cookies
from chalicelib.identities.faults import SignInFailed
from chalicelib.identities.flow_cookies import Flow
from chalicelib.identities.redirects import Redirect, check_return, kept_locales

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.connections.rows import Connection


@dataclass(frozen=True)
class KnownBrowser:
    """What is known of a browser before it leaves: the token of its device, and its session and whose that is, where it
    has one."""

    device: str = ""
    session_id: str = ""
    user_id: str = ""


def begin(
    connection_id: str,
    source_ip: str,
    browser: KnownBrowser,
    headers: Mapping[str, str],
    *,
    return_to: str = "",
    login_hint: str = "",
    ui_locales: str = "",
    links: bool = False,
) -> Redirect:
    """Where to send the browser, and the cookies that bind the answer to it: one write, one read.

    Raises NotFound, TooManyRequests, SignInFailed for a disabled connection and for a browser that another site sent,
    Invalid for a `return_to` that is not on the list, ProviderDown and ProviderFault.
    """
    limits.rates().take("connect", source_ip, settings().sign_ins_per_hour)
    connection = usable(connection_id)
    if not links:
        _check_sender(connection, headers)
    check_return(connection, return_to)
    endpoints = endpoints_of(connection)
    challenge = new_challenge()
    flow = Flow(
        connection_id,
        challenge,
        return_to,
        ui_locales=kept_locales(ui_locales),
        device=browser.device,
        session_id=browser.session_id,
        user_id=browser.user_id,
        links=links,
    )
    location = authorization_url(connection, endpoints, challenge, login_hint=login_hint, ui_locales=ui_locales)
    form_post = model.preset_of(connection).form_post
    return Redirect(location, flow_cookies.flow_cookie(flow, headers, form_post=form_post))


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
