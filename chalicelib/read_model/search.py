"""Searches people: who a filter means, in an order, a result page at a time, and how many they are.

A result page begins where the one before it ended, by the value that people are sorted by and their id, so that each is
as quick as the first. Whoever has no such value comes last, both ways: those are found in a second query.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict

from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.profile.visibility import fields_for as shown_to
from chalicelib.profile.visibility import sees_all
from chalicelib.read_model.database import TooSlow, database
from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.filters.fields import fields_for
from chalicelib.read_model.projection import PERSON_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from chalicelib.read_model.database import Database, Transaction
    from chalicelib.read_model.filters.fields import Field

SECONDS = 5
"""What a search may take: API Gateway waits for 29 seconds, and whoever searches does not."""
COUNT_SECONDS = 2
"""What counting may take beside it. After that the planner's estimate must do."""
COUNTED = 10_000
"""More are estimated: nobody looks at so many one by one."""

PLANNED = "SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1"
"""A search takes milliseconds, compiling it would take longer; and no database of today has disks that turn."""

WALK_SECONDS = 0.25
"""What going through all people in their order may take until enough fit, as the planner likes to do: where those who
fit are the last ones, everybody else comes before them. After that, whoever fits is found first, and then sorted."""

_COLUMNS = ", ".join(f"p.{name}" for name in PERSON_FIELDS)
_IDENTITIES = (
    "(SELECT jsonb_agg(jsonb_build_object('id', i.id, 'connection', i.connection, 'linked_at', i.linked_at)"
    " ORDER BY i.linked_at, i.id) FROM identities AS i WHERE i.user_id = p.id)"
)


_TOO_SLOW = FieldError(
    field="q",
    message=f"this takes longer than {SECONDS} seconds: mean fewer people, by a text of three letters or more, a list, "
    "a range, or = with a member of attributes",
    code="too_slow",
)


class Position(TypedDict):
    """Where a result page ended. `now` is what relative times count from on all of them, `value` what the last person
    was sorted by, as text; None where they have none."""

    now: str
    value: str | None
    id: str


class Count(TypedDict):
    """How many people a filter means; not `exact` where that is an estimate."""

    value: int
    exact: bool


class Found(TypedDict):
    people: list[dict[str, Any]]
    """As the directory shows them."""
    next: Position | None
    count: Count | None


@dataclass(frozen=True)
class Search:
    """A question to the table of people: the condition with its parameters, and the order."""

    condition: str
    parameters: Mapping[str, Any]
    field: Field
    direction: str

    def sql(self, *, nulls: bool, after: Position | None, first_filtered: bool = False) -> str:
        """The statement for those who have what they are sorted by, or for the others. Its parameters are those of the
        condition, `rows`, and of a position `value` and `id`. Identifiers come from `filters.fields` alone.

        `first_filtered`: find all who fit before any is sorted; `OFFSET 0` keeps the planner from another order.
        """
        meant, value, user_id = "people AS p", self.field.sql, "p.id"
        conditions = [f"({self.condition})"]
        if first_filtered:
            everybody = f"SELECT p.id, {value} AS v FROM people AS p"  # noqa: S608 - as above
            meant = f"({everybody} WHERE {self.condition} OFFSET 0) AS f"
            value, user_id, conditions = "f.v", "f.id", []
        conditions += self._range(value, user_id, nulls=nulls, after=after)
        sort = f"{user_id} {self.direction}" if nulls else f"{value} {self.direction}, {user_id} {self.direction}"
        return (
            f"SELECT {_COLUMNS}, {_IDENTITIES}, CAST(s.v AS text) FROM ("  # noqa: S608 - as above
            f"SELECT {user_id} AS id, {value} AS v FROM {meant} WHERE {' AND '.join(conditions) or 'TRUE'}"
            f" ORDER BY {sort} LIMIT :rows"
            f") AS s JOIN people AS p ON p.id = s.id ORDER BY s.v {self.direction}, s.id {self.direction}"
        )

    def _range(self, value: str, user_id: str, *, nulls: bool, after: Position | None) -> list[str]:
        """The conditions that leave out whoever was on a result page before."""
        sign = "<" if self.direction == "DESC" else ">"
        conditions = [f"{value} IS {'' if nulls else 'NOT '}NULL"] if self.field.nullable else []
        if after and nulls:
            conditions.append(f"{user_id} {sign} CAST(:id AS text)")
        elif after:
            last = f"(CAST(:value AS {self.field.sql_type}), CAST(:id AS text))"
            conditions.append(f"({value}, {user_id}) {sign} {last}")
        return conditions

    def rows(self, database: Database, limit: int, after: Position | None = None) -> list[list[Any]]:
        """The next so many rows. Raises TooSlow, Unavailable."""
        try:
            with _reading(database, WALK_SECONDS) as transaction:
                return self._rows(transaction, limit, after)
        except TooSlow:
            with _reading(database, SECONDS) as transaction:
                return self._rows(transaction, limit, after, first_filtered=True)

    def _rows(
        self, transaction: Transaction, limit: int, after: Position | None, *, first_filtered: bool = False
    ) -> list[list[Any]]:
        nulls = after is not None and after["value"] is None
        start = {name: value for name, value in (after or {}).items() if name != "now" and value is not None}
        sql = self.sql(nulls=nulls, after=after, first_filtered=first_filtered)
        found = transaction.run(sql, **self.parameters, **start, rows=limit)
        if self.field.nullable and not nulls and len(found) < limit:
            sql = self.sql(nulls=True, after=None, first_filtered=first_filtered)
            found += transaction.run(sql, **self.parameters, rows=limit - len(found))
        return found


def search(event: Mapping[str, Any]) -> Found:
    """The answer to `{q, sort, limit, after, count, roles, segments}`: people as somebody with these roles sees them.
    `after` is where the result page before ended, or null; `count`: whether to say how many they are. `segments` are
    the ids of those that a caller who does not see all may know of: for such a caller nobody is in any other.

    Raises Invalid for a filter or an order that means nothing, and for a search that takes too long; Unavailable.
    """
    after: Position | None = event.get("after")
    roles = event["roles"]
    now = clock.parse(after["now"]) if after else clock.now()
    visible = None if sees_all(roles) else event.get("segments") or []
    condition, parameters = to_sql(parse(event["q"], roles=roles), now=now, segments=visible)
    field, direction = order(event["sort"], roles)
    asked, limit = Search(condition, parameters, field, direction), event["limit"]
    try:
        rows = asked.rows(database(), limit + 1, after)
    except TooSlow:
        raise Invalid([_TOO_SLOW]) from None
    shown = shown_to(roles)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "people": [_person(row, shown) for row in rows[:limit]],
        "next": {"now": now.isoformat(), "value": last[-1], "id": last[0]} if last else None,
        "count": count(condition, parameters) if event.get("count") else None,
    }


def order(sort: str, roles: Collection[str]) -> tuple[Field, str]:
    """The field to sort by and the direction, of `-created_at` or `name`. Raises Invalid where there is none."""
    name = sort.removeprefix("-")
    field = fields_for(roles).get(name)
    if field is None or not field.is_sortable:
        names = ", ".join(field.name for field in fields_for(roles).values() if field.is_sortable)
        raise Invalid([FieldError(field="sort", message=f"is one of {names}, with - before it for the reverse")])
    return field, "DESC" if sort.startswith("-") else "ASC"


def count(condition: str, parameters: Mapping[str, Any]) -> Count:
    """How many people fit a condition about `people AS p`: exactly up to COUNTED, as far as that is found in time, and
    above it the planner's estimate. Raises Unavailable."""
    least = 0
    some = f"SELECT FROM people AS p WHERE {condition} LIMIT {COUNTED + 1}"
    try:
        with _reading(database(), COUNT_SECONDS) as transaction:
            least = transaction.value(f"SELECT count(*) FROM ({some}) AS c", **parameters)  # noqa: S608 - as above
    except TooSlow:
        pass
    else:
        if least <= COUNTED:
            return {"value": least, "exact": True}
    with _reading(database(), COUNT_SECONDS) as transaction:
        ((plan,),) = transaction.run(
            f"EXPLAIN (FORMAT JSON) SELECT FROM people AS p WHERE {condition}", **parameters
        )
    return {"value": max(least, int(plan[0]["Plan"]["Plan Rows"])), "exact": False}


@contextmanager
def _reading(database: Database, seconds: float) -> Iterator[Transaction]:
    """A transaction that reads, with statements planned for that."""
    with database.transaction(seconds=seconds, read_only=True) as transaction:
        transaction.script(PLANNED)
        yield transaction


def _person(row: Sequence[Any], shown: Collection[str]) -> dict[str, Any]:
    """A row as the directory shows the person, with these fields."""
    fields = dict(zip(PERSON_FIELDS, row, strict=False))
    if linked := row[len(PERSON_FIELDS)]:
        fields["identities"] = [
            {name: _json(name, value) for name, value in identity.items() if value is not None}
            for identity in linked
        ]
    return {name: _json(name, fields.get(name)) for name in shown}


def _json(name: str, value: Any) -> Any:
    """A value as JSON has it."""
    if name.endswith("_at") and isinstance(value, str):
        value = clock.parse(value)
    if isinstance(value, datetime):
        return clock.timestamp(value)
    return value.isoformat() if isinstance(value, date) else value
