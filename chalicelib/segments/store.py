"""The table `segments`: definitions, memberships, and how many people were in a segment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import Changes
from chalicelib.core.aws.dynamo import ConditionFailed, ResultPage, absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.segments.model import is_settled, membership_id, row_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.core.aws.dynamo import Database, Table
    from chalicelib.core.aws.dynamo import Key as ItemKey
    from chalicelib.segments.rows import CountRow, Definition, Membership

READERS = 8
"""Reads that run at once, of a hundred rows each."""

ERASED_AT_ONCE = 100

SHOWN_TO_THE_PERSON = ("segment_id", "segment_name", "entered_at", "left_at")

COUNTED_DAYS = 400
"""How long counts are kept."""


class Segments:
    """Every segment of the stage, and who is in it."""

    def __init__(self, database: Database, table: Table[Any]) -> None:
        self._database = database
        self._table: Table[Any] = table
        self._definitions: Table[Definition] = table
        self._memberships: Table[Membership] = table
        self._counts: Table[CountRow] = table

    def all(self) -> list[Definition]:
        """Every segment, oldest first. The index is a second or so behind."""
        return list(self._definitions.query_all(Key("kind").eq("segment"), index="kind-index"))

    def watched(self) -> list[Definition]:
        """Those whose members are kept."""
        return [definition for definition in self.all() if definition["watched"]]

    def removed(self) -> list[Definition]:
        """Those that were removed, and whose memberships may still be there."""
        return list(self._definitions.query_all(Key("kind").eq("removed"), index="kind-index"))

    def get(self, segment_id: str) -> Definition:
        """The segment. Raises NotFound."""
        definition = self._definitions.get({"id": row_id(segment_id)})
        if definition is None or "deleted_at" in definition:
            raise NotFound("there is no such segment")
        return definition

    def create(self, definition: Definition) -> None:
        """Store a new segment."""
        self._definitions.put(definition, absent())

    def replace(self, definition: Definition, next_version: Definition, expected: int | None = None) -> None:
        """Replace a segment by its next version, or by what stays of a removed one. Raises PreconditionFailed where it
        is not at the `expected` version, or was changed since it was read."""
        if expected not in {None, definition["version"]}:
            raise PreconditionFailed(f"the segment is at version {definition['version']}")
        try:
            self._definitions.put(next_version, unchanged(definition))
        except ConditionFailed as conflict:
            raise PreconditionFailed("the segment was changed by somebody else") from conflict

    def evaluated(self, definition: Definition, *, finished: bool) -> None:
        """Note that everybody was compared with a segment; where it is `finished`, its first members are all written.
        It is no new version: nobody changed the segment. Where somebody did meanwhile, it notes nothing."""
        settled = {"settled": definition["filter_version"]} if finished and not is_settled(definition) else {}
        same_filter = Attr("filter_version").eq(definition["filter_version"]) & Attr("deleted_at").not_exists()
        try:
            self._definitions.update(
                {"id": definition["id"]}, set={"evaluated_at": clock.timestamp(), **settled}, condition=same_filter
            )
        except ConditionFailed:
            return

    def unlist(self, definition: Definition) -> None:
        """Take a removed segment, whose memberships are gone, out of the list of such."""
        self._definitions.update({"id": definition["id"]}, remove=("kind",), condition=Attr("deleted_at").exists())

    def memberships(self, segment_id: str, user_ids: Sequence[str]) -> dict[str, Membership]:
        """The memberships of these people in a segment, by user id; those who never were in it have none. Read
        consistently, a hundred in a call."""
        keys = [(self._table, {"id": membership_id(segment_id, user_id)}) for user_id in user_ids]
        rows = self._database.batch_get(keys, workers=READERS) if keys else []
        return {row["user_id"]: row for row in rows if row is not None}  # type: ignore[misc]

    def write(self, changes: Mapping[str, tuple[Membership | None, Membership]]) -> dict[str, Membership]:
        """Write next versions of memberships, each only where the stored one is the one that was read: `(stored, next)`
        by user id. Returns those that were written. Raises Unavailable where some must be tried again."""
        written = in_parallel(self._write, list(changes.values()), WRITERS)
        return {row["user_id"]: row for row in written if row is not None}

    def _write(self, pair: tuple[Membership | None, Membership]) -> Membership | None:
        stored, row = pair
        try:
            self._memberships.put(row, absent() if stored is None else unchanged(stored))
        except ConditionFailed:
            return None
        return row

    def delete(self, keys: Sequence[str]) -> None:
        """Delete memberships by their ids. Nothing is an event of that."""
        in_parallel(lambda key: self._table.delete({"id": key}), keys, WRITERS)

    def listed(self, segment_id: str, limit: int) -> list[str]:
        """The ids of some memberships of a segment. The index is a second or so behind."""
        found = self._table.query(Key("segment_id").eq(segment_id), index="segment-index", limit=limit)
        return [row["id"] for row in found.items]

    def count(self, segment_id: str, moment: str, people: int) -> None:
        """Keep how many people are in a segment in the hour of a timestamp. The last one of an hour stays."""
        key = {"id": _count_id(segment_id, moment[:10])}
        kept_until = clock.epoch() + COUNTED_DAYS * 86400
        self._counts.update(
            key, first={"schema": records.SCHEMA, "expires_at": kept_until}, set={f"hour_{moment[11:13]}": people}
        )

    def counts(self, segment_id: str, first: date, last: date) -> dict[str, dict[str, int]]:
        """How many people were in a segment, by day and hour (`00` to `23`), from the first day to the last one."""
        days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
        keys = [(self._table, {"id": _count_id(segment_id, day)}) for day in days]
        rows: list[Any] = self._database.batch_get(keys, consistent=False, workers=READERS) if keys else []
        return {day: _hours(row) for day, row in zip(days, rows, strict=True) if row is not None}

    def memberships_of(self, user_id: str) -> list[Membership]:
        """Every membership of a person, also of segments that they have left. The index is a second or so behind."""
        found = self._table.query_all(Key("user_id").eq(user_id), index="user-index")
        keys = [(self._table, {"id": row["id"]}) for row in found]
        rows: list[Any] = self._database.batch_get(keys, workers=READERS) if keys else []
        return [row for row in rows if row is not None]

    def erase(self, user_id: str) -> Erased:
        """Delete up to a hundred memberships of a person. The index is a second or so behind; a removed person enters
        nothing any more."""
        found = self._table.query(Key("user_id").eq(user_id), index="user-index", limit=ERASED_AT_ONCE)
        self.delete([row["id"] for row in found.items])
        return Erased(len(found.items), done=found.next is None)


def _count_id(segment_id: str, day: str) -> str:
    return f"count#{segment_id}#{day}"


def _hours(row: Mapping[str, Any]) -> dict[str, int]:
    prefix = "hour_"
    return {name.removeprefix(prefix): int(row[name]) for name in sorted(row) if name.startswith(prefix)}


def changes() -> Changes:
    """The changes of memberships, by their hour."""
    return Changes(clients.table("segments"), ("id",))


def held_about(user_id: str) -> list[dict[str, Any]]:
    """The segments that a person is in, or was in, for their own data. A removed one is among them until an hourly run
    deletes its memberships."""
    return [{name: row.get(name) for name in SHOWN_TO_THE_PERSON} for row in segments().memberships_of(user_id)]


def erase(user_id: str) -> Erased:
    """Erase the memberships of a person who was removed."""
    return segments().erase(user_id)


def scanned(start: ItemKey | None = None) -> ResultPage[Membership]:
    """The memberships of a result page of the whole table, from the key on at which the one before ended."""
    table: Table[Membership] = clients.table("segments")
    found = table.scan(start)
    return ResultPage([row for row in found.items if "segment_id" in row], found.next)


@clients.once
def segments() -> Segments:
    """The stage's segments."""
    return Segments(clients.database(), clients.table("segments"))
