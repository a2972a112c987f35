"""Search people. A search by email address reads one person. Any other search reads one index, and the other filters
narrow its result. The table is never scanned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, cast

from chalicelib.accounts.model import DIRECTORY_SHARDS, folded_name, is_named, name_beginning, name_partition
from chalicelib.accounts.store import people
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.profile.rules import AGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Database, Item, Table
    from chalicelib.core.aws.dynamo.conditions import Condition

INDEX_PAGES = 5
"""The most pages of an index that one request reads. So a result page may be short although more people follow."""

READ_AHEAD = 200
"""How many entries of an index one page reads if filters may leave some out. Without such filters it reads as many as
are asked for."""

BEGINNING, END = "0", "9999-12-31T23:59:59.999Z"
"""No timestamp sorts before `BEGINNING` or after `END`."""

Position = dict[str, Any]
"""Where a result page ended: `part` is the number of the index partition, and `after` the last key in it."""


@dataclass(frozen=True)
class PeopleFilters:
    """The filters of a search. All that are set must match. `since` is the earliest time of creation that matches,
    `before` the earliest that no longer matches (both as `clock.timestamp` writes them). `youngest` and `oldest` are
    ages in years, both included."""

    email_key: str | None = None
    name: str | None = None
    youngest: int | None = None
    oldest: int | None = None
    role: str | None = None
    since: str | None = None
    before: str | None = None

    @property
    def ages(self) -> tuple[int, int] | None:
        """The lowest and the highest age, or None if any age matches."""
        if self.youngest is None and self.oldest is None:
            return None
        return self.youngest or 0, AGE_LIMIT if self.oldest is None else self.oldest

    @property
    def created(self) -> tuple[str, str] | None:
        """The lowest and the highest time of creation, as text, or None if any time matches."""
        if self.since is None and self.before is None:
            return None
        # Without its last letter, a timestamp sorts after every earlier timestamp, and before the same one.
        return self.since or BEGINNING, self.before.removesuffix("Z") if self.before else END


@dataclass(frozen=True)
class _IndexQuery:
    """The index of a search, the partitions that are read one after the other, and the condition in each."""

    index: str
    partition: str
    partitions: Sequence[str | int]
    sort: str
    within: Condition | None = None
    has_all: bool = True
    """Whether the index holds whole persons, or only their keys."""

    def key(self, position: int) -> Condition:
        partition_condition = Key(self.partition).eq(self.partitions[position])
        return partition_condition if self.within is None else partition_condition & self.within

    def start_after(self, entry: Person) -> Item:
        return {name: dict(entry)[name] for name in ("id", self.partition, self.sort)}


class PeopleFinder:
    """Searches the indexes of `users`. They are about a second behind the table."""

    def __init__(
        self, database: Database, users: Table[Person], find_by_email: Callable[[str], Person | None]
    ) -> None:
        self._database = database
        self._users = users
        self._find_by_email = find_by_email

    def result_page(
        self, filters: PeopleFilters, limit: int, position: Position | None
    ) -> tuple[list[Person], Position | None]:
        """Up to `limit` people from `position` on, and the position of the next result page, or None at the end."""
        if filters.email_key is not None:
            return self._by_email(filters), None
        index_query, narrowing = _index_query(filters)
        matches: list[Person] = []
        next_position: Position | None = position or {"part": 0}
        for _ in range(INDEX_PAGES):
            if next_position is None or len(matches) >= limit:
                break
            entries, next_position = self._read(index_query, narrowing, next_position, limit - len(matches))
            matches += entries if index_query.has_all else self._whole_persons(entries)
        return _with_whole_name(matches, filters.name or ""), next_position

    def _by_email(self, filters: PeopleFilters) -> list[Person]:
        person = self._find_by_email(filters.email_key or "")
        return [person] if person and _matches_all(person, filters) else []

    def _read(
        self, index_query: _IndexQuery, narrowing: Condition | None, position: Position, room: int
    ) -> tuple[list[Person], Position | None]:
        """One page of the index, with at most `room` entries, and the position after them."""
        part = position["part"]
        result_page = self._users.query(
            index_query.key(part),
            index=index_query.index,
            where=narrowing,
            limit=READ_AHEAD if narrowing else room,
            start=position.get("after"),
        )
        if len(result_page.items) > room:
            return result_page.items[:room], {
                "part": part,
                "after": index_query.start_after(result_page.items[room - 1]),
            }
        if result_page.next:
            return result_page.items, {"part": part, "after": result_page.next}
        return result_page.items, {"part": part + 1} if part + 1 < len(index_query.partitions) else None

    def _whole_persons(self, entries: Sequence[Person]) -> list[Person]:
        """The whole persons of these entries, which have only keys. Persons removed since are left out."""
        keys = [(self._users, {"id": entry["id"]}) for entry in entries]
        persons = self._database.batch_get(keys, consistent=False)
        return [cast("Person", person) for person in persons if person is not None and records.is_live(person)]


def _with_whole_name(matches: list[Person], name: str) -> list[Person]:
    """The matches whose name begins with `name`. The index cannot check this if it stores less than the whole
    `name`."""
    if name_beginning(name) == folded_name(name):
        return matches
    return [person for person in matches if is_named(person, name)]


def _index_query(filters: PeopleFilters) -> tuple[_IndexQuery, Condition | None]:
    """The index to read, and the condition that narrows its result. DynamoDB does not filter by an index's own keys."""
    ages, created = filters.ages, filters.created
    shards = [str(shard) for shard in range(DIRECTORY_SHARDS)]
    within_created = Key("created_at").between(*created) if created else None
    if filters.name is not None:
        beginning = name_beginning(filters.name)
        within = Key("name_key").begins_with(beginning)
        # Names whose first letter stands alone were once stored by two letters. Such rows may still exist.
        partitions = list(dict.fromkeys((name_partition(beginning), beginning[:2])))
        by_name = _IndexQuery("name-index", "name_prefix", partitions, "name_key", within)
        return by_name, _narrowing_condition(filters, ages=ages, created=created)
    if ages is not None:
        by_age = _IndexQuery("age-index", "age", range(ages[0], ages[1] + 1), "id")
        return by_age, _narrowing_condition(filters, created=created)
    if filters.role is not None:
        by_role = _IndexQuery("roles-index", "roles_shard", shards, "created_at", within_created)
        return by_role, _narrowing_condition(filters)
    return _IndexQuery("created-index", "created_shard", shards, "created_at", within_created, has_all=False), None


def _narrowing_condition(
    filters: PeopleFilters, *, ages: tuple[int, int] | None = None, created: tuple[str, str] | None = None
) -> Condition | None:
    conditions = [
        *([Attr("age").between(*ages)] if ages else []),
        *([Attr("roles").contains(filters.role)] if filters.role else []),
        *([Attr("created_at").between(*created)] if created else []),
    ]
    return reduce(and_, conditions) if conditions else None


def _matches_all(person: Person, filters: PeopleFilters) -> bool:
    ages, created = filters.ages, filters.created
    has_name = filters.name is None or is_named(person, filters.name)
    has_age = ages is None or ages[0] <= person.get("age", -1) <= ages[1]
    has_role = filters.role is None or filters.role in person.get("roles", ())
    was_created_then = created is None or created[0] <= person["created_at"] <= created[1]
    return has_name and has_age and has_role and was_created_then


@clients.once
def people_finder() -> PeopleFinder:
    """The search in the tables of this stage."""
    return PeopleFinder(clients.database(), clients.table("users"), people().find_by_email)
