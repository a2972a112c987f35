"""The OpenAPI document of all routes, made from their declarations alone.

OpenAPI 3.1 uses JSON Schema 2020-12 unchanged: https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from chalicelib.about.schemas import name_of, schemas_of
from chalicelib.about.version import VERSION
from chalicelib.core import errors
from chalicelib.core.errors import Refused
from chalicelib.core.http.replies import JSON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.about.schemas import Document, Models, Wanted
    from chalicelib.core.http.declarations import Declaration, Route

ABOUT = """User accounts in which every change is an event.

Errors are problem documents (RFC 9457). Every answer carries `X-Request-Id`. Lists are `{items, next}`; pass `next`
back as `cursor`. Whatever has `GET` has `HEAD`. Times are RFC 3339 in UTC."""

PROBLEM = "application/problem+json"


class WrongField(BaseModel):
    field: str = Field(description="The path of the field in the document, or the name of a header or parameter")
    message: str
    code: str | None = Field(default=None, description="What is wrong, where a program says it in its own words")
    limit: int | None = Field(default=None, description="The most or the least that there may be")


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str | None = Field(default=None, description="Which conflict it is, where a program tells several apart")
    errors: list[WrongField] | None = Field(default=None, description="With 422: every wrong field at once")


@cache
def document(routes: tuple[Route, ...], public_url: str) -> Document:
    """The OpenAPI document of these routes, which are served at `public_url`. It is made once per process: do not
    change it."""
    models, schemas = _schemas(routes)
    paths: Document = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, models, schemas)
    queries = {name_of(models[route.declaration.query, "validation"]) for route in routes}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rollcall", "version": VERSION, "description": ABOUT},
        "servers": [{"url": public_url}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.declaration.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "responses": {error.__name__: _problem(error.title) for error in _error_classes()}
            | {"Problem": _problem("Any other error")},
            "headers": {"RequestId": {"description": "Names this request in logs and events", "schema": _TEXT}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


_TEXT: Document = {"type": "string"}
_LINK: Document = {"description": "For whoever has it", "schema": _TEXT}
_REQUEST_ID: Document = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}


def _schemas(routes: Sequence[Route]) -> tuple[Models, Document]:
    """The reference to each model's schema, and all schemas by name."""
    models_used: list[Wanted] = [(Problem, "serialization")]
    for route in routes:
        declared = route.declaration
        models_used.append((declared.query, "validation"))
        models_used += [(declared.body, "validation")] if declared.body else []
        models_used += [(model, "serialization") for model in declared.answers.values() if model]
        models_used += [(declared.errors.model, "serialization")] if declared.errors else []
    return schemas_of(models_used, [route.declaration.body for route in routes if route.declaration.body])


def _operation(route: Route, models: Models, schemas: Document) -> Document:
    declared = route.declaration
    operation: Document = {
        "operationId": f"{declared.tag}_{declared.handler.__name__}",
        "tags": [declared.tag],
        "summary": declared.summary,
        "description": _description(declared),
        "parameters": [*_parameters(route, schemas[name_of(models[declared.query, "validation"])])],
        "responses": {**_success_responses(declared, models), **_error_responses(route, models)},
        "security": [] if declared.who is None and not declared.bearer else [{"bearer": []}],
    }
    if declared.body:
        content = {"schema": models[declared.body, "validation"]}
        required = any(field.is_required() for field in declared.body.model_fields.values())
        operation["requestBody"] = {"required": required, "content": dict.fromkeys(declared.media_types, content)}
    return operation


def _description(declared: Declaration) -> str:
    _, _, rest = (inspect.getdoc(declared.handler) or "").partition("\n")
    if declared.bearer:
        who = f"For whoever has {declared.bearer}."
    elif declared.who is None:
        who = "Open to anyone."
    elif declared.who:
        who = f"For the roles: {', '.join(sorted(declared.who))}."
    else:
        who = "For anyone signed in."
    further = inspect.getdoc(declared.proof_for) if declared.proof_for else ""
    return "\n\n".join(part for part in (rest.strip(), who, declared.proof.description, further) if part)


def _parameters(route: Route, query: Document) -> Iterator[Document]:
    for name in path_parameters(route.path):
        yield {"name": name, "in": "path", "required": True, "schema": _TEXT}
    for name, field in query.get("properties", {}).items():
        about = {"description": field["description"]} if "description" in field else {}
        required = name in query.get("required", [])
        yield {"name": name, "in": "query", "required": required, **about, "schema": _in_query(field)}
    if route.declaration.idempotent:
        yield _header("Idempotency-Key", "The same key and body within 24 hours get the first answer again")
    if 304 in route.declaration.answers:
        yield _header(
            "If-None-Match", "The ETag that was read: answered with 304 where it is still that of the answer"
        )
    if _changes_resource(route):
        yield _header("If-Match", "The ETag that was read: refused with 412 where there is another version by now")


def _in_query(field: Document) -> Document:
    """The schema of a query parameter, which may be absent but is never null."""
    schema = {name: value for name, value in field.items() if name != "description"}
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del schema["anyOf"]
        schema |= choices[0]
    return schema


def _header(name: str, description: str) -> Document:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": _TEXT}


DESCRIPTIONS = {
    202: "Accepted",
    303: "Done: the answer is longer than an answer may be, and is at the link in `Location` for ten minutes",
    304: "The same as `If-None-Match` names",
}
"""The descriptions of statuses that are no errors, where it is not "Done"."""


def _success_responses(declared: Declaration, models: Models) -> Document:
    return {str(status): _success_response(status, model, models) for status, model in declared.answers.items()}


def _success_response(status: int, model: type[BaseModel] | None, models: Models) -> Document:
    headers = {**_REQUEST_ID, **({"Location": _LINK} if status == 303 else {})}
    response: Document = {"description": DESCRIPTIONS.get(status, "Done"), "headers": headers}
    if model:
        media_types: tuple[str, ...] = getattr(model, "media_types", (JSON,))
        response["content"] = {kind: {"schema": models[model, "serialization"]} for kind in media_types}
    return response


def _error_responses(route: Route, models: Models) -> Document:
    """The errors that follow from a route's declaration; `default` stands for all others."""
    declared = route.declaration
    if declared.errors:
        content = {JSON: {"schema": models[declared.errors.model, "serialization"]}}
        return {"default": {"description": "Any error", "headers": _REQUEST_ID, "content": content}}
    expected: list[type[Refused]] = []
    if declared.body:
        expected += [errors.Malformed, errors.TooLarge, errors.UnsupportedMedia]
    if declared.body or declared.query.model_fields or declared.idempotent:
        expected.append(errors.Invalid)
    if declared.who is not None:
        expected.append(errors.Unauthenticated)
    if declared.who:
        expected.append(errors.Forbidden)
    if path_parameters(route.path):
        expected.append(errors.NotFound)
    if declared.idempotent:
        expected.append(errors.Conflict)
    if _changes_resource(route):
        expected.append(errors.PreconditionFailed)
    if declared.who is None and declared.body:
        expected.append(errors.TooManyRequests)
    by_status = sorted(expected, key=lambda error: error.status)
    refs = {str(error.status): {"$ref": f"#/components/responses/{error.__name__}"} for error in by_status}
    return {**refs, "default": {"$ref": "#/components/responses/Problem"}}


def _changes_resource(route: Route) -> bool:
    return route.method in {"PUT", "PATCH", "DELETE"}


def path_parameters(path: str) -> list[str]:
    """The names in a path's braces."""
    return re.findall(r"{(\w+)}", path)


def _error_classes() -> list[type[Refused]]:
    return sorted(Refused.__subclasses__(), key=lambda error: error.status)


def _problem(title: str) -> Document:
    return {
        "description": title,
        "headers": _REQUEST_ID,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
