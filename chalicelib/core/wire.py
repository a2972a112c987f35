"""Text that every transport accepts: what is sent to a queue, topic, state machine, header, mail or log is written
here, and what comes from one is read here.

SQS and SNS accept only the characters of XML 1.0:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html. JSON may contain two more
that they replace or refuse (U+FFFE, U+FFFF), and Python's text may contain halves of surrogate pairs, which UTF-8
cannot encode. In JSON these are written as escapes, which are read as the same characters; elsewhere they become
U+FFFD.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Malformed
from chalicelib.core.json_depth import is_deeper

if TYPE_CHECKING:
    from collections.abc import Callable

_UNCARRIABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""All but the characters of XML 1.0. To compile this from those that there are takes ten times as long."""

DEPTH = 256
"""How deep a message may be nested. Each part of a message has a lower limit of its own, so that a part that is too
deep is refused by itself, without its neighbours. Every version of Python can read this depth."""

_NO_HEADER = re.compile(r"[^\x20-\x7e]")


def to_json(value: Any, *, default: Callable[[Any], Any] | None = None) -> str:
    """Compact JSON that every transport accepts, and that is read as the same value. `default` converts values for
    which JSON has no type."""
    return escaped(_encoder(default).encode(value))


@cache
def _encoder(default: Callable[[Any], Any] | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=default)


def canonical(value: Any) -> str:
    """JSON that is the same for equal values, for digests and MACs."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def from_json(text: str | bytes, what: str = "the message body") -> Any:
    """The value of a received message. Raises Malformed where it is not JSON in Unicode, is nested too deep, or
    contains constants that JSON does not have or a number beyond a float: these would fail later, together with the
    message's neighbours."""
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed(f"{what} is not JSON") from error
    if is_deeper(value, DEPTH):
        raise Malformed(f"{what} is nested too deep")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _number(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number("infinity")


def escaped(text: str) -> str:
    """The same JSON, with escapes for characters that a transport does not accept."""
    return text if text.isascii() else _UNCARRIABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def text(plain: str) -> str:
    """Text that is not JSON, for a message attribute or a mail."""
    return _UNCARRIABLE.sub("\ufffd", plain)


def header(value: str) -> str:
    """The value of an HTTP header: visible ASCII, and question marks for all else (RFC 9110, section 5.5)."""
    return value if value.isascii() and value.isprintable() else _NO_HEADER.sub("?", value)
