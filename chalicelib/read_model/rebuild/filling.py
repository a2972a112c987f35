"""Writes what a source has into the tables that are made anew: the next result page is read meanwhile."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, logs
from chalicelib.read_model.database import BUILDING, Database, Refusal
from chalicelib.read_model.rebuild.tables import check
from chalicelib.read_model.statements import Rows
from chalicelib.read_model.writing import write_to, writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from chalicelib.read_model.rebuild.sources import Cursor, Source

UNFIT = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the projection of a record raises that is not as the app writes it. One such record must not stop the others."""


@dataclass
class Filled:
    """What was written: records by table, `unreadable` those that no table takes; where to go on, None at the end."""

    counts: Counter[str] = field(default_factory=Counter)
    cursor: Cursor | None = None


class Filling:
    """Fills one table, or those of the events, of a job's."""

    def __init__(self, database: Database, job_id: str, table: str, source: Source) -> None:
        self._database, self._job_id, self._table, self._source = database, job_id, table, source
        self._filled = Filled()

    def run(self, cursor: Cursor, until: float) -> Filled:
        """Write what the source has from a cursor on, up to its end or a time of `clock.running`. At least one result
        page of it is written."""
        with ThreadPoolExecutor(1) as reader:
            after: Cursor | None = cursor
            ahead = self._reading(reader, cursor)
            while True:
                records, after = ahead.result()
                is_last = after is None or clock.running() >= until or "waits" in after
                if after is not None and not is_last:
                    ahead = self._reading(reader, after)
                self._write(records)
                if is_last:
                    self._filled.cursor = after
                    return self._filled

    def _reading(self, reader: ThreadPoolExecutor, cursor: Cursor) -> Future[tuple[Sequence[Any], Cursor | None]]:
        return reader.submit(copy_context().run, self._source.read, cursor)

    def _write(self, records: Sequence[Any]) -> None:
        rows, written = Rows(), []
        for record in records:
            try:
                self._source.add(rows, record)
            except UNFIT as error:
                self._leave_out(type(error).__name__)
            else:
                written.append(record)
        try:
            self._load(rows)
        except Refusal as refusal:
            self._by_halves(written, refusal)
        else:
            self._filled.counts[self._table] += len(written)

    def _by_halves(self, records: Sequence[Any], refusal: Refusal) -> None:
        """Write the records that PostgreSQL takes, where it refused them together."""
        if len(records) == 1:
            self._leave_out(refusal.code)
            return
        middle = len(records) // 2
        self._write(records[:middle])
        self._write(records[middle:])

    def _load(self, rows: Rows) -> None:
        with writing(self._database) as transaction:
            check(transaction, self._job_id)
            write_to(transaction, BUILDING, rows)

    def _leave_out(self, why: str) -> None:
        self._filled.counts["unreadable"] += 1
        logs.info("left out of the read model", table=self._table, why=why)
