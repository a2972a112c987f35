"""A reply of a route as the response that Chalice sends: conditional, and by a link where it is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Response
from pydantic import BaseModel

from chalicelib.core import wire
from chalicelib.core.http.replies import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.http.replies import Reply


INLINE_BYTES = 4 * 1024 * 1024
"""Above this an answer is a 303 to a link. Lambda answers with 6 MB at most, in which text is escaped once more:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def response_to(reply: Reply, status: int, incoming: Any) -> Response:
    """The response to a request; `status` is for a reply that does not say its own."""
    headers: dict[str, Any] = {"Content-Type": reply.media_type, **reply.headers}
    if reply.cookies:
        headers["Set-Cookie"] = reply.cookies
    status = reply.status or status
    if reply.version is not None:
        headers["ETag"] = f'"{reply.version}"'
        is_read = incoming.method in {"GET", "HEAD"}
        if is_read and _is_current(headers["ETag"], incoming.headers.get("if-none-match", "")):
            return _chalice_response("", 304, headers)
    if reply.body is None:
        return _chalice_response("", status, headers)
    if reply.media_type != JSON:
        return _chalice_response(reply.body, status, headers)
    text = wire.to_json(plain(reply.body))
    if len(text) > INLINE_BYTES // 4 and len(text.encode()) > INLINE_BYTES:
        from chalicelib.core.http import long_replies

        headers["Location"] = long_replies.link_to(text.encode(), reply.media_type)
        return _chalice_response("", 303, headers)
    return _chalice_response(text, status, headers)


def plain(body: Any) -> Any:
    """A reply's body without models."""
    return body.model_dump(mode="json") if isinstance(body, BaseModel) else body


def _is_current(tag: str, if_none_match: str) -> bool:
    """Whether `If-None-Match` names this `ETag`, or a weak one of it, which whoever compresses an answer makes of it
    (RFC 9110, section 13.1.2)."""
    return if_none_match.strip() == "*" or tag in (
        named.strip().removeprefix("W/") for named in if_none_match.split(",")
    )


def _chalice_response(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    return Response(
        body=body, status_code=status, headers={name: _in_header(value) for name, value in headers.items()}
    )


def _in_header(value: Any) -> Any:
    """The value of a header, as HTTP takes it; a list for a header that is sent several times (`Set-Cookie`)."""
    return [wire.header(each) for each in value] if isinstance(value, list) else wire.header(value)
