"""Requests as API Gateway's proxy integration hands them to the API function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def event(
    method: str,
    path: str,
    headers: Mapping[str, str],
    *,
    body: str | None = None,
    query: Mapping[str, str] | None = None,
    request_id: str = "benchmark",
) -> dict[str, Any]:
    """The event of a request whose path is that of its route."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "requestId": request_id,
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def call(
    method: str, path: str, body: Any = None, *, token: str = "", query: Mapping[str, str] | None = None
) -> Any:
    """The body of what the app answers in this process; None where it has none. Raises RuntimeError where the answer is
    no success."""
    from app import app

    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    sent = json.dumps(body) if body is not None else None
    answer: dict[str, Any] = app(event(method, path, headers, body=sent, query=query), None)
    if answer["statusCode"] >= 300:
        raise RuntimeError(f"{method} {path}: {answer['statusCode']} {answer['body']}")
    return json.loads(answer["body"] or "null")
