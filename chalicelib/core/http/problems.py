"""Every error as an answer: the one place where the tree of `core.errors` is mapped to HTTP."""

from __future__ import annotations

from typing import Any

from chalicelib.core import logs, wire
from chalicelib.core.errors import RollcallError, Unavailable
from chalicelib.core.http.replies import ErrorFormat, Reply

PROBLEM = "application/problem+json"


def problem(error: RollcallError) -> dict[str, Any]:
    """The RFC 9457 document of an error."""
    return {
        "type": error.type,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        **error.members,
    }


def reply_to(error: Exception, errors: ErrorFormat | None) -> Reply:
    """What to answer to an error, in this format or as a problem document. One that is not ours is logged, and its
    answer says no more than that it happened."""
    if not isinstance(error, RollcallError):
        from chalicelib.core.aws import batch

        if batch.is_transient(error):
            logs.failure("a service did not answer", error, reason=batch.reason(error))
            error = Unavailable("a service that this needs did not answer", headers={"Retry-After": "2"})
        else:
            logs.failure("request failed", error)
            error = RollcallError("an internal error, logged under this response's X-Request-Id")
    if errors:
        return errors.reply(error)
    return Reply(wire.to_json(problem(error)), error.status, error.headers, media_type=PROBLEM)
