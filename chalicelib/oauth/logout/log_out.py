"""`/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0): an application sends a browser here to end its session.

An ID token of this very session, of this very client, says that the application has signed this person in here: then
the session ends at once. Everybody else could have sent the browser as well, so a page asks the person. The browser
goes on to an address that is registered of the client, and to no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from chalicelib import limits
from chalicelib.core import logs
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.settings import settings
from chalicelib.oauth import id_tokens, model, redirect_uris
from chalicelib.oauth.store import clients
from chalicelib.sessions import browser_sessions, cookies, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.rows import Client
    from chalicelib.sessions.browser_sessions import BrowserSession
    from chalicelib.sessions.rows import Session

STATE_LIMIT = 2000
"""Characters of `state`, which we only hand on."""


@dataclass(frozen=True)
class LoggedOut:
    """Where the browser goes, and whether its session has ended here."""

    location: str
    ended: bool = False


def log_out(parameters: Mapping[str, str], headers: Mapping[str, str], source_ip: str) -> LoggedOut:
    """End the browser's session, where the request proves that it may, or lead to the page that asks.

    One batch read, and one write where the session ends. Raises TooManyRequests where the client network came too often
    with browsers in which nobody is signed in.
    """
    browser = browser_sessions.parse(cookies.value_of(headers, cookies.SESSION))
    if browser is None:
        limits.rates().tally("logout", source_ip, settings().sign_ins_per_hour)
    hint = id_tokens.hinted(parameters.get("id_token_hint", ""))
    client_id = parameters.get("client_id", hint.client_id if hint else "")
    client, session = _read(client_id, browser)
    back = _back(parameters, client)
    if session is None:
        return LoggedOut(back or page_url())
    proof = (client_id, session["user_id"], session["id"])
    if client is None or hint is None or (hint.client_id, hint.user_id, hint.session_id) != proof:
        return LoggedOut(page_url(parameters, client_id) if back else page_url())
    sessions().end(session, "signed_out")
    logs.info("signed out by an application", client=client_id)
    return LoggedOut(back or page_url(), ended=True)


def page_url(parameters: Mapping[str, str] | None = None, client_id: str = "") -> str:
    """The URL of the page. What it brings back here once the person has signed out, where the client has an address to
    go on to, is in the fragment."""
    url = f"{settings().public_url}/account/signed-out"
    if parameters is None:
        return url
    kept = {name: parameters[name] for name in ("post_logout_redirect_uri", "state") if name in parameters}
    request = urlencode({"client_id": client_id, **kept}, quote_via=quote)
    return f"{url}#{urlencode({'request': request}, quote_via=quote)}"


def _back(parameters: Mapping[str, str], client: Client | None) -> str | None:
    """The client's address that the browser goes on to, or None where it names none that is registered."""
    asked, state = parameters.get("post_logout_redirect_uri", ""), parameters.get("state")
    if client is None or not redirect_uris.is_registered(
        asked, model.registered(client)["post_logout_redirect_uris"]
    ):
        return None
    if state is None or len(state) > STATE_LIMIT:
        return asked
    return redirect_uris.with_parameters(asked, {"state": state})


def _read(client_id: str, browser: BrowserSession | None) -> tuple[Client | None, Session | None]:
    """The client, and the session of this browser where it goes on: one batch."""
    keys: list[tuple[Any, Any]] = [clients().table_and_key(client_id[:256])]
    if browser:
        keys += sessions().tables_and_keys(browser.session_id, browser.user_id)
    client, *rows = aws_clients.database().batch_get(keys)
    pair = sessions().in_use(rows, browser.user_id) if browser else None
    return cast("Client | None", client), pair[0] if pair else None
