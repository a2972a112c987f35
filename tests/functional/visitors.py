"""Somebody who uses accounts and sessions as people do: with real tokens, through the routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib import oauth
from chalicelib.accounts.routes import accounts as account_routes
from chalicelib.core.crypto import links
from chalicelib.directory.routes import directory
from chalicelib.factors.routes import factors as factor_routes
from chalicelib.identities.routes import identities as identity_routes
from chalicelib.mail_delivery.messages import LINKS
from chalicelib.oauth.metadata_routes import discovery
from chalicelib.sessions.routes import sessions as session_routes
from tests import system
from tests.builders import PASSWORD
from tests.functional.apps import Answer, ApiClient
from tests.functional.streams import stream_event

if TYPE_CHECKING:
    from chalicelib.core.http.requests import Caller
    from tests.cloudlike import Cloud


class Visitor(ApiClient):
    """A client that knows nothing but its tokens."""

    def __init__(self) -> None:
        super().__init__(account_routes, directory, factor_routes, identity_routes, session_routes, discovery)
        self.access_token = ""
        self.refresh_token = ""

    def enter(self, email: str, password: str = PASSWORD, **headers: str) -> Answer:
        """Sign in, and go on with the tokens if that works."""
        return self._keep(self.call("POST", "/sessions", {"email": email, "password": password}, **headers))

    def refresh(self, token: str | None = None) -> Answer:
        """Refresh with the latest token or another, and go on with what comes back."""
        return self._keep(self.call("POST", "/sessions/refresh", {"refresh_token": token or self.refresh_token}))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        if self.access_token:
            headers.setdefault("Authorization", f"Bearer {self.access_token}")
        return super().call(method, path, body, **headers)

    def _keep(self, answer: Answer) -> Answer:
        if answer.status < 300:
            self.access_token, self.refresh_token = answer.body["access_token"], answer.body["refresh_token"]
        return answer

    def _authenticate(self, token: str) -> Caller:
        return oauth.authenticate(token)


class Browser(Visitor):
    """A visitor on a page, whose cookies no script reads: it has no refresh token of its own."""

    def __init__(self, origin: str = "https://rollcall.example") -> None:
        super().__init__()
        self.origin = origin
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []
        """What the latest answer set, as it came."""

    def enter(self, email: str, password: str = PASSWORD, **headers: str) -> Answer:
        body = {"email": email, "password": password, "browser": True}
        return self._keep(self.call("POST", "/sessions", body, **headers))

    def refresh(self, token: str | None = None) -> Answer:
        body = {"refresh_token": token} if token else {}
        return self._keep(self.call("POST", "/sessions/refresh", body))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        if self.origin:
            headers.setdefault("Origin", self.origin)
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        answer = super().call(method, path, body, **headers)
        self.set_cookies = answer.headers.get("Set-Cookie", [])  # type: ignore[assignment]
        for cookie in self.set_cookies:
            name, _, rest = cookie.partition("=")
            value, _, attributes = rest.partition("; ")
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def _keep(self, answer: Answer) -> Answer:
        if answer.status < 300:
            self.access_token = answer.body["access_token"]
        return answer


def visitor(email: str, password: str = PASSWORD) -> Visitor:
    """A visitor who has signed in."""
    made = Visitor()
    answer = made.enter(email, password)
    assert answer.status == 201, answer
    return made


def mailed(cloud: Cloud) -> list[dict[str, Any]]:
    """Answer every intent that is in its table, and take the mails that were asked for."""
    rows = sorted(cloud.rows("intents"), key=lambda row: row["id"])
    system.invoke(system.STREAMS["intents"], stream_event("intents", *((None, row) for row in rows)))
    return sorted(cloud.bodies("mail"), key=lambda body: json.dumps(body, sort_keys=True))


def token_of(mail: dict[str, Any]) -> str:
    """The token that a mail will carry."""
    purpose, _ = LINKS[mail["template"]]
    return links.mint(purpose, mail["data"]["intent_id"])
