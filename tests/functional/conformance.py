"""What a route answers is what it declares: held by every functional test, on each answer that it gets.

An answer that is no error has a status that is declared, and a body that is of its model, without a member that is
missing or one too many. An error is a problem document, or of the format that its route declares.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalice.local import RouteMatcher
from chalice.test import Client, TestHTTPClient
from jsonschema import Draft202012Validator

from chalicelib.about.openapi import Problem
from chalicelib.core.http.problems import PROBLEM
from chalicelib.core.http.replies import JSON

if TYPE_CHECKING:
    from chalice.test import HTTPResponse
    from pydantic import BaseModel

    from chalicelib.core.http.declarations import Declaration


class ConformingClient(Client):
    """Chalice's test client, whose requests fail where an answer is not as declared."""

    @property
    def http(self) -> TestHTTPClient:
        if self._http_client is None:
            self._http_client = _Http(self._app, self._chalice_config)
        return self._http_client


class _Http(TestHTTPClient):
    __test__ = False

    def request(self, method: str, path: str, **further: Any) -> HTTPResponse:  # type: ignore[override]
        answer = super().request(method, path, **further)
        declaration = self._declaration(method.upper(), path)
        if declaration is not None:
            conforms(declaration, answer, method.upper())
        return answer

    def _declaration(self, method: str, path: str) -> Declaration | None:
        """What is declared of it; None for a path or method that is none, and for preflights."""
        try:
            found = RouteMatcher(list(self._app.routes)).match_route(path)
        except ValueError:
            return None
        entry = self._app.routes[found.route].get(method)
        return getattr(entry.view_function, "declaration", None) if entry else None


def conforms(declaration: Declaration, answer: HTTPResponse, method: str) -> None:
    """Fails for an answer that the declaration does not name."""
    status, kind = answer.status_code, answer.headers.get("Content-Type", "").partition(";")[0]
    about = f"{declaration.handler.__module__}.{declaration.handler.__name__}: {status} {answer.body[:300]!r}"
    if status >= 400:
        model: type[BaseModel] | None = declaration.errors.model if declaration.errors else Problem
        kinds: tuple[str, ...] = (JSON if declaration.errors else PROBLEM,)
    else:
        assert status in declaration.answers, f"an answer that is not declared: {about}"
        model = declaration.answers[status]
        kinds = getattr(model, "media_types", (JSON,))
    if "ETag" in answer.headers and method in {"GET", "HEAD"}:
        assert 304 in declaration.answers, f"If-None-Match would be answered with what is not declared: {about}"
    if method == "HEAD" or model is None:
        assert answer.body == b"", f"a body where none is declared: {about}"
        return
    assert kind in kinds, f"{kind} instead of {kinds}: {about}"
    if kind in {JSON, PROBLEM}:
        faults = [fault.message for fault in _validator(model).iter_errors(answer.json_body)]
        assert not faults, f"a body that is not as declared: {about}: {faults}"


@cache
def _validator(model: type[BaseModel]) -> Draft202012Validator:
    schema = model.model_json_schema(mode="serialization")
    if model is not Problem:  # which may have members of its type's own (RFC 9457, section 3.2)
        _close(schema)
    return Draft202012Validator(schema)


def _close(schema: Any) -> None:
    """Let no object have a member that its model does not name."""
    if isinstance(schema, list):
        for part in schema:
            _close(part)
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            _close(part)
