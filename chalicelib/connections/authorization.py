"""The authorization request (OpenID Connect Core 1.0, section 3.1.2.1, with PKCE of RFC 7636), and what comes back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from chalicelib.connections import model
from chalicelib.connections.faults import ProviderFault
from chalicelib.core import ids

if TYPE_CHECKING:
    from chalicelib.connections.endpoints import Endpoints
    from chalicelib.connections.rows import Connection


@dataclass(frozen=True)
class Challenge:
    """What binds an answer to its request: `state` to the browser, `nonce` to the ID token, `verifier` to the code."""

    state: str
    nonce: str
    verifier: str


def new_challenge() -> Challenge:
    return Challenge(ids.new_secret(), ids.new_secret(), ids.new_secret())


def authorization_url(
    connection: Connection,
    endpoints: Endpoints,
    challenge: Challenge,
    *,
    login_hint: str = "",
    ui_locales: str = "",
) -> str:
    """Where to send a browser, so that the provider signs its person in."""
    preset = model.preset_of(connection)
    parameters = {
        "response_type": "code",
        "client_id": connection["client_id"],
        "redirect_uri": model.redirect_uri(connection["connection_id"]),
        "scope": " ".join(model.scopes_of(connection)),
        "state": challenge.state,
        "nonce": challenge.nonce if preset.has_id_token else "",
        "code_challenge": ids.base64url(hashlib.sha256(challenge.verifier.encode()).digest()),
        "code_challenge_method": "S256",
        "response_mode": "form_post" if preset.form_post else "",
        "login_hint": login_hint,
        "ui_locales": ui_locales,
    }
    scheme, host, path, query, _ = urlsplit(endpoints.authorization)
    encoded = urlencode({name: value for name, value in parameters.items() if value})
    return urlunsplit((scheme, host, path, f"{query}&{encoded}" if query else encoded, ""))


def check_sender(endpoints: Endpoints, issuer: str | None) -> None:
    """Raises ProviderFault for an answer that is another provider's (RFC 9207, section 2.4), or does not say whose it
    is, although this provider's do."""
    if issuer is None:
        if endpoints.names_itself:
            raise ProviderFault("the answer does not say whose it is")
    elif endpoints.issuer and not model.is_multi_tenant(endpoints.issuer) and issuer != endpoints.issuer:
        raise ProviderFault("the answer is another provider's")
