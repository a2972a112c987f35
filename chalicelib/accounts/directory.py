"""Looking people up: one index drives each query, the other filters narrow it, and nothing is ever scanned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.accounts.model import folded_name
from chalicelib.accounts.rules import AGE_LIMIT
from chalicelib.accounts.store import people
from chalicelib.core import clients

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.dynamo import Item, Page, Table

INDEX_PAGES = 5
"""Pages of an index that one request reads at most: a page of the answer may be short while more follow."""

Position = dict[str, Any]
"""Where a page ended: the index key to go on after, and while ages are gone through, the present one."""


@dataclass(frozen=True)
class Wanted:
    """Who is looked for: by address, by the beginning of a name, by a span of ages. All that is given must hold."""

    email_key: str | None = None
    name: str | None = None
    youngest: int | None = None
    oldest: int | None = None

    @property
    def ages(self) -> tuple[int, int] | None:
        """The span of ages, or None where any age will do."""
        if self.youngest is None and self.oldest is None:
            return None
        return self.youngest or 0, AGE_LIMIT if self.oldest is None else self.oldest


class Directory:
    """Lists of persons, from the indexes of `users`. Indexes follow their table within a second or so."""

    def __init__(self, users: Table, find_by_email: Callable[[str], Item | None]) -> None:
        self._users = users
        self._find_by_email = find_by_email

    def page(self, wanted: Wanted, limit: int, position: Position | None) -> tuple[list[Item], Position | None]:
        """Up to `limit` people from `position` on, and the position of those after them, or None at the end."""
        if wanted.email_key is not None:
            return self._by_email(wanted), None
        if wanted.name is not None:
            return self._by_name(wanted, limit, position)
        return self._by_age(wanted, limit, position)

    def _by_email(self, wanted: Wanted) -> list[Item]:
        person = self._find_by_email(wanted.email_key or "")
        return [person] if person and _fits(person, wanted) else []

    def _by_name(
        self, wanted: Wanted, limit: int, position: Position | None
    ) -> tuple[list[Item], Position | None]:
        beginning = folded_name(wanted.name or "")
        key = Key("name_prefix").eq(beginning[:2]) & Key("name_key").begins_with(beginning)
        ages = wanted.ages

        def read(at: Position, room: int) -> tuple[list[Item], Position | None]:
            where = Attr("age").between(*ages) if ages else None
            page = self._users.query(key, index="name-index", where=where, limit=room, start=at.get("after"))
            return page.items, _after(page)

        return _gathered(read, limit, position or {})

    def _by_age(self, wanted: Wanted, limit: int, position: Position | None) -> tuple[list[Item], Position | None]:
        youngest, oldest = wanted.ages or (0, AGE_LIMIT)

        def read(at: Position, room: int) -> tuple[list[Item], Position | None]:
            age = at["age"]
            page = self._users.query(Key("age").eq(age), index="age-index", limit=room, start=at.get("after"))
            if page.next:
                return page.items, {"age": age, "after": page.next}
            return page.items, {"age": age + 1} if age < oldest else None

        return _gathered(read, limit, position or {"age": youngest})


def _gathered(
    read: Callable[[Position, int], tuple[list[Item], Position | None]], limit: int, start: Position
) -> tuple[list[Item], Position | None]:
    """Items of successive index pages, until there are enough of them, no more, or five pages were read."""
    found: list[Item] = []
    position: Position | None = start
    for _ in range(INDEX_PAGES):
        if position is None or len(found) >= limit:
            break
        items, position = read(position, limit - len(found))
        found += items
    return found, position


def _after(page: Page) -> Position | None:
    return {"after": page.next} if page.next else None


def _fits(person: Item, wanted: Wanted) -> bool:
    ages = wanted.ages
    named = wanted.name is None or person.get("name_key", "").startswith(folded_name(wanted.name))
    aged = ages is None or ages[0] <= person.get("age", -1) <= ages[1]
    return named and aged


@clients.once
def directory() -> Directory:
    """The stage's directory."""
    return Directory(clients.table("users"), people().find_by_email)
