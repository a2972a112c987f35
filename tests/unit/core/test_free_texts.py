"""Every text that a route takes and people may see is held to the one rule of `core.texts`, or says here why not."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app import app
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.http.models import Model, Visible
from chalicelib.profile.fields import FIELDS
from tests.unit.core.test_texts import UNSEEN_ALONE

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "proves something, is compared, and never shown"
OWN_RULE = "has a stricter rule of its own: no blank, control or mark can be in it"
LOOKED_UP = "finds what is there, and is not kept"
FOREIGN = "must equal what another system calls it"
NAMES_A_FILE = "is made visible where it is shown: no file is refused for its name"

EXCEPTIONS = {
    "acr": FOREIGN,
    "acr_values": LOOKED_UP,
    "amr": FOREIGN,
    "asker": SECRET,
    "at": OWN_RULE,
    "audiences": OWN_RULE,
    "authorization_endpoint": OWN_RULE,
    "backchannel_logout_uri": OWN_RULE,
    "birthdate": OWN_RULE,
    "claims": LOOKED_UP,
    "client_assertion": SECRET,
    "client_assertion_type": LOOKED_UP,
    "client_id": LOOKED_UP,
    "client_secret": SECRET,
    "client_uri": OWN_RULE,
    "code": SECRET,
    "code_challenge": OWN_RULE,
    "code_challenge_method": LOOKED_UP,
    "code_verifier": SECRET,
    "cognito_hash_column": FOREIGN,
    "connection_id": LOOKED_UP,
    "created_after": OWN_RULE,
    "created_before": OWN_RULE,
    "current_password": SECRET,
    "device": SECRET,
    "device_code": SECRET,
    "domains": OWN_RULE,
    "email": OWN_RULE,
    "error": LOOKED_UP,
    "file_name": NAMES_A_FILE,
    "firebase_project": FOREIGN,
    "filter": OWN_RULE,
    "grant_type": LOOKED_UP,
    "grant_types": LOOKED_UP,
    "hashes": OWN_RULE,
    "id": LOOKED_UP,
    "ids": LOOKED_UP,
    "id_token_hint": SECRET,
    "iss": LOOKED_UP,
    "issuer": OWN_RULE,
    "item_id": OWN_RULE,
    "item_key": OWN_RULE,
    "key_id": FOREIGN,
    "kratos_email": FOREIGN,
    "kratos_name": FOREIGN,
    "locale": OWN_RULE,
    "login_hint": LOOKED_UP,
    "logo_uri": OWN_RULE,
    "max_age": OWN_RULE,
    "new_password": SECRET,
    "nonce": FOREIGN,
    "otp": SECRET,
    "password": SECRET,
    "post_logout_redirect_uri": LOOKED_UP,
    "post_logout_redirect_uris": OWN_RULE,
    "private_key": SECRET,
    "prompt": LOOKED_UP,
    "recovery_code": SECRET,
    "redirect_uri": LOOKED_UP,
    "redirect_uris": OWN_RULE,
    "refresh_token": SECRET,
    "registration": LOOKED_UP,
    "request": SECRET,
    "request_uri": LOOKED_UP,
    "require_for_domains": OWN_RULE,
    "resource": LOOKED_UP,
    "response_types": LOOKED_UP,
    "response_mode": LOOKED_UP,
    "response_type": LOOKED_UP,
    "return_to": LOOKED_UP,
    "return_urls": OWN_RULE,
    "role": LOOKED_UP,
    "roles": OWN_RULE,
    "scope": LOOKED_UP,
    "scopes": OWN_RULE,
    "since": OWN_RULE,
    "state": FOREIGN,
    "subject": LOOKED_UP,
    "team_id": FOREIGN,
    "tenants": OWN_RULE,
    "time": OWN_RULE,
    "token": SECRET,
    "token_endpoint": OWN_RULE,
    "token_endpoint_auth_method": LOOKED_UP,
    "token_type_hint": LOOKED_UP,
    "trusted_domains": OWN_RULE,
    "types": OWN_RULE,
    "ui_locales": LOOKED_UP,
    "until": OWN_RULE,
    "uri": OWN_RULE,
    "url": OWN_RULE,
    "user": FOREIGN,
    "user_code": SECRET,
    "user_id": OWN_RULE,
    "userinfo_endpoint": OWN_RULE,
    "webhook": LOOKED_UP,
}
"""Fields of text, by their names. Those of JSON objects (`attributes`, values of items, rows) are data of others, which
nobody shows as ours."""


def free_texts(model: type[BaseModel]) -> Iterator[tuple[str, list[Any]]]:
    """The fields of a model that hold text, those of models within it too, each with what it is marked by."""
    for name, field in model.model_fields.items():
        yield from _texts(name, field.annotation, list(field.metadata))


def _texts(name: str, annotation: Any, marks: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        inner = [part for one in parts[1:] for part in (one.metadata if isinstance(one, FieldInfo) else [one])]
        yield from _texts(name, parts[0], [*marks, *inner])
    elif origin in {typing.Union, types.UnionType, list}:
        for part in parts:
            yield from _texts(name, part, list(marks))
    elif annotation is str:
        yield name, marks
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from free_texts(annotation)


BODIES = sorted(
    {route.declaration.body for route in routes_of(app) if route.declaration.body},
    key=lambda model: model.__name__,
)
FREE = [(model, name, marks) for model in BODIES for name, marks in free_texts(model)]


def is_visible(marks: list[Any]) -> bool:
    return any(isinstance(mark, Visible) for mark in marks)


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__name__)
def test_every_free_text_is_held_to_the_rule_or_says_why_not(model):
    """Fails for a new field: mark it with `Visible`, or give a reason above."""
    assert [name for name, marks in free_texts(model) if not is_visible(marks) and name not in EXCEPTIONS] == []


def test_no_exception_is_left_over():
    assert {name for _, name, marks in FREE if not is_visible(marks)} == EXCEPTIONS.keys()


def test_the_rule_is_held_where_it_is_said():
    of_people = {name for name, field in FIELDS.items() if field.free_text}
    assert {name for _, name, marks in FREE if is_visible(marks)} == {"client_name", "description", *of_people}
    assert "name" in of_people


class Named(Model):
    text: Annotated[str, Visible(5)] | None = None


@pytest.mark.parametrize("text", [*UNSEEN_ALONE, "", "a\nb", "a\x07b", "a\u202eb", "abcdef", 7, ["a"]], ids=ascii)
def test_a_marked_text_that_cannot_be_seen_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        Named.model_validate({"text": text})
    assert {error["loc"][0] for error in refused.value.errors()} == {"text"}


def test_a_marked_text_is_kept_as_it_is_seen_and_says_its_length():
    assert Named.model_validate({"text": " a  b "}).text == "a b"
    assert Named.model_validate({"text": None}).text is None
    said = Named.model_json_schema()["properties"]["text"]["anyOf"][0]
    assert (said["type"], said["minLength"], said["maxLength"]) == ("string", 1, 5)
