"""A Chalice app of a few areas only, called as a person the test chooses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice import Chalice
from chalice.test import Client

from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.http.declarations import Caller, Routes
from chalicelib.core.http.serving import Api


def client_of(app: Chalice) -> Client:
    """Chalice's test client. It looks for a project's `.chalice/config.json`, whose variables it would put over the
    tests' own: this folder has none, whatever was packaged in the checkout."""
    return Client(app, project_dir=str(Path(__file__).parent))


@dataclass(frozen=True)
class Answer:
    """A response: `body` is its JSON, or its text where it is none."""

    status: int
    headers: dict[str, str]
    body: Any


class ApiClient:
    """Calls routes as AWS would; the caller is whoever `sign_in` named last, with any bearer token."""

    def __init__(self, *areas: Routes, caller: Caller | None = None) -> None:
        self.caller = caller
        # Every Chalice makes the user agent longer by its name, unless it has an environment of its own.
        self.app = Chalice("tested", env={})
        Api(self.app, self._authenticate).mount(*areas)
        self._client = client_of(self.app)

    def sign_in(
        self,
        user_id: str,
        *roles: str,
        session_id: str = "S1",
        user: dict[str, Any] | None = None,
        seconds_ago: int = 0,
        second_factor: bool = False,
    ) -> None:
        """Be this person from now on, who proved so many seconds ago who they are."""
        person = {"id": user_id, **(user or {})}
        authenticated_at = clock.epoch() - seconds_ago
        self.caller = Caller(user_id, session_id, frozenset(roles), person, authenticated_at, second_factor)

    def be_machine(self, client_id: str, *roles: str, seconds_ago: int = 0) -> None:
        """Be this machine from now on, which got its token so many seconds ago."""
        self.caller = Caller(client_id, "", frozenset(roles), {}, clock.epoch() - seconds_ago)

    def sign_out(self) -> None:
        self.caller = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request; header names are given with underscores (`Idempotency_Key`)."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.caller is not None:
            sent.setdefault("Authorization", "Bearer any")
        if body is not None and not isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        response = self._client.http.request(method, path, headers=sent, body=body or b"")
        text = response.body.decode()
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = text
        return Answer(response.status_code, dict(response.headers), parsed)

    def _authenticate(self, token: str) -> Caller:
        if self.caller is None:
            raise Unauthenticated
        return self.caller
