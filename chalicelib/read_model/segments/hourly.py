"""Every hour: everybody is compared with every segment, because time alone changes whom some mean, and whatever was
missed is found then; how many people are in each is counted; and memberships that are no longer kept are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock, logs
from chalicelib.core.errors import Invalid
from chalicelib.read_model.database import Refusal, TooSlow
from chalicelib.read_model.segments.evaluation import settle
from chalicelib.read_model.segments.matching import Matching
from chalicelib.read_model.statements import WRITER
from chalicelib.read_model.writing import schemas, up_to_date
from chalicelib.segments import model, segments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.read_model.database import Database, Transaction
    from chalicelib.segments.rows import Definition

    Ask = Callable[[Transaction, str, int], list[str]]

MOST = 10_000
"""Changes of a segment in one run: what more there are comes in the next hours. So a segment makes less than three
events a second, and the queues of those who consume events stay as empty as they are."""

AT_ONCE = 1000

SECONDS = 60
"""Of a statement over all people."""

RUN_SECONDS = 400
"""After which a run begins with no further segment: its function has 900, and does more than this. The next run begins
with those whose turn was longest ago."""

LISTED_HOURS = 2
"""How long a removed segment is looked at: what was evaluated meanwhile may write a membership late."""


def evaluate_all() -> int:
    """Compare everybody with the watched segments, count the people of all, and delete what is kept no longer. Returns
    how many changes of memberships were written. Raises Unavailable where the database does not answer."""
    tables = up_to_date()
    deadline = clock.running() + RUN_SECONDS
    written = 0
    every = segments().all()
    for definition in sorted(every, key=lambda each: str(each.get("evaluated_at", ""))):
        if clock.running() > deadline:
            logs.warning("segments wait for the next hour", segment=model.id_of(definition))
            break
        try:
            written += _evaluate(tables, definition)
        except (Invalid, Refusal, TooSlow) as error:
            logs.warning("a segment cannot be evaluated", segment=definition["id"], error=type(error).__name__)
    _delete_unkept(tables, segments().all())  # by now, some may be watched again
    return written


def _evaluate(tables: Database, definition: Definition) -> int:
    matching = Matching(definition)
    with tables.transaction(seconds=SECONDS, read_only=True) as transaction:
        people = matching.count(transaction)
    segments().count(model.id_of(definition), clock.timestamp(), people)
    written, is_finished = _compared(tables, definition, matching) if definition["watched"] else (0, True)
    segments().evaluated(definition, finished=is_finished)
    if not is_finished:
        logs.warning("the rest of a segment comes in the next hours", segment=model.id_of(definition))
    return written


def _compared(tables: Database, definition: Definition, matching: Matching) -> tuple[int, bool]:
    """Write who enters and who leaves, up to MOST. Returns how many, and whether those were all."""
    seen = written = 0
    for inside, ask in ((False, matching.leaving), (True, matching.entering)):
        after = ""
        while seen < MOST:
            found = _next(tables, ask, after)
            if not found:
                break
            written += settle(tables, definition, dict.fromkeys(found, inside))
            seen, after = seen + len(found), found[-1]
    return written, seen < MOST


def _next(tables: Database, ask: Ask, after: str) -> list[str]:
    with tables.transaction(seconds=SECONDS, read_only=True) as transaction:
        return ask(transaction, after, AT_ONCE)


def _delete_unkept(tables: Database, every: Sequence[Definition]) -> None:
    """Delete the memberships of segments that are not watched and of removed ones, MOST of each."""
    watched = [model.id_of(definition) for definition in every if definition["watched"]]
    for definition in every:
        if not definition["watched"]:
            _delete(definition)
    for definition in segments().removed():
        if _delete(definition) and _is_old(definition, clock.now()):
            segments().unlist(definition)
    with tables.transaction(seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        for schema in schemas(transaction):
            transaction.enter(schema)
            transaction.run(
                "DELETE FROM memberships WHERE segment_id <> ALL(CAST(:watched AS text[]))", watched=watched
            )


def _delete(definition: Definition) -> bool:
    """Delete memberships of a segment. Returns whether none are left, as far as the index has it."""
    for _ in range(MOST // AT_ONCE):
        found = segments().listed(model.id_of(definition), AT_ONCE)
        if not found:
            return True
        segments().delete(found)
    return False


def _is_old(definition: Definition, now: datetime) -> bool:
    return (now - clock.parse(definition["deleted_at"])).total_seconds() > LISTED_HOURS * 3600
