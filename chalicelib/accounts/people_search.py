"""Looking people up: one index drives each query, the other filters narrow it, and nothing is ever scanned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.accounts.model import DIRECTORY_SHARDS, folded_name, is_named, name_beginning, name_partition
from chalicelib.accounts.store import people
from chalicelib.core.aws import clients, records
from chalicelib.profile.rules import AGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boto3.dynamodb.conditions import ConditionBase

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Database, Table

INDEX_PAGES = 5
"""Pages of an index that one request reads at most: a page of the answer may be short while more follow."""

READ_AHEAD = 200
"""Entries of an index page where others than those wanted are among them: otherwise as many as are asked for."""

BEGINNING, END = "0", "9999-12-31T23:59:59.999Z"
"""No timestamp comes before the one, or after the other."""

Position = dict[str, Any]
"""Where a page ended: in which partition of the index, and there after which key."""


@dataclass(frozen=True)
class PeopleFilters:
    """Who is looked for. All that is given must hold: `since` is the first moment of creation that counts, `before`
    the first that no longer does (both as `clock.timestamp` writes them)."""

    email_key: str | None = None
    name: str | None = None
    youngest: int | None = None
    oldest: int | None = None
    role: str | None = None
    since: str | None = None
    before: str | None = None

    @property
    def ages(self) -> tuple[int, int] | None:
        """The span of ages, or None where any age will do."""
        if self.youngest is None and self.oldest is None:
            return None
        return self.youngest or 0, AGE_LIMIT if self.oldest is None else self.oldest

    @property
    def created(self) -> tuple[str, str] | None:
        """What creation lies between, as text, or None where any will do."""
        if self.since is None and self.before is None:
            return None
        # Without its last letter a timestamp sorts behind every earlier one, and before itself.
        return self.since or BEGINNING, self.before.removesuffix("Z") if self.before else END


@dataclass(frozen=True)
class _Drive:
    """An index, its partitions that are gone through one after the other, and the condition within each."""

    index: str
    partition: str
    partitions: Sequence[str | int]
    sort: str
    within: ConditionBase | None = None
    has_all: bool = True
    """Whether the index holds whole persons, or only their keys."""

    def key(self, position: int) -> ConditionBase:
        here = Key(self.partition).eq(self.partitions[position])
        return here if self.within is None else here & self.within

    def start_after(self, entry: Person) -> Key:
        return {name: dict(entry)[name] for name in ("id", self.partition, self.sort)}


class PeopleFinder:
    """Lists of persons, from the indexes of `users`. Indexes follow their table within a second or so."""

    def __init__(
        self, database: Database, users: Table[Person], find_by_email: Callable[[str], Person | None]
    ) -> None:
        self._database = database
        self._users = users
        self._find_by_email = find_by_email

    def result_page(
        self, filters: PeopleFilters, limit: int, position: Position | None
    ) -> tuple[list[Person], Position | None]:
        """Up to `limit` people from `position` on, and the position of those after them, or None at the end."""
        if filters.email_key is not None:
            return self._by_email(filters), None
        drive, narrowing = _drive(filters)
        matches: list[Person] = []
        at: Position | None = position or {"part": 0}
        for _ in range(INDEX_PAGES):
            if at is None or len(matches) >= limit:
                break
            entries, at = self._read(drive, narrowing, at, limit - len(matches))
            matches += entries if drive.has_all else self._whole(entries)
        return _named(matches, filters.name or ""), at

    def _by_email(self, filters: PeopleFilters) -> list[Person]:
        person = self._find_by_email(filters.email_key or "")
        return [person] if person and _fits(person, filters) else []

    def _read(
        self, drive: _Drive, narrowing: ConditionBase | None, at: Position, room: int
    ) -> tuple[list[Person], Position | None]:
        """One page of the index, of which no more is kept than there is room for."""
        part = at["part"]
        result_page = self._users.query(
            drive.key(part),
            index=drive.index,
            where=narrowing,
            limit=READ_AHEAD if narrowing else room,
            start=at.get("after"),
        )
        if len(result_page.items) > room:
            return result_page.items[:room], {
                "part": part,
                "after": drive.start_after(result_page.items[room - 1]),
            }
        if result_page.next:
            return result_page.items, {"part": part, "after": result_page.next}
        return result_page.items, {"part": part + 1} if part + 1 < len(drive.partitions) else None

    def _whole(self, entries: Sequence[Person]) -> list[Person]:
        """The persons of whom the index has only the keys, without those who have gone since."""
        keys = [(self._users, {"id": entry["id"]}) for entry in entries]
        persons = self._database.batch_get(keys, consistent=False)
        return [cast("Person", person) for person in persons if person is not None and records.is_live(person)]


def _named(matches: list[Person], name: str) -> list[Person]:
    """Those whose name begins so, where the index has less of it than was asked for."""
    if name_beginning(name) == folded_name(name):
        return matches
    return [person for person in matches if is_named(person, name)]


def _drive(filters: PeopleFilters) -> tuple[_Drive, ConditionBase | None]:
    """The index that drives, and what narrows it: an index's own keys cannot be filtered by."""
    ages, created = filters.ages, filters.created
    shards = [str(shard) for shard in range(DIRECTORY_SHARDS)]
    at_that_time = Key("created_at").between(*created) if created else None
    if filters.name is not None:
        beginning = name_beginning(filters.name)
        within = Key("name_key").begins_with(beginning)
        # Names that begin with a letter that stands alone were put by two before; those are there still.
        partitions = list(dict.fromkeys((name_partition(beginning), beginning[:2])))
        by_name = _Drive("name-index", "name_prefix", partitions, "name_key", within)
        return by_name, _narrowing(filters, ages=ages, created=created)
    if ages is not None:
        by_age = _Drive("age-index", "age", range(ages[0], ages[1] + 1), "id")
        return by_age, _narrowing(filters, created=created)
    if filters.role is not None:
        return _Drive("roles-index", "roles_shard", shards, "created_at", at_that_time), _narrowing(filters)
    return _Drive("created-index", "created_shard", shards, "created_at", at_that_time, has_all=False), None


def _narrowing(
    filters: PeopleFilters, *, ages: tuple[int, int] | None = None, created: tuple[str, str] | None = None
) -> ConditionBase | None:
    conditions = [
        *([Attr("age").between(*ages)] if ages else []),
        *([Attr("roles").contains(filters.role)] if filters.role else []),
        *([Attr("created_at").between(*created)] if created else []),
    ]
    return reduce(and_, conditions) if conditions else None


def _fits(person: Person, filters: PeopleFilters) -> bool:
    ages, created = filters.ages, filters.created
    named = filters.name is None or is_named(person, filters.name)
    aged = ages is None or ages[0] <= person.get("age", -1) <= ages[1]
    entitled = filters.role is None or filters.role in person.get("roles", ())
    in_time = created is None or created[0] <= person["created_at"] <= created[1]
    return named and aged and entitled and in_time


@clients.once
def people_finder() -> PeopleFinder:
    """What finds people in the stage's tables."""
    return PeopleFinder(clients.database(), clients.table("users"), people().find_by_email)
