"""The trace that a request belongs to, in the form of W3C Trace Context, whoever began it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_W3C = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""https://www.w3.org/TR/trace-context/#traceparent-header"""

_XRAY = re.compile(
    r"Root=1-([0-9a-f]{8})-([0-9a-f]{24});(?:.*;)?Parent=([0-9a-f]{16})(?:;(?:.*;)?Sampled=([01]))?"
)
"""https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader"""


def traceparent(headers: Mapping[str, str]) -> str:
    """What a request's `traceparent` says, or else X-Ray's header for this invocation as one, or nothing.

    It comes from whoever asks, so it is good for finding things, and for nothing else. X-Ray's is from Lambda, which
    sets it anew for each invocation (so it is no setting), or from API Gateway.
    """
    w3c = headers.get("traceparent", "")
    if _W3C.fullmatch(w3c):
        return w3c
    for xray in (os.environ.get("_X_AMZN_TRACE_ID", ""), headers.get("x-amzn-trace-id", "")):
        if match := _XRAY.match(xray):
            time, unique, parent, sampled = match.groups()
            return f"00-{time}{unique}-{parent}-0{sampled or 0}"
    return ""
