"""Strict parsing of one JSON text."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.json_depth import is_deeper

DEPTH = 100
"""Nested lists and objects at most: more than any export has, and fewer than Python's own limit."""


def parse(text: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, which says what is wrong and never quotes the text."""
    try:
        value = _DECODER.decode(text.decode())
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at character {error.pos + 1:,}") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None
    except _Refusal:
        raise
    except ValueError:  # Python's answer to an integer of more than 4,300 digits
        raise ValueError("holds a number of too many digits") from None
    # Fewer brackets than that cannot be nested so deep, and few rows have them.
    if text.count(b"{") + text.count(b"[") > DEPTH and is_deeper(value, DEPTH):
        raise ValueError("is nested too deep")
    return value


class _Refusal(ValueError):
    """The parser of `json` accepts the text, but we do not."""


def _unique_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(members)
    if len(named) < len(members):
        raise _Refusal("names one member twice")
    return named


def _refuse_constant(_: str) -> float:
    raise _Refusal("holds NaN or infinity, which JSON does not know")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_members, parse_constant=_refuse_constant)
"""Made once: to make one takes as long as to read a row."""
