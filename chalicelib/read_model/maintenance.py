"""What is done every hour in the read model: partitions that are needed soon, rows whose days are over, views, and who
is in which segment; and what dead jobs have left."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock, logs
from chalicelib.core.aws import records
from chalicelib.core.schedules import run_each
from chalicelib.core.settings import settings
from chalicelib.read_model import views
from chalicelib.read_model.database import database
from chalicelib.read_model.rebuild import leftovers
from chalicelib.read_model.segments import evaluate_all
from chalicelib.read_model.statements import OF_PERSON, WRITER, erase
from chalicelib.read_model.writing import make_partitions, partitions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.read_model.database import Transaction

SECONDS = 120
"""Of a statement. What is over since the last hour is little; after a shorter HISTORY_DAYS, months go as partitions."""


def maintain() -> None:
    """Do all of it. Each step is a transaction of its own, and runs even where another one fails. Raises Unavailable
    where the database does not answer."""
    steps = (
        _clear_leftovers,
        _prepare_months,
        _drop_months,
        _delete_what_is_over,
        _erase_the_removed,
        _count_views,
        _evaluate_segments,
    )
    run_each(*steps)


def _clear_leftovers() -> None:
    """End a rebuild that is dead, and drop the tables that none fills, and those that one has replaced and somebody
    was reading."""
    leftovers.clear(database())


def _evaluate_segments() -> None:
    evaluate_all()


def _prepare_months() -> None:
    """Make the partitions of this month and the next. Making one waits for whoever reads, which no batch should."""
    now = clock.now()
    next_month = now.replace(day=1) + timedelta(days=32)
    with _writing() as transaction:
        make_partitions(transaction, [clock.timestamp(now), clock.timestamp(next_month)])


def _drop_months() -> None:
    """Drop the partitions that hold nothing newer than the history."""
    first = clock.timestamp(_history_begins())[:7]
    with _writing() as transaction:
        for name in [name for name, month in partitions(transaction) if month < first]:
            transaction.script(f"DROP TABLE {name}")
            logs.info("dropped a month", partition=name)


def _delete_what_is_over() -> None:
    """Delete events and ended sessions that are older than the history, and tombstones that nothing can precede."""
    begins = clock.timestamp(_history_begins())
    precedes = clock.timestamp(clock.now() - timedelta(days=records.tombstone_days()))
    for sql, before in (
        ("DELETE FROM events WHERE time < CAST(:before AS timestamptz)", begins),
        ("DELETE FROM sessions WHERE least(ended_at, expires_at) < CAST(:before AS timestamptz)", begins),
        ("DELETE FROM tombstones WHERE deleted_at < CAST(:before AS timestamptz)", precedes),
    ):
        with _writing() as transaction:
            transaction.run(sql, before=before)


def _erase_the_removed() -> None:
    """Delete what is there of people who have a tombstone. There should be nothing, whatever came in which order."""
    with _writing() as transaction:
        there = [str(owner) for (owner,) in transaction.run(_REMOVED_AND_THERE)]
        if there:
            logs.warning("erased what was left", people=len(there), rows=erase(transaction, there))


def _count_views() -> None:
    """Count every view anew. Nobody waits for it."""
    views.refresh(database())


@contextmanager
def _writing() -> Iterator[Transaction]:
    """A transaction beside which nobody else writes."""
    with database().transaction(seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        yield transaction


def _history_begins() -> datetime:
    return clock.now() - timedelta(days=settings().history_days)


_ANY_ROW = " OR ".join(
    f"EXISTS (SELECT FROM {table} WHERE {column} = t.owner)" for table, column in OF_PERSON.items()
)

_REMOVED_AND_THERE = f"""
SELECT owner FROM tombstones AS t WHERE kind = 'people' AND (
    {_ANY_ROW} OR EXISTS (SELECT FROM events WHERE subject = t.owner AND previous IS NOT NULL)
)
"""  # noqa: S608 - names of `statements`
