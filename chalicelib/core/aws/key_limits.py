"""How long a key may be. DynamoDB refuses a whole request, and a whole transaction, for one key beyond its limits:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITION_BYTES = 2048
SORT_BYTES = 1024
"""Of a key in UTF-8, whether a table's or an index's. The shortest has one byte."""


def cut(text: str, limit: int) -> str:
    """As many whole characters from the beginning of a text as `limit` bytes of UTF-8 hold: for what is derived to be
    found by, and is not itself what somebody is known by."""
    written = text.encode()
    return text if len(written) <= limit else written[:limit].decode(errors="ignore")


def is_possible(key: Mapping[str, Any]) -> bool:
    """Whether an item can have this primary key: its parts are texts, none is empty or too long. What a path or a
    message names may be anything; where it cannot be a key, there is nothing under it."""
    limit = PARTITION_BYTES if len(key) == 1 else SORT_BYTES
    return all(isinstance(part, str) and 1 <= _bytes(part) <= limit for part in key.values())


def _bytes(text: str) -> int:
    """0 for what is no Unicode."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return 0
