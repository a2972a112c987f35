"""Read many people at once: a hundred by their ids, a segment of the table, or those changed in an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import Changes
from chalicelib.core.aws.dynamo.conditions import Key as KeyCondition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Key, ResultPage, Table


def changes() -> Changes:
    """The changes of people, by their hour."""
    return Changes(clients.table("users"), ("id",))


def rows_of(user_ids: Sequence[str]) -> list[Person | None]:
    """For each of these ids: the person, or the tombstone of one who was removed, or None. Read consistently, a hundred
    in each call."""
    users = clients.table("users")
    rows = clients.database().batch_get([(users, {"id": user_id}) for user_id in user_ids])
    return cast("list[Person | None]", rows)


def living(user_ids: Sequence[str]) -> list[Person]:
    """The people of these ids, without those who were removed. Read consistently, a hundred in each call."""
    return [person for person in rows_of(user_ids) if person is not None and records.is_live(person)]


def born_on(birthday: str, *, limit: int, start: Key | None = None) -> ResultPage[Person]:
    """The ids of the people with that birthday (`MM-DD`). The index is about a second behind the table."""
    users: Table[Person] = clients.table("users")
    return users.query(KeyCondition("birthday").eq(birthday), index="birthday-index", limit=limit, start=start)


def tombstones(user_ids: Iterable[str]) -> dict[str, Person]:
    """The tombstones of those of these people who were removed, by id, with `version`, `deleted_at` and `erasure`
    alone: one read for each hundred. It may miss what was written in the last second. Erasing begins later than
    that."""
    users = clients.table("users")
    keys = [(users, {"id": user_id}) for user_id in sorted(set(user_ids))]
    rows = clients.database().batch_get(keys, consistent=False, only=("id", "version", "deleted_at", "erasure"))
    return {person["id"]: cast("Person", person) for person in rows if person and "deleted_at" in person}


def is_removed(user_id: str) -> bool:
    """Whether the person was removed. The read may be about a second behind."""
    return "deleted_at" in (clients.table("users").get({"id": user_id}, consistent=False) or {})


def segment(number: int, of: int, **narrowed: Any) -> Iterator[list[Person]]:
    """Every row, people and tombstones, of segment `number` of `of` segments of the table: one page of the scan at a
    time. It can be `narrowed` by `where` and `only` (`Table.scan_segment`)."""
    users: Table[Person] = clients.table("users")
    start = None
    while True:
        scanned = users.scan_segment(number, of, start=start, **narrowed)
        yield scanned.items
        if scanned.next is None:
            return
        start = scanned.next


def scanned(start: Key | None = None) -> ResultPage[Person]:
    """A result page of the whole table, people and tombstones, from the key on at which the one before ended."""
    users: Table[Person] = clients.table("users")
    return users.scan(start)
