"""One limit, counted in several rows of `guards` where it is high: no row is written more often than DynamoDB takes.

A partition takes 1,000 write units a second, and one row is never more than one partition:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

from __future__ import annotations

import zlib


def row_of(key: str, limit: int, *, of_a_row: int) -> tuple[str, int]:
    """The row that counts `key`, and how much of `limit` it allows: all rows together allow just that. A limit of up to
    `of_a_row` has one row, whose name is empty; the rows of a higher one are named `#0`, `#1` and so on."""
    rows = -(-limit // of_a_row)
    if rows <= 1:
        return "", limit
    number = zlib.crc32(key.encode()) % rows
    return f"#{number}", limit // rows + (number < limit % rows)
