"""`/oauth2/authorize`: one batch read, and a code at once where nothing is needed of the person. Otherwise the browser
goes to the page, with the request sealed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from chalicelib import limits
from chalicelib.core import logs
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.settings import settings
from chalicelib.oauth import id_tokens, redirect_uris
from chalicelib.oauth.authorization import pushed_requests, sealed_requests
from chalicelib.oauth.authorization.errors import AuthorizationRefused, NotTheClients, page_url
from chalicelib.oauth.authorization.outstanding import SignedIn, need_of
from chalicelib.oauth.authorization.request import checked, redirect_uri_of
from chalicelib.oauth.grants.model import new_code
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients
from chalicelib.sessions import browser_sessions, cookies, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.authorization.errors import Code
    from chalicelib.oauth.authorization.outstanding import Need
    from chalicelib.oauth.authorization.request import AuthorizationRequest
    from chalicelib.oauth.grants.rows import Pushed
    from chalicelib.oauth.rows import Client
    from chalicelib.sessions.browser_sessions import BrowserSession

WITHOUT_PAGE: dict[Need, Code] = {
    "login": "login_required",
    "another_person": "login_required",
    "step_up": "login_required",
    "consent": "consent_required",
}
"""The error of `prompt=none`. Only a browser that is signed in learns whether its person allowed something before."""


def authorize(parameters: Mapping[str, str], headers: Mapping[str, str], source_ip: str) -> str:
    """Where the browser goes: to the client with a code or an error, or to the page.

    Raises NotTheClients, and TooManyRequests where the client network came too often with browsers in which nobody is
    signed in.
    """
    browser = browser_sessions.parse(cookies.value_of(headers, cookies.SESSION))
    if browser is None:
        limits.rates().tally("authorize", source_ip, settings().sign_ins_per_hour)
    client, signed_in, pushed = _read(parameters, browser)
    if pushed is None and pushed_requests.is_ours(parameters.get("request_uri", "")):
        raise NotTheClients("request_expired")
    parameters = pushed_requests.parameters_of(pushed, parameters) if pushed else parameters
    redirect_uri = redirect_uri_of(parameters, client)
    try:
        subject = _expected(parameters)
        request = checked(parameters, cast("Client", client), pushed=pushed is not None, subject=subject)
        if signed_in:
            request = replace(request, proved_before=signed_in.proved_at)
        if pushed:
            pushed_requests.use(pushed)
        need = need_of(request, cast("Client", client), signed_in)
        if need is None and signed_in is not None:
            return issue_code(request, signed_in)
        if need and "none" in request.prompts:
            raise AuthorizationRefused(WITHOUT_PAGE[need], "the person is needed, and must not be asked")
    except AuthorizationRefused as refused:
        return error_url(redirect_uri, parameters.get("state"), refused)
    return page_url(request.ui_locales, request=sealed_requests.seal(request), login_hint=request.login_hint)


def issue_code(request: AuthorizationRequest, signed_in: SignedIn) -> str:
    """Store a code, and return the URL at which the client gets it: one write."""
    row, code = new_code(signed_in.authorized(request), request.redirect_uri, request.challenge)
    grants().put_code(row)
    return answer_url(request, code)


def answer_url(request: AuthorizationRequest, code: str) -> str:
    """The URL at which the client gets this code. It says who we are (RFC 9207), so that a client of several providers
    sends the code to none of the others."""
    logs.info("authorization code issued", client=request.client_id)
    return _url(request.redirect_uri, {"code": code, "state": request.state})


def error_url(redirect_uri: str, state: str | None, refused: AuthorizationRefused) -> str:
    """The URL at which the client gets an error (RFC 6749, section 4.1.2.1)."""
    members = {"error": refused.code, "error_description": refused.detail, "state": state}
    return _url(redirect_uri, members)


def _expected(parameters: Mapping[str, str]) -> str | None:
    """The person whom the client expects, by an ID token that it got of them. Raises AuthorizationRefused for what is
    no ID token of this client."""
    if "id_token_hint" not in parameters:
        return None
    hint = id_tokens.hinted(parameters["id_token_hint"])
    if hint is None or hint.client_id != parameters["client_id"]:
        raise AuthorizationRefused("invalid_request", "id_token_hint is no ID token of this client")
    return hint.user_id


def _url(redirect_uri: str, members: Mapping[str, str | None]) -> str:
    present = {name: value for name, value in members.items() if value is not None}
    return redirect_uris.with_parameters(redirect_uri, {**present, "iss": settings().public_url})


def _read(
    parameters: Mapping[str, str], browser: BrowserSession | None
) -> tuple[Client | None, SignedIn | None, Pushed | None]:
    """The client, the session of this browser with its person, and the request that was sent beforehand: one batch."""
    request_uri = parameters.get("request_uri", "")
    keys: list[tuple[Any, Any]] = [clients().table_and_key(parameters.get("client_id", "")[:256])]
    if pushed_requests.is_ours(request_uri):
        keys.append(grants().table_and_key(pushed_requests.row_id(request_uri)))
    if browser:
        keys += sessions().tables_and_keys(browser.session_id, browser.user_id)
    client, *rows = aws_clients.database().batch_get(keys)
    pushed = cast("Pushed | None", rows.pop(0)) if pushed_requests.is_ours(request_uri) else None
    pair = sessions().in_use(rows, browser.user_id) if browser else None
    return cast("Client | None", client), SignedIn(*pair) if pair else None, pushed
