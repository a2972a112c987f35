"""An application that lets people sign in with us, and the browser of one of them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from chalicelib import oauth
from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.core import ids
from chalicelib.core.http.declarations import FORM
from chalicelib.factors.routes import factors as factor_routes
from chalicelib.oauth import model
from chalicelib.oauth.authorization_routes import authorization as authorization_routes
from chalicelib.oauth.device_routes import devices as device_routes
from chalicelib.oauth.logout_routes import logout as logout_routes
from chalicelib.oauth.metadata_routes import discovery
from chalicelib.oauth.token_routes import tokens as token_routes
from chalicelib.sessions.routes import sessions as session_routes
from tests.functional.apps import Answer, ApiClient
from tests.functional.visitors import Browser

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller

CALLBACK = "https://shop.example/callback"
ISSUER = "https://rollcall.example"


class PersonsBrowser(Browser):
    """A browser that goes where it is led, and can open our pages."""

    def __init__(self) -> None:
        ApiClient.__init__(
            self,
            account_routes,
            factor_routes,
            session_routes,
            authorization_routes,
            device_routes,
            logout_routes,
            token_routes,
            discovery,
        )
        self.access_token = self.refresh_token = ""
        self.origin = ISSUER
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []

    def open(self, url: str) -> str:
        """Where a link to `/oauth2/authorize` leads."""
        answer = self.call("GET", url.removeprefix(ISSUER), Authorization="")
        assert answer.status == 303, (answer.status, answer.body)
        return str(answer.headers["Location"])

    def page(self, url: str, allow: bool | None = None) -> Answer:
        """What the page does that it is led to."""
        body = {"request": fragment_of(url)["request"]}
        return self.call("POST", "/oauth2/consent", body if allow is None else {**body, "allow": allow})

    def through(self, url: str, *, allow: bool | None = True) -> dict[str, str]:
        """What the application gets in the end."""
        there = self.open(url)
        if there.startswith(f"{ISSUER}/account/authorize#"):
            there = self.page(there, allow).body["redirect"]
        return answer_in(there)


def entered(email: str) -> PersonsBrowser:
    """The browser of somebody who has an account, and has signed in."""
    there = PersonsBrowser()
    there.enter(email)
    return there


@dataclass
class RelyingParty(ApiClient):
    """An application. `registered` is what is registered of it beside what most have."""

    registered: dict[str, Any] = field(default_factory=dict)
    redirect_uri: str = CALLBACK

    def __post_init__(self) -> None:
        ApiClient.__init__(self, token_routes, authorization_routes, device_routes, discovery)
        self.client, self.secret = a_client(**self.registered)
        self.id = self.client["client_id"]
        self.verifier = ids.new_secret(48)

    def link(self, **parameters: str | None) -> str:
        """The URL that it leads a browser to; a parameter of None is left out."""
        return f"{ISSUER}/oauth2/authorize?{urlencode(self.parameters(**parameters))}"

    def parameters(self, **parameters: str | None) -> dict[str, str]:
        usual: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            "state": "s1",
            "nonce": "n1",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **parameters}.items() if value is not None}

    def send(self, path: str, fields: dict[str, str | None], **headers: str) -> Answer:
        """Send a form, with the client's proof unless the fields say otherwise."""
        proof: dict[str, str | None] = {"client_id": self.id, "client_secret": self.secret}
        form = {name: value for name, value in {**proof, **fields}.items() if value is not None}
        return self.call("POST", path, urlencode(form).encode(), **{"Content_Type": FORM, **headers})

    def redeem(self, code: str, **fields: str | None) -> Answer:
        usual = {"code": code, "redirect_uri": self.redirect_uri, "code_verifier": self.verifier}
        return self.send("/oauth2/token", {"grant_type": "authorization_code", **usual, **fields})

    def refresh(self, token: str, **fields: str | None) -> Answer:
        return self.send("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token, **fields})

    def userinfo(self, token: str) -> Answer:
        return self.call("GET", "/oauth2/userinfo", Authorization=f"Bearer {token}")

    def introspect(self, token: str, **fields: str | None) -> Answer:
        return self.send("/oauth2/introspect", {"token": token, **fields})

    def revoke(self, token: str, **fields: str | None) -> Answer:
        return self.send("/oauth2/revoke", {"token": token, **fields})

    def tokens(self, browser: PersonsBrowser, **parameters: str | None) -> dict[str, Any]:
        """The tokens of somebody who goes through it all and allows what is asked."""
        answer = self.redeem(browser.through(self.link(**parameters))["code"])
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def _authenticate(self, token: str) -> Caller:
        return oauth.authenticate(token)


def a_client(**registered: Any) -> tuple[Any, str | None]:
    """A client that is in the tables: a confidential one of others, unless another is described."""
    jwks, roles = registered.pop("jwks", None), registered.pop("roles", [])
    usual = {
        **model.OF_MACHINE,
        "type": "confidential",
        "redirect_uris": [CALLBACK],
        "scopes": ["openid", "profile", "email", "offline_access", "roles"],
        "grant_types": ["authorization_code", "refresh_token"],
    }
    if registered.get("type") == "public":
        usual["token_endpoint_auth_method"] = "none"
    name = registered.pop("name", "Shop")
    client, secret = model.new_client(name, roles, {**usual, **registered}, jwks)  # type: ignore[typeddict-item]
    oauth.clients().create(client)
    return client, secret


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def answer_in(url: str) -> dict[str, str]:
    """The parameters that an application finds in its redirect address."""
    return dict(parse_qsl(urlsplit(url).query))


def fragment_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).fragment))


def bent(text: str) -> str:
    """Something signed or secret with another character near its end. Its last one may have bits that nobody reads."""
    return f"{text[:-10]}{'B' if text[-10] == 'A' else 'A'}{text[-9:]}"


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, whose signature others look at."""
    return dict(jwt.decode(token, options={"verify_signature": False}))
