"""Answers that hold a secret are kept nowhere: their routes ignore `Idempotency-Key`, which keeps answers for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import BaseModel

from app import app
from chalicelib.core.http.declarations import routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.http.declarations import Route

SECRET = {
    "access_token",
    "fields",  # of a form that may upload, which is signed
    "otpauth_url",
    "recovery_codes",
    "refresh_token",
    "secret",
}
"""Fields whose values let somebody in, wherever they are shown."""

KNOWN = {
    "POST /clients",
    "POST /clients/{client_id}/rotate",
    "POST /imports",
    "POST /me/recovery-codes",
    "POST /me/totp",
    "POST /oauth2/token",
    "POST /sessions",
    "POST /sessions/email/confirm",
    "POST /sessions/passkey",
    "POST /sessions/refresh",
    "POST /webhooks",
    "POST /webhooks/{webhook_id}/rotate-secret",
}
"""Routes whose answer holds one: if a rename hides it from the rule below, this list says so."""


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from models_in(part)


def fields_of(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    """The names of all fields of a model, and of the models in it."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        if field.annotation is not bool:
            yield field.serialization_alias or name
        for inner in models_in(field.annotation):
            yield from fields_of(inner, seen)


def holds_secret(route: Route) -> bool:
    """Whether its answer shows one. What merely tells that there is one is a number or a switch, in a GET."""
    answers = [model for model in route.declaration.answers.values() if model]
    return route.method != "GET" and any(SECRET & set(fields_of(model, set())) for model in answers)


def titled(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_the_rule_finds_the_routes_that_are_known_to_show_secrets():
    assert {titled(route) for route in routes_of(app) if holds_secret(route)} >= KNOWN


@pytest.mark.parametrize("route", [route for route in routes_of(app) if holds_secret(route)], ids=titled)
def test_a_route_that_shows_a_secret_keeps_no_answer(route):
    assert not route.declaration.idempotent


@pytest.mark.parametrize("route", [route for route in routes_of(app) if route.declaration.idempotent], ids=titled)
def test_what_keeps_answers_creates_something_for_somebody_signed_in(route):
    """A key is scoped to its caller: where there is none, anybody's would be everybody's."""
    assert route.method == "POST"
    assert route.declaration.who is not None
