"""The docs page: the OpenAPI document as one HTML page, on which each route can be tried.

All of the docs is in the document, for who has no scripts too. What a route can be tried with is a form that
`docs/try.js` makes out of the page's template when somebody opens it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.about import api_document
from chalicelib.core import wire
from chalicelib.web import assets
from chalicelib.web.examples import example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.http.declarations import Route

_FOLDER = assets.HERE / "docs"


@dataclass(frozen=True)
class Field:
    """A row in the page's table of parameters or of a model's fields. `link` is the model in the field, if any."""

    name: str
    kind: str
    link: str
    required: bool
    description: str


@cache
def page(routes: tuple[Route, ...], public_url: str) -> str:
    """The docs of these routes as HTML, rendered once per process."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    api = api_document(routes, public_url)
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["prose"] = _prose
    return templates.get_template("docs.html").render(
        api=api,
        assets=f"assets/{assets.version()}",
        operations=_operations(api),
        models={name: (schema, list(_fields(schema))) for name, schema in api["components"]["schemas"].items()},
        parameter=_parameter,
        kind_of=_kind,
        link_of=_link,
        anchor=_anchor,
        tried_with=lambda operation: wire.to_json(_tried_with(operation, api)),
    )


def _tried_with(operation: dict[str, Any], api: dict[str, Any]) -> dict[str, Any]:
    """What the form of a route begins with: its parameters, and a body as an example, if it takes one."""
    content = operation.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), "")
    return {
        "parameters": [
            {"name": each["name"], "in": each["in"], "required": each["required"]}
            for each in operation.get("parameters", ())
            if each["in"] in {"path", "query", "header"}
        ],
        "type": media_type,
        "body": example(content[media_type]["schema"], api) if media_type else None,
        "token": bool(operation.get("security")),
    }


def _prose(text: str) -> str:
    """Text as HTML, with its `code` in code elements."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def _anchor(method: str, path: str) -> str:
    return re.sub(r"\W+", "-", f"{method}{path}").strip("-")


def _operations(api: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """(method, path, operation) of each tag, in the order of their declaration."""
    areas: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag["name"]: [] for tag in api["tags"]}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            areas[operation["tags"][0]].append((method, path, operation))
    return areas


def _parameter(parameter: dict[str, Any]) -> Field:
    schema = parameter["schema"]
    about = parameter.get("description", "")
    return Field(parameter["name"], _kind(schema), _link(schema), parameter["required"], about)


def _fields(schema: dict[str, Any]) -> Iterator[Field]:
    for name, field in schema.get("properties", {}).items():
        required = name in schema.get("required", [])
        yield Field(name, _kind(field), _link(field), required, field.get("description", ""))


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: `text, at most 200`, `list of Item`, `whole number or nothing`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return " or ".join(_kind(choice) for choice in choices)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if schema.get("items") else "list"
    words = _WORDS.get(schema.get("type", ""), "anything")
    limits = [f"{text} {schema[name]}" for name, text in _LIMITS.items() if name in schema]
    return ", ".join([words, *limits])


_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "nothing",
}

_LIMITS = {
    "minLength": "at least",
    "maxLength": "at most",
    "minimum": "from",
    "maximum": "to",
    "default": "unless given",
}


def _link(schema: dict[str, Any]) -> str:
    """The name of the first model that a schema refers to, or an empty text."""
    reference = re.search(r"#/components/schemas/([^']+)'", repr(schema))
    return reference[1] if reference else ""
