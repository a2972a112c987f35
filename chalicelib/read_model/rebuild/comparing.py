"""Compares the tables that are asked with those that were made anew: one statement sees both as they are at one moment,
and the consumer writes to both in one transaction. So what differs is wrong, but for what waits on the queue.

A table's days are compared by their number of rows and a hash of them; of the days that differ, every row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.errors import Conflict
from chalicelib.core.retention import QUEUE_DAYS
from chalicelib.core.settings import settings
from chalicelib.read_model import migrating
from chalicelib.read_model.database import BUILDING, LIVE
from chalicelib.read_model.rebuild.compared import COMPARED, days_sql, rows_sql
from chalicelib.read_model.rebuild.tables import SECONDS, check
from chalicelib.read_model.writing import partitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.read_model.database import Database, Transaction
    from chalicelib.read_model.rebuild.compared import Compared

LISTED = 200
"""Rows that differ which the job names, at most; likewise days. All are counted."""

LATE = timedelta(minutes=5)
"""How long a change may take to the consumer, while nothing waits."""

LONGEST = timedelta(days=QUEUE_DAYS)
"""How long a message may wait."""

EDGE = timedelta(days=2)
"""What is so near to the end of the history may be gone on one side already."""

KINDS = ("missing", "extra", "older", "different", "waiting")

_WAITING = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def compare_next(
    database: Database, job: Mapping[str, Any], cursor: dict[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Compare the next table, or the next month of the events. Returns the changes of the job, and where to go on, None
    at the end. Raises Conflict where the tables that are asked have other columns."""
    with database.transaction(schema=LIVE, seconds=SECONDS, read_only=True) as transaction:
        check(transaction, job["id"])
        if cursor is None:
            return _begun(transaction)
        part = cursor["parts"][0]
        found = _Found(job)
        found.add(transaction, COMPARED[part["table"]], _limits(part))
    others = cursor["parts"][1:]
    return found.changes(), {"parts": others} if others else None


def _begun(transaction: Transaction) -> tuple[dict[str, Any], dict[str, Any]]:
    if migrating.version(transaction) != len(migrating.migrations()):
        raise Conflict("the tables that are asked lack migrations: migrate first")
    months: set[str] = set()
    for schema in (LIVE, BUILDING):
        transaction.enter(schema)
        months |= {month for _, month in partitions(transaction)}
    parts = [{"table": name} for name in COMPARED if name != "events"]
    parts += [{"table": "events", "month": month} for month in sorted(months)]
    begun = {"waits_since": _waits_since(transaction), "differences": {}, "listed": [], "days": []}
    return begun, {"parts": parts}


def _waits_since(transaction: Transaction) -> str:
    """The timestamp since which changes may be on their way to the consumer still."""
    latest = clock.now()
    if _is_awaited():
        newest = transaction.value(f"SELECT max(time) FROM {LIVE}.events")
        latest = min(latest, newest) if newest is not None else latest - LONGEST
    return clock.timestamp(latest - LATE)


def _is_awaited() -> bool:
    url = settings().queue_url("read-model")
    answer = clients.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_WAITING))
    own = 1  # the page that is being run
    return sum(int(answer["Attributes"].get(name, 0)) for name in _WAITING) > own


def _limits(part: Mapping[str, str]) -> tuple[str, str]:
    """The times between which rows of this part are compared. Those of events and sessions end with the history."""
    history = clock.timestamp(clock.now() - timedelta(days=settings().history_days) + EDGE)
    if part["table"] == "events":
        year, month = int(part["month"][:4]), int(part["month"][5:])
        after = f"{year + month // 12:04}-{month % 12 + 1:02}-01"
        return max(f"{part['month']}-01", history), after
    return (history if part["table"] == "sessions" else "-infinity"), "infinity"


class _Found:
    """What differs, as the job has it."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self._waits_since = job["waits_since"]
        self._differences = {table: dict(kinds) for table, kinds in job["differences"].items()}
        self._days, self._listed = list(job["days"]), list(job["listed"])

    def add(self, transaction: Transaction, compared: Compared, limits: tuple[str, str]) -> None:
        """Compare a part of a table."""
        since, before = limits
        days = transaction.run(days_sql(compared), since=since, before=before)
        if not days:
            return
        rows = transaction.run(
            rows_sql(compared),
            since=since,
            before=before,
            days=[day for day, _, _ in days],
            waits_since=self._waits_since,
        )
        shown = [
            {"table": compared.table, "day": str(day), "rows": int(asked), "anew": int(anew)}
            for day, asked, anew in days
        ]
        self._days += shown[: LISTED - len(self._days)]
        self._count(compared.table, rows)

    def _count(self, table: str, rows: Iterable[list[Any]]) -> None:
        for kind, number, keys in rows:
            counts = self._differences.setdefault(table, {})
            counts[kind] = counts.get(kind, 0) + int(number)
            if kind != "waiting":
                room = LISTED - len(self._listed)
                self._listed += [{"table": table, "kind": kind, "key": key} for key in keys[:room]]

    def changes(self) -> dict[str, Any]:
        return {"differences": self._differences, "days": self._days, "listed": self._listed}
