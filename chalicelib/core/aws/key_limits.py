"""How long a key may be. DynamoDB refuses a whole request, and a whole transaction, for one key beyond its limits:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITION_BYTES = 2048
SORT_BYTES = 1024
"""The most bytes of a key in UTF-8, of a table or an index. The shortest key has one byte."""


def cut(text: str, limit: int) -> str:
    """As many whole characters from the beginning of a text as `limit` bytes of UTF-8 hold. For keys that a search
    uses, never for keys that identify somebody."""
    written = text.encode()
    return text if len(written) <= limit else written[:limit].decode(errors="ignore")


def is_possible(key: Mapping[str, Any]) -> bool:
    """Whether a row can have this primary key: its parts are texts, of which none is empty or too long. A path or a
    message may contain anything; for what cannot be a key there is no row."""
    limit = PARTITION_BYTES if len(key) == 1 else SORT_BYTES
    return all(isinstance(part, str) and 1 <= _bytes(part) <= limit for part in key.values())


def _bytes(text: str) -> int:
    """The bytes in UTF-8; 0 for a text that is not Unicode."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return 0
