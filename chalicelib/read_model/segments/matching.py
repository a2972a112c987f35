"""Who fits a segment's filter and who is its member, in SQL: the statements that compare the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.segments.definitions import EDITORS
from chalicelib.segments.model import id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.read_model.database import Transaction
    from chalicelib.segments.rows import Definition

_MEMBER = "SELECT FROM memberships AS m WHERE m.segment_id = :segment AND m.user_id = p.id AND m.left_at IS NULL"


class Matching:
    """One segment's filter, with relative times as of now. A filter's conditions have parameters alone, no values."""

    def __init__(self, definition: Definition) -> None:
        self.condition, self._parameters = to_sql(parse(definition["filter"], roles=EDITORS))
        self._segment = id_of(definition)

    def differences(self, transaction: Transaction, user_ids: Sequence[str]) -> dict[str, bool]:
        """Which of these people are no members and fit (True), or are members and do not fit (False)."""
        sql = (
            "SELECT a.id, p.id IS NOT NULL FROM unnest(CAST(:ids AS text[])) AS a(id)"  # noqa: S608 - parameters alone
            f" LEFT JOIN people AS p ON p.id = a.id AND ({self.condition})"
            " LEFT JOIN memberships AS m ON m.segment_id = :segment AND m.user_id = a.id AND m.left_at IS NULL"
            " WHERE (p.id IS NOT NULL) <> (m.user_id IS NOT NULL)"
        )
        return dict(self._run(transaction, sql, ids=list(user_ids), segment=self._segment))

    def entering(self, transaction: Transaction, after: str, limit: int) -> list[str]:
        """The next people, in the order of their ids, who fit and are no members."""
        sql = (
            f"SELECT p.id FROM people AS p WHERE p.id > :after AND ({self.condition})"  # noqa: S608 - as above
            f" AND NOT EXISTS ({_MEMBER}) ORDER BY p.id LIMIT :rows"
        )
        found = self._run(transaction, sql, after=after, rows=limit, segment=self._segment)
        return [row[0] for row in found]

    def leaving(self, transaction: Transaction, after: str, limit: int) -> list[str]:
        """The next members, in the order of their ids, who do not fit."""
        sql = (
            "SELECT m.user_id FROM memberships AS m WHERE m.segment_id = :segment AND m.left_at IS NULL"  # noqa: S608
            f" AND m.user_id > :after AND NOT EXISTS (SELECT FROM people AS p WHERE p.id = m.user_id"
            f" AND ({self.condition})) ORDER BY m.user_id LIMIT :rows"
        )
        found = self._run(transaction, sql, after=after, rows=limit, segment=self._segment)
        return [row[0] for row in found]

    def count(self, transaction: Transaction) -> int:
        """How many people fit."""
        sql = f"SELECT count(*) FROM people AS p WHERE {self.condition}"  # noqa: S608 - as above
        return int(self._run(transaction, sql)[0][0])

    def _run(self, transaction: Transaction, sql: str, **parameters: Any) -> list[list[Any]]:
        return transaction.run(sql, **self._parameters, **parameters)
