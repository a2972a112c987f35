"""Text as every carrier takes it: what leaves for a queue, topic, state machine, header, mail or log is written here,
and what comes from one is read here.

SQS and SNS carry the characters of XML 1.0 and no others:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html. JSON may hold two more that
they replace or refuse (U+FFFE, U+FFFF), and Python's text may hold halves of surrogate pairs, which UTF-8 cannot write.
In JSON these are written as escapes, which read back equal; elsewhere they become U+FFFD.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Malformed
from chalicelib.core.json_depth import is_deeper

if TYPE_CHECKING:
    from collections.abc import Callable

_UNCARRIABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

DEPTH = 256
"""Lists and objects within each other that a message may hold: more than any part of one may, which its own rule
refuses then without its neighbours in the message. Far fewer than any Python stumbles over."""

_NO_HEADER = re.compile(r"[^\x20-\x7e]")


def to_json(value: Any, *, default: Callable[[Any], Any] | None = None) -> str:
    """Compact JSON that every carrier takes, and that reads back as what it was written from. `default` stands in for
    what JSON has no type for."""
    return escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=default))


def canonical(value: Any) -> str:
    """JSON in which two writings of one value agree, for digests and MACs of it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def from_json(text: str | bytes, what: str = "the message body") -> Any:
    """The value of a message that somebody sent. Raises Malformed where it is no JSON in Unicode, nested too deep for
    every Python to read, or holds what JSON does not know or a number that no float is: all that would let what takes
    it stumble later, with its neighbours."""
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
    """The same JSON, with escapes for what no carrier takes."""
    return text if text.isascii() else _UNCARRIABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def text(plain: str) -> str:
    """Text that is not JSON, as a message attribute or a mail says it."""
    return _UNCARRIABLE.sub("\ufffd", plain)


def header(value: str) -> str:
    """The value of an HTTP header: ASCII that can be seen, and question marks for all else (RFC 9110, section 5.5)."""
    return _NO_HEADER.sub("?", value)
