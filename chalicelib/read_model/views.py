"""The views of the read model: numbers that are counted once an hour, and read in milliseconds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.errors import NotFound
from chalicelib.read_model.database import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.read_model.database import Database, Transaction

REFRESH_SECONDS = 240
"""Of counting one view anew. Of a million people and five million events each takes a few seconds."""

WORK_MEMORY = "64MB"
"""For the sorts and tables in memory of a count: with PostgreSQL's 4 MB a million rows go through files."""

ANSWER_SECONDS = 10
VIEWS = {
    "cohorts": """
SELECT to_jsonb(v) - 'as_of', as_of FROM cohorts AS v
WHERE week >= CAST(:since AS date) AND week < CAST(:until AS date) ORDER BY week, imported, weeks_later
""",
    "sign_ins": """
SELECT to_jsonb(v) - 'as_of', as_of FROM sign_ins AS v
WHERE day >= CAST(:since AS date) AND day < CAST(:until AS date) ORDER BY day, method
""",
    "confirmations": """
SELECT to_jsonb(v) - 'as_of', as_of FROM confirmations AS v
WHERE week >= CAST(:since AS date) AND week < CAST(:until AS date) ORDER BY week, source
""",
}
"""What reads each view."""


def refresh(tables: Database) -> None:
    """Count every view anew, each in a transaction of its own. Raises Unavailable, and TooSlow where one takes longer
    than REFRESH_SECONDS."""
    for name in VIEWS:
        with tables.transaction(seconds=REFRESH_SECONDS) as transaction:
            count(transaction, name)


def count(transaction: Transaction, name: str) -> None:
    """Count a view of the transaction's schema anew. Whoever reads it meanwhile reads the numbers before."""
    transaction.script(f"SET LOCAL work_mem = '{WORK_MEMORY}'; REFRESH MATERIALIZED VIEW CONCURRENTLY {name}")


def read(transaction: Transaction, name: str, since: date, until: date) -> dict[str, Any]:
    """The rows of a view whose days, or Mondays, are from `since` until before `until`: `{"as_of", "rows"}`, each row
    with the view's columns. `as_of` is when they were counted; None where there are none.

    Raises NotFound for another name.
    """
    if name not in VIEWS:
        raise NotFound(f"there is no view of this name: {', '.join(VIEWS)} are there")
    rows = transaction.run(VIEWS[name], since=since.isoformat(), until=until.isoformat())
    return {"as_of": clock.timestamp(rows[0][1]) if rows else None, "rows": [row for row, _ in rows]}


def answer(event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the question `view`, whose details are those of `read`."""
    since, until = (date.fromisoformat(event[name]) for name in ("since", "until"))
    with database().transaction(seconds=ANSWER_SECONDS, read_only=True) as transaction:
        return read(transaction, event["view"], since, until)
