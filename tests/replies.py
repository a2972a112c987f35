"""Replies in the place of AWS: what a listener to botocore's `before-call` gives back, so that nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Status:
    """An HTTP response, as far as botocore looks at it."""

    status_code: int


Reply = tuple[Status, dict[str, Any]]


def answered(answer: dict[str, Any]) -> Reply:
    """An answer that AWS might have given."""
    return Status(200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}


def refused(code: str, status: int = 400, message: str = "on purpose") -> Reply:
    """An error that AWS might have answered with."""
    meta = {"HTTPStatusCode": status, "HTTPHeaders": {}}
    return Status(status), {"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}
