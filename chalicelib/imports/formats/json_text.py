"""How one JSON text is read."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.json_depth import is_deeper

DEPTH = 100
"""Of lists and objects within each other: more than any export has, and fewer than any Python stumbles over."""


def parse(text: bytes) -> Any:
    """The value of a JSON text. Raises ValueError saying what is wrong with it, and not quoting it."""
    try:
        value = json.loads(text.decode(), object_pairs_hook=_named_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at character {error.pos + 1:,}") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None
    except _WrongMember:
        raise
    except ValueError:  # what Python says of an integer of more than 4,300 digits
        raise ValueError("holds a number of too many digits") from None
    if is_deeper(value, DEPTH):
        raise ValueError("is nested too deep")
    return value


class _WrongMember(ValueError):
    """What JSON's grammar lets through, and we do not."""


def _named_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(members)
    if len(named) < len(members):
        raise _WrongMember("names one member twice")
    return named


def _no_number(_: str) -> float:
    raise _WrongMember("holds NaN or infinity, which JSON does not know")
