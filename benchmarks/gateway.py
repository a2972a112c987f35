"""Requests as API Gateway's proxy integration hands them to the API function."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
    "Content-Type": "application/json",
    "Host": "example.execute-api.eu-central-1.amazonaws.com",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "X-Amzn-Trace-Id": "Root=1-67c0a1b2-0a1b2c3d4e5f60718293a4b5",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}
"""What a browser sends, and what a regional API adds."""


def event(
    method: str,
    path: str,
    headers: Mapping[str, str] = HEADERS,
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


def bearing(token: str) -> Mapping[str, str]:
    """The headers of a request with an access token."""
    return {**HEADERS, "Authorization": f"Bearer {token}"} if token else HEADERS


def call(
    method: str, path: str, body: Any = None, *, token: str = "", query: Mapping[str, str] | None = None
) -> Any:
    """The body of what the app answers in this process; None where it has none. Raises RuntimeError where the answer is
    no success."""
    sent = json.dumps(body) if body is not None else None
    return json.loads(answered(event(method, path, bearing(token), body=sent, query=query)) or "null")


def answered(request: dict[str, Any]) -> str:
    """The body of what the app answers in this process, as it is sent. Raises RuntimeError where the answer is no
    success."""
    from app import app

    answer: dict[str, Any] = app(request, None)
    if answer["statusCode"] >= 300:
        raise RuntimeError(f"{request['httpMethod']} {request['path']}: {answer['statusCode']} {answer['body']}")
    return str(answer["body"])
