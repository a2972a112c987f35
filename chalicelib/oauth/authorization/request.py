"""An authorization request (RFC 6749, section 4.1.1; OpenID Connect Core 1.0, section 3.1.2.1), checked against what is
registered of its client. No AWS here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from chalicelib.core import clock
from chalicelib.oauth import client_rules, model, redirect_uris
from chalicelib.oauth.authorization.errors import AuthorizationRefused, NotTheClients
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.scopes import audience_of, scopes_of
from chalicelib.sessions import authentication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.authorization.errors import Code
    from chalicelib.oauth.rows import Client, Registered
    from chalicelib.sessions.authentication import Acr

PROMPTS = ("none", "login", "consent", "select_account")

LIMITS = {"state": 2000, "nonce": 500, "login_hint": 500, "ui_locales": 200}
"""Characters of parameters that we only hand on."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url (RFC 7636, section 4.2)."""

UNSUPPORTED: dict[str, Code] = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
    "claims": "invalid_request",
}
"""Parameters of which OpenID Connect asks to say that they do not work here. Of request URIs those of RFC 9126 do, and
are replaced before by what was sent."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that its client may make."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    begun: int
    """When it came, in seconds since 1970: a sign-in since then was made for it."""
    state: str | None = None
    nonce: str | None = None
    resource: str | None = None
    prompts: tuple[str, ...] = ()
    max_age: int | None = None
    acr_values: tuple[Acr, ...] = ()
    subject: str | None = None
    """The person whom the client expects, by an ID token that it has of them (`id_token_hint`)."""
    login_hint: str | None = None
    ui_locales: str | None = None
    proved_before: int | None = None
    """When the person who was signed in as it came had proved who they were: no proof since."""


def redirect_uri_of(parameters: Mapping[str, str], client: Client | None) -> str:
    """The redirect address of a request. Raises NotTheClients where the client or the address is unknown."""
    if client is None:
        raise NotTheClients("client_unknown")
    asked = parameters.get("redirect_uri", "")
    if not redirect_uris.is_registered(asked, model.registered(client)["redirect_uris"]):
        raise NotTheClients("redirect_uri_wrong")
    return asked


def checked(
    parameters: Mapping[str, str], client: Client, *, pushed: bool = False, subject: str | None = None
) -> AuthorizationRequest:
    """The request that these parameters are, of which `redirect_uri_of` is already known to be good. `pushed` says
    whether the client sent them beforehand. Raises AuthorizationRefused."""
    registered = model.registered(client)
    _check_kind(parameters, registered, pushed)
    try:
        scopes = scopes_asked(parameters, registered)
        resource = audience_of(parameters.get("resource"), registered["audiences"])
    except TokenRefused as refused:
        raise AuthorizationRefused(cast("Code", refused.code), refused.detail) from refused
    return AuthorizationRequest(
        client_id=client["client_id"],
        redirect_uri=parameters["redirect_uri"],
        scopes=tuple(scopes),
        challenge=_challenge(parameters),
        begun=clock.epoch(),
        state=parameters.get("state"),
        nonce=parameters.get("nonce"),
        resource=resource,
        prompts=_prompts(parameters.get("prompt", "")),
        max_age=_max_age(parameters.get("max_age")),
        acr_values=_acr_values(parameters.get("acr_values", "")),
        subject=subject,
        login_hint=parameters.get("login_hint"),
        ui_locales=parameters.get("ui_locales"),
    )


def _check_kind(parameters: Mapping[str, str], registered: Registered, pushed: bool) -> None:
    if registered["require_par"] and not pushed:
        raise AuthorizationRefused("invalid_request", "this client sends its requests beforehand")
    for name, code in UNSUPPORTED.items():
        if name in parameters:
            raise AuthorizationRefused(code, f"{name} is not supported")
    if "response_type" not in parameters:
        raise AuthorizationRefused("invalid_request", "response_type is missing")
    if parameters["response_type"] != "code":
        raise AuthorizationRefused("unsupported_response_type", "the only response_type is code")
    if parameters.get("response_mode", "query") != "query":
        raise AuthorizationRefused("invalid_request", "the only response_mode is query")
    if client_rules.AUTHORIZATION_CODE not in registered["grant_types"]:
        raise AuthorizationRefused("unauthorized_client", "the client is not registered for this grant type")
    for name, limit in LIMITS.items():
        if len(parameters.get(name, "")) > limit:
            raise AuthorizationRefused("invalid_request", f"{name} has more than {limit} characters")


def scopes_asked(parameters: Mapping[str, str], registered: Registered) -> list[str]:
    """The scopes that are asked for. Without any, those are meant that have their meaning elsewhere. Libraries ask for
    `offline_access` wherever the metadata has it: who may not have it is answered as if it was not asked for (OpenID
    Connect Core 1.0, section 11). Raises AuthorizationRefused, and TokenRefused for one that is not the client's."""
    own = [scope for scope in registered["scopes"] if scope not in client_rules.PERSONAL_SCOPES]
    asked = scopes_of(parameters.get("scope", ""), [*registered["scopes"], client_rules.OFFLINE])
    is_offline = client_rules.OFFLINE in registered["scopes"]
    scopes = [scope for scope in asked if is_offline or scope != client_rules.OFFLINE] or own
    if not scopes:
        raise AuthorizationRefused("invalid_scope", "scope is missing")
    return scopes


def _challenge(parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256":
        raise AuthorizationRefused("invalid_request", "code_challenge_method must be S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise AuthorizationRefused("invalid_request", "code_challenge must be a SHA-256 in base64url")
    return challenge


def _prompts(text: str) -> tuple[str, ...]:
    prompts = tuple(dict.fromkeys(text.split()))
    if not set(prompts) <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise AuthorizationRefused("invalid_request", "prompt is not one that is supported")
    return prompts


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise AuthorizationRefused("invalid_request", "max_age is not a number of seconds")
    return int(text)


def _acr_values(text: str) -> tuple[Acr, ...]:
    """Those that we know, in the order of the client's preference. Others are left out: they are wishes (OpenID Connect
    Core 1.0, section 3.1.2.1)."""
    levels: dict[str, Acr] = {value: value for value in authentication.ACR_VALUES}
    return tuple(levels[name] for name in dict.fromkeys(text.split()) if name in levels)
