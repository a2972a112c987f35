"""Finds who enters a segment and who leaves it, and writes that: the rows in DynamoDB, whose changes are the events.

SQL says who fits and who is a member, as far as events have reached it; DynamoDB has the truth of who is a member. So a
difference in SQL is compared with the rows there and written by their versions. Whoever comes second writes nothing,
and after a crash the same difference is found again. What DynamoDB has and SQL does not yet is written to SQL at once.
A person's coming and going is an event of theirs too, after which they are compared again: so what was decided by rows
that were late is mended by the next event, or within the hour by the comparison of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import logs
from chalicelib.core.errors import Invalid
from chalicelib.read_model.database import Refusal, TooSlow
from chalicelib.read_model.records import add_membership
from chalicelib.read_model.segments.matching import Matching
from chalicelib.read_model.statements import Rows
from chalicelib.read_model.writing import apply
from chalicelib.segments import model, segments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from chalicelib.read_model.database import Database
    from chalicelib.segments.rows import Definition, Membership

SECONDS = 20
"""What comparing the people of one batch with one segment may take."""


def evaluate(tables: Database, user_ids: Collection[str], bulk: Collection[str] = ()) -> int:
    """Compare people with every watched segment, and write who enters and who leaves. Returns how many did. What those
    of `bulk` do is marked so: it is a part of an import.

    Can be repeated. A segment whose filter cannot be asked is left out. Raises Unavailable where all must be compared
    again.
    """
    definitions = segments().watched() if user_ids else []
    if not definitions:
        return 0
    asked = sorted(user_ids)
    _erase_the_removed(tables, asked)
    written = 0
    for definition in definitions:
        try:
            matching = Matching(definition)
            with tables.transaction(seconds=SECONDS, read_only=True) as transaction:
                differences = matching.differences(transaction, asked)
        except (Invalid, Refusal, TooSlow) as error:
            logs.warning("a segment cannot be evaluated", segment=definition["id"], error=type(error).__name__)
            continue
        written += settle(tables, definition, differences, bulk)
    return written


def settle(
    tables: Database, definition: Definition, differences: Mapping[str, bool], bulk: Collection[str] = ()
) -> int:
    """Write who is in a segment now (True) and who no longer is (False), of those for whom SQL has it otherwise.
    Returns how many were written. Raises Unavailable where some must be compared again."""
    if not differences:
        return 0
    stored = segments().memberships(model.id_of(definition), list(differences))
    changes = {
        user_id: (stored.get(user_id), model.moved(definition, user_id, stored.get(user_id), inside=inside))
        for user_id, inside in differences.items()
        if model.is_member(stored.get(user_id)) is not inside
    }
    for user_id in changes.keys() & set(bulk):
        changes[user_id][1]["bulk"] = True
    _drop_the_removed(changes)
    written = segments().write(changes) if changes else {}
    there = _living(written)
    segments().delete([row["id"] for user_id, row in written.items() if user_id not in there])
    same = [row for user_id, row in stored.items() if user_id not in changes]
    _copy(tables, [*same, *(row for user_id, row in written.items() if user_id in there)])
    if written:
        logs.info("segment changed", segment=model.id_of(definition), people=len(written))
    return len(written)


def _drop_the_removed(changes: dict[str, tuple[Membership | None, Membership]]) -> None:
    """Delete the memberships of people who were removed: that is no event."""
    gone = changes.keys() - _living(changes)
    segments().delete([changes[user_id][1]["id"] for user_id in gone if changes[user_id][0] is not None])
    for user_id in gone:
        del changes[user_id]


def _erase_the_removed(tables: Database, user_ids: Sequence[str]) -> None:
    """Delete the memberships of those who are in no table any more, whoever wrote them however late."""
    with tables.transaction(seconds=SECONDS, read_only=True) as transaction:
        rows = transaction.run("SELECT id FROM people WHERE id = ANY(CAST(:ids AS text[]))", ids=list(user_ids))
    missing = set(user_ids) - {str(user_id) for (user_id,) in rows}
    for user_id in sorted(missing - _living(missing)):
        while not segments().erase(user_id).done:
            pass


def _living(user_ids: Iterable[str]) -> set[str]:
    """Which of these people exist, read consistently."""
    asked = sorted(user_ids)
    return {person["id"] for person in accounts.living(asked)} if asked else set()


def _copy(tables: Database, memberships: Iterable[Membership]) -> None:
    """Write memberships to SQL, as their events will."""
    rows = Rows()
    for membership in memberships:
        add_membership(rows, membership)
    if rows.memberships:
        apply(tables, rows)
