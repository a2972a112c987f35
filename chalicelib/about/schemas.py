"""The schemas of the models that routes declare, as generators of clients read them as well as people do.

They are pydantic's, without what misleads: a `title` that repeats a name, `default: null` where a field is simply left
out, and in bodies of requests any `default`, by which generators of types make a field that one must send. It is said
in the field's description instead.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

Document = dict[str, Any]
Mode = Literal["validation", "serialization"]
Wanted = tuple[type[BaseModel], Mode]
Models = dict[Wanted, Document]

REFERENCE = "#/components/schemas/{model}"
NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
"""Keywords whose members are named by the model, each a schema."""
PLAIN = frozenset({"const", "enum", "default", "examples", "required"})
"""Keywords that hold values and no schemas."""


def schemas_of(wanted: Iterable[Wanted], bodies: Iterable[type[BaseModel]]) -> tuple[Models, Document]:
    """Where each model's schema stands, and all of them by name. `bodies` are those that requests bring."""
    models, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REFERENCE)
    schemas: Document = definitions.get("$defs", {})
    sent = _within(schemas, (name_of(models[body, "validation"]) for body in bodies))
    return models, {name: _published(schema, sent=name in sent) for name, schema in schemas.items()}  # type: ignore[return-value]


def name_of(reference: Document) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _within(schemas: Document, names: Iterable[str]) -> set[str]:
    """These names, and those of every schema that they refer to."""
    reachable: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in reachable:
            reachable.add(name)
            pending += re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schemas[name]))
    return reachable


def _published(schema: Any, *, sent: bool) -> Any:
    if isinstance(schema, list):
        return [_published(part, sent=sent) for part in schema]
    if not isinstance(schema, dict):
        return schema
    published: Document = {}
    for keyword, value in schema.items():
        if keyword == "title" or (keyword == "default" and (sent or value is None)):
            continue
        if keyword in PLAIN:
            published[keyword] = value
        elif keyword in NAMED:
            published[keyword] = {name: _published(part, sent=sent) for name, part in value.items()}
        else:
            published[keyword] = _published(value, sent=sent)
    if sent and schema.get("default") not in (None, "", []):
        published["description"] = _with_default(schema)
    return published


def _with_default(schema: Document) -> str:
    default = f"By default `{json.dumps(schema['default'])}`"
    return f"{schema['description'].removesuffix('.')}. {default}" if "description" in schema else default
