"""A Chalice app of a few blueprints only, called as a person the test chooses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalice import Chalice

import app as whole
from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.http.blueprints import load_blueprint
from chalicelib.core.http.cors import register_preflights
from chalicelib.core.http.current import authenticate_with
from chalicelib.core.http.declarations import Route, routes_of
from chalicelib.core.http.middleware import add_security_headers, reply_with_problems
from chalicelib.core.http.requests import Caller
from tests.functional.conformance import ConformingClient
from tools.route_table import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalice import Blueprint
    from chalice.test import Client

    from chalicelib.core.http.current import Authenticate


def client_of(app: Chalice) -> Client:
    """Chalice's test client, which holds every answer to what is declared.

    It looks for a project's `.chalice/config.json`, whose variables it would put over the tests' own: this folder has
    none, whatever was packaged in the checkout.
    """
    return ConformingClient(app, project_dir=str(Path(__file__).parent))


def blueprints() -> tuple[Blueprint, ...]:
    """All that `app.py` registers."""
    return tuple(load_blueprint(name) for name in table_of(whole.app))


def declared(*blueprints: Blueprint) -> tuple[Route, ...]:
    """The routes of blueprints, in their order."""
    return routes_of(_served(blueprints))


def app_of(blueprints: Iterable[Blueprint], authenticate: Authenticate) -> Chalice:
    """An app of some blueprints alone, set up as `app.py` does it."""
    app = _served(blueprints)
    app.register_middleware(add_security_headers, "http")
    app.register_middleware(authenticate_with(authenticate), "http")
    app.register_middleware(reply_with_problems, "http")
    register_preflights(app)
    return app


def _served(blueprints: Iterable[Blueprint]) -> Chalice:
    # Every Chalice makes the user agent longer by its name, unless it has an environment of its own.
    app = Chalice("tested", env={})
    for blueprint in blueprints:
        for path, entries in _registered(blueprint).routes.items():
            app.routes[path].update(entries)
    return app


@cache
def _registered(blueprint: Blueprint) -> Chalice:
    """An app of a blueprint alone. Chalice 1.34 takes methods and content types out of a blueprint as it registers it:
    a second app would have them no more. So those of `app.py` are registered there, and their routes are shared."""
    alone, name = Chalice("alone", env={}), blueprint._import_name
    for path, entries in whole.app.routes.items():
        ours = {method: entry for method, entry in entries.items() if entry.view_function.__module__ == name}
        if ours:
            alone.routes[path].update(ours)
    if not alone.routes:
        alone.register_blueprint(blueprint)
    return alone


@dataclass(frozen=True)
class Answer:
    """A response: `body` is its JSON, or its text where it is none."""

    status: int
    headers: dict[str, str]
    body: Any


class ApiClient:
    """Calls routes as AWS would; the caller is whoever `sign_in` named last, with any bearer token."""

    def __init__(self, *blueprints: Blueprint, caller: Caller | None = None) -> None:
        self.caller = caller
        self.app = app_of(blueprints, self._authenticate)
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
