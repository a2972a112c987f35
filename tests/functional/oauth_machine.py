"""A machine that uses the API as machines do: with its client's secret, then with the token it gets by it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from chalicelib import oauth
from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.core.http.declarations import FORM
from chalicelib.directory.routes import directory
from chalicelib.items.routes import items as item_routes
from chalicelib.oauth.routes import oauth as client_routes
from chalicelib.oauth.token_routes import tokens as token_routes
from tests.functional.apps import Answer, ApiClient

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller


class Machine(ApiClient):
    """A machine with this client and secret, which may be wrong."""

    def __init__(self, client_id: str, secret: str) -> None:
        super().__init__(account_routes, directory, item_routes, client_routes, token_routes)
        self.client_id = client_id
        self.secret = secret

    def ask(self, **fields: str) -> Answer:
        """Ask for a token, by the secret in the form. Fields given as "" are left out."""
        proof = {"client_id": self.client_id, "client_secret": self.secret}
        return self.send({"grant_type": "client_credentials", **proof, **fields})

    def ask_by_basic(self, scheme: str = "Basic", **fields: str) -> Answer:
        """Ask for a token, by the secret in the header."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}".encode()
        header = f"{scheme} {base64.b64encode(pair).decode()}"
        return self.send({"grant_type": "client_credentials", **fields}, Authorization=header)

    def send(self, fields: dict[str, str] | bytes, **headers: str) -> Answer:
        """Send a form to the token endpoint."""
        body = fields if isinstance(fields, bytes) else urlencode({k: v for k, v in fields.items() if v}).encode()
        return self.call("POST", "/oauth2/token", body, **{"Content_Type": FORM, **headers})

    def token(self) -> str:
        return str(self.ask().body["access_token"])

    def use(self, token: str, method: str, path: str, body: Any = None) -> Answer:
        """Call a route with a token."""
        return self.call(method, path, body, Authorization=f"Bearer {token}")

    def _authenticate(self, token: str) -> Caller:
        return oauth.authenticate(token)
