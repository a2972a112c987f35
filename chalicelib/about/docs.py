"""The docs page: the OpenAPI document as one HTML page, which loads no other file and runs no script."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.about.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.http.declarations import Route

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Field:
    """A row in the page's table of parameters or of a model's fields. `link` is the model in the field, if any."""

    name: str
    kind: str
    link: str
    required: bool
    description: str


@dataclass(frozen=True)
class DocsPage:
    """The page's HTML, and its Content-Security-Policy."""

    html: str
    policy: str


@cache
def page(routes: tuple[Route, ...], public_url: str) -> DocsPage:
    """The docs of these routes, rendered once per process."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    api = document(routes, public_url)
    style = (_HERE / "docs.css").read_text()
    templates = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["prose"] = _prose
    html = templates.get_template("docs.html").render(
        api=api,
        style=style,
        operations=_operations(api),
        models={name: (schema, list(_fields(schema))) for name, schema in api["components"]["schemas"].items()},
        parameter=_parameter,
        kind_of=_kind,
        link_of=_link,
        anchor=_anchor,
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return DocsPage(html, f"{policy}; frame-ancestors 'none'")


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
