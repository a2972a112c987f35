"""Examples of request bodies, made from their schemas."""

from __future__ import annotations

import re
from typing import Any

DEPTH = 4
"""Models within models that an example shows. Deeper ones are left empty."""

BY_NAME = {
    "email": "ada@example.com",
    "name": "Ada Lovelace",
    "password": "correct horse battery",
    "new_password": "violet otter sonata",
    "current_password": "correct horse battery",
    "url": "https://example.com/hook",
    "from": "2026-01-01T00:00:00Z",
    "to": "2026-02-01T00:00:00Z",
    "at": "2026-01-01T12:00:00Z",
    "locale": "en",
    "birthdate": "1990-12-10",
    "otp": "123456",
}
"""Values of fields that everybody understands; of others the schema decides."""

TEXTS = (
    "…",
    "example",
    "support",
    "2026-01-01T00:00:00Z",
    "2026-01-01",
    "https://example.com/",
    "en",
    "123456",
    "00000000-0000-4000-8000-000000000000",
    "A" * 43,
)
"""Texts, of which the first one that a schema takes is shown."""


def example(schema: dict[str, Any], api: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that a schema of the OpenAPI document `api` takes, with what is required, and what a reader expects. It
    need not be one that the rules behind the schema accept: it is to begin with."""
    if "$ref" in schema:
        return example(api["components"]["schemas"][schema["$ref"].rpartition("/")[2]], api, name, depth)
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return example(next((each for each in choices if each.get("type") != "null"), {}), api, name, depth)
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema, api, depth)
    if schema.get("type") == "array":
        return [example(schema.get("items", {}), api, "", depth + 1)] if depth < DEPTH else []
    return BY_NAME.get(name, _plain(schema))


def _object(schema: dict[str, Any], api: dict[str, Any], depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    wanted = schema.get("required") or list(properties)[:3]
    shown = [*wanted, *(name for name in ("name",) if name in properties and name not in wanted)]
    return {} if depth >= DEPTH else {name: example(properties[name], api, name, depth + 1) for name in shown}


def _plain(schema: dict[str, Any]) -> Any:
    if schema.get("type") == "string":
        return next((text for text in TEXTS if _takes(schema, text)), TEXTS[0])
    least = schema.get("minimum", 1)
    return {"integer": least, "number": least, "boolean": True}.get(schema.get("type", ""), {})


def _takes(schema: dict[str, Any], text: str) -> bool:
    long_enough = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    return long_enough and re.search(schema.get("pattern", ""), text) is not None
