"""What is done to every answer, whoever made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from chalicelib.core.http.problems import PROBLEM
from chalicelib.core.http.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice import Response


def add_security_headers(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """Add the security headers to every answer, also to Chalice's own. A header that the answer has already stays."""
    response = get_response(event)
    present = {name.lower() for name in response.headers}
    for lowered, name, value in _HEADERS:
        if lowered not in present:
            response.headers[name] = value
    return response


_HEADERS = tuple((name.lower(), name, value) for name, value in SECURITY_HEADERS.items())


def reply_with_problems(event: Any, get_response: Callable[[Any], Response]) -> Response:
    """Turn the errors that Chalice itself answers (405, an unknown request) into problem documents."""
    response = get_response(event)
    if isinstance(response.body, dict) and {"Code", "Message"} == set(response.body):
        detail = response.body["Message"]
        document = {
            "type": "about:blank",
            "title": response.body["Code"],
            "status": response.status_code,
            "detail": detail,
        }
        response.body = wire.to_json(document)
        response.headers["Content-Type"] = PROBLEM
    return response
