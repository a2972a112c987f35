"""The document of all routes, as generators of clients read it: rules that hold for every schema in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from app import app
from chalicelib.about.openapi import document
from chalicelib.about.schemas import NAMED, PLAIN, schemas_of
from chalicelib.accounts.schemas import Email, KnownEmail, Roles
from chalicelib.core.http.declarations import routes_of
from chalicelib.core.http.models import Model, Moment
from chalicelib.items.model import Name, UserId
from chalicelib.profile import rules
from chalicelib.profile.fields import FIELDS
from chalicelib.profile.models import checked_type
from chalicelib.sessions.schemas import Asker
from chalicelib.webhooks.schemas import Types, Url

ROUTES = routes_of(app)
API = document(ROUTES, "https://rollcall.example")
SCHEMAS = API["components"]["schemas"]

KEYWORDS = frozenset(
    re.findall(
        r"\S+",
        """
        $ref additionalProperties anyOf const contentEncoding default description enum exclusiveMaximum exclusiveMinimum
        format items maxItems maxLength maxProperties maximum minItems minLength minimum pattern prefixItems properties
        propertyNames required type uniqueItems
        """,
    )
)
"""Of JSON Schema 2020-12, those that are used: pydantic's own words for a bound (`ge`, `le`) are none."""

TAKEN = frozenset(
    re.findall(
        r"\S+",
        """
        Any Array AuthenticatedClient Blob Body Boolean Client Date Enum Error Errors Field File Function Headers List
        Map Model Number Object Optional Promise Record Request Response Set String Symbol Type Union Unset
        """,
    )
)
"""Names that generators give to what is theirs, or that a language has already."""


def parts(schema: Any, place: str):
    """A schema and every schema within it, each with its place."""
    yield place, schema
    for keyword, value in schema.items():
        if keyword in NAMED:
            for name, part in value.items():
                yield from parts(part, f"{place}.{name}")
        elif keyword not in PLAIN:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    yield from parts(part, f"{place}.{keyword}")


OPERATIONS = [operation for methods in API["paths"].values() for operation in methods.values()]
EVERY = [
    *(found for name, schema in SCHEMAS.items() for found in parts(schema, name)),
    *(
        found
        for operation in OPERATIONS
        for parameter in operation["parameters"]
        for found in parts(parameter["schema"], f"{operation['operationId']}?{parameter['name']}")
    ),
]
BODIES = {route.declaration.body for route in ROUTES if route.declaration.body}


def test_every_keyword_is_one_of_json_schema():
    assert [(place, {*schema} - KEYWORDS) for place, schema in EVERY if {*schema} - KEYWORDS] == []


def test_every_pattern_holds_the_whole_text_and_means_the_same_everywhere():
    patterns = {schema["pattern"] for _, schema in EVERY if "pattern" in schema}
    assert len(patterns) > 5
    assert [text for text in patterns if not re.fullmatch(r"\^.*\$", text)] == []
    assert [text for text in patterns if re.search(r"\\[dwsAZzbB]|\(\?", text)] == []


def test_nothing_has_null_for_its_default():
    assert [place for place, schema in EVERY if "default" in schema and schema["default"] is None] == []


def test_no_field_of_a_body_has_a_default_which_would_make_it_one_to_send():
    _, sent = schemas_of([(body, "validation") for body in BODIES], BODIES)
    found = [found for name, schema in sent.items() for found in parts(schema, name)]
    assert len(found) > len(BODIES)
    assert [place for place, schema in found if "default" in schema] == []
    assert [name for name, schema in sent.items() if SCHEMAS[name] != schema] == []


def test_what_is_null_or_something_is_so_by_its_types():
    assert [place for place, schema in EVERY if "nullable" in schema] == []
    nulls = [schema["anyOf"] for _, schema in EVERY if {"type": "null"} in schema.get("anyOf", [])]
    assert nulls
    assert [choices for choices in nulls if len(choices) < 2] == []


def test_no_schema_has_a_name_that_a_generator_has_for_its_own():
    assert {*SCHEMAS} & TAKEN == set()
    assert [name for name in SCHEMAS if not re.fullmatch("[A-Z][A-Za-z0-9]+", name)] == []


def test_no_schema_has_a_list_of_its_own_name():
    """Generated code has one variable for the two, which is of the wrong type for one of them."""
    names = {name: re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in SCHEMAS}
    fields = {name: SCHEMAS[name].get("properties", {}).get(snake, {}) for name, snake in names.items()}
    assert len(names) > 50
    assert [name for name, field in fields.items() if field and field.get("type") != "string"] == []


def test_an_operation_has_a_name_that_can_be_a_functions():
    names = [operation["operationId"] for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)+", name)] == []


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.declaration.body], ids=lambda route: route.name
)
def test_a_body_is_required_where_it_has_a_field_that_is(route):
    required = API["paths"][route.path][route.method.lower()]["requestBody"]["required"]
    (place,) = {
        content["schema"]["$ref"].rpartition("/")[2]
        for content in API["paths"][route.path][route.method.lower()]["requestBody"]["content"].values()
    }
    assert required == bool(SCHEMAS[place].get("required"))


def test_an_import_can_be_made_without_a_body():
    assert API["paths"]["/imports"]["post"]["requestBody"]["required"] is False


class Sent(Model):
    """A body, with a default that is said, and one that says nothing."""

    kept: bool = False
    title: str | None = None


def test_a_default_of_a_body_is_told_in_words_and_a_field_may_be_called_title():
    _, schemas = schemas_of([(Sent, "validation")], [Sent])
    assert schemas["Sent"]["properties"] == {
        "kept": {"type": "boolean", "description": "By default `false`"},
        "title": {"anyOf": [{"type": "string", "maxLength": 20_000}, {"type": "null"}]},
    }
    _, shown = schemas_of([(Sent, "serialization")], [])
    assert shown["Sent"]["properties"]["kept"] == {"type": "boolean", "default": False}


WORDS = st.text(max_size=40)
MOMENTS = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
RULES = {
    "age": (checked_type(FIELDS["age"]), st.integers(-5, 200) | st.booleans() | st.just(1.5) | WORDS),
    "asker": (Asker, st.from_regex(r"[A-Za-z0-9_-]{40,130}", fullmatch=True) | WORDS),
    "email": (Email, st.emails() | WORDS),
    "item key": (Name, st.from_regex(r"[A-Za-z0-9._~:@-]{1,256}", fullmatch=True) | WORDS),
    "known email": (KnownEmail, st.emails() | WORDS),
    "locale": (checked_type(FIELDS["locale"]), st.from_regex(rules.LOCALE_AS_GIVEN, fullmatch=True) | WORDS),
    "moment": (Moment, MOMENTS | WORDS),
    "name": (checked_type(FIELDS["name"]), st.text(max_size=210)),
    "roles": (Roles, st.lists(st.from_regex(rules.ROLE, fullmatch=True) | WORDS, max_size=25)),
    "types": (
        Types,
        st.lists(st.sampled_from(["user.*", "user.updated", "item.*", "user.", "*"]) | WORDS, max_size=3),
    ),
    "url": (Url, WORDS),
    "user id": (UserId, st.from_regex(r"[A-Za-z0-9._~|+=-]{1,130}", fullmatch=True) | WORDS),
}
EXACT = frozenset({"age", "asker", "item key", "locale", "roles", "types", "user id"})
"""Rules that JSON Schema can say completely. Of the others it lets more pass, and never less."""


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@given(data=st.data())
def test_the_schema_of_a_field_refuses_nothing_that_its_rule_takes(rule, data):
    kind, values = RULES[rule]
    value = data.draw(values)
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    fits = Draft202012Validator(adapter.json_schema()).is_valid(value)
    try:
        adapter.validate_python(value, strict=True)
        taken = True
    except ValidationError:
        taken = False
    assert fits or not taken
    if rule in EXACT and not ends_a_line(value):
        assert taken == fits


def ends_a_line(value: Any) -> bool:
    """Python's `$` lets a line end follow; ECMA 262's, by which a schema is read, does not."""
    return any(
        isinstance(text, str) and text.endswith("\n")
        for text in [value, *(value if isinstance(value, list) else [])]
    )
