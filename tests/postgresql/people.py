"""People whom filters tell apart, how they get into the tables, and whom a filter means by Python alone.

The second says independently of any SQL what docs/searching.md promises.
"""

from __future__ import annotations

import operator
import string
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.read_model.filters.fields import Kind
from chalicelib.read_model.filters.times import Relative
from chalicelib.read_model.filters.tree import And, Comparison, Not, Or, Span, Text
from chalicelib.read_model.projection import folded, identity_rows, person_row, search_text
from chalicelib.read_model.statements import Rows, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.read_model.database import Database
    from chalicelib.read_model.filters.tree import Node

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def a_person(number: int, **fields: Any) -> dict[str, Any]:
    """A person; `signed_in_at`, `items` and `segments` are what they have beside their fields."""
    return {
        "id": f"U{number:03}",
        "version": 1,
        "email": f"person{number}@acme.example",
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "source": "registration",
        **fields,
    }


def store(database: Database, people: Iterable[dict[str, Any]]) -> None:
    """Write them as the consumer does, with what their events said."""
    rows = Rows()
    people = list(people)
    for person in people:
        rows.add_person(person_row(person), identity_rows(person))
    with database.transaction() as transaction:
        write(transaction, rows)
        for person in people:
            transaction.run(
                "UPDATE people SET last_sign_in_at = CAST(:time AS timestamptz) WHERE id = :id",
                time=person.get("signed_in_at"),
                id=person["id"],
            )
            for key in person.get("items", ()):
                transaction.run(
                    "INSERT INTO items (user_id, key, version, size, written_at, updated_at)"
                    " VALUES (:id, :key, 1, 1, now(), now())",
                    id=person["id"],
                    key=key,
                )
            for segment, left_at in person.get("segments", {}).items():
                transaction.run(
                    "INSERT INTO memberships (segment_id, user_id, version, entered_at, left_at)"
                    " VALUES (:segment, :id, 1, now(), CAST(:left_at AS timestamptz))",
                    segment=segment,
                    id=person["id"],
                    left_at=left_at,
                )


def means(node: Node, person: dict[str, Any]) -> bool:
    """Whether a filter means a person."""
    match node:
        case Text():
            return is_in(node.text, search_text(person_row(person)))
        case Not():
            return not means(node.part, person)
        case And():
            return all(means(part, person) for part in node.parts)
        case Or():
            return any(means(part, person) for part in node.parts)
        case _:
            return any(compares(node, value, person) for value in node.values)


def is_in(text: str, whole: str) -> bool:
    """Whether a folded text is found in another: a short one at the beginning of a word."""
    if longest(text) >= 3:
        return text in whole
    if len(text) == 2 and not text.isascii():
        return f" {text}" in whole or f"{text} " in whole
    return f" {text}" in whole


def longest(text: str) -> int:
    return max(map(len, "".join(letter if letter.isalnum() else " " for letter in text).split()), default=0)


def compares(comparison: Comparison, value: Any, person: dict[str, Any]) -> bool:
    field, sign = comparison.field, comparison.operator
    if isinstance(value, Span):
        low = value.low is None or fits(comparison, ">=", value.low, person)
        return low and (value.high is None or fits(comparison, "<=", value.high, person))
    if field.kind in {Kind.LIST, Kind.LINK}:
        has = has_of(field.name, person)
        return not has if value is None else value in has
    return fits(comparison, sign, value, person)


def has_of(name: str, person: dict[str, Any]) -> list[str]:
    match name:
        case "identities.connection":
            return [identity["connection"] for identity in person.get("identities", ())]
        case "segment":
            return [segment for segment, left_at in person.get("segments", {}).items() if left_at is None]
        case _:
            return list(person.get(name, ()))


def fits(comparison: Comparison, sign: str, value: Any, person: dict[str, Any]) -> bool:
    """Whether a single value of a person compares so with another."""
    kind = comparison.field.kind
    if kind is Kind.JSON:
        return fits_json(member(person.get(comparison.field.name, {}), comparison.path), sign, value)
    mine = stored(comparison.field.name, person)
    if mine is None or value is None:
        return mine is None and value is None
    if kind is Kind.FOLDED:
        mine = folded(mine)
        if sign == ":":
            return is_in(value, f" {mine} ")
        mine, value = f" {mine} ", f" {value} "
    elif sign == ":":
        return value.translate(SMALL) in mine.translate(SMALL)
    if isinstance(value, Relative):
        value = value.at(NOW)
    if kind is Kind.DATE:
        mine, value = date.fromisoformat(mine), value.date() if isinstance(value, datetime) else value
    if kind is Kind.TIME:
        mine = clock.parse(mine)
        if not isinstance(value, datetime):
            start = datetime.combine(value, time(), UTC)
            end = start + timedelta(days=1)
            return {
                "=": start <= mine < end,
                "<": mine < start,
                "<=": mine < end,
                ">": mine >= end,
                ">=": mine >= start,
            }[sign]
    return ordered(sign, mine, value)


def stored(name: str, person: dict[str, Any]) -> Any:
    match name:
        case "email_domain":
            email = person.get("email")
            return email and email.rpartition("@")[2].lower()
        case "last_sign_in_at":
            return person.get("signed_in_at")
        case "email_verified" | "status":
            return person.get(name, {"email_verified": False, "status": "active"}[name])
    return person.get(name)


def ordered(sign: str, mine: Any, value: Any) -> bool:
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "=": operator.eq,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
    return compare[sign](mine, value)


def member(document: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def fits_json(mine: Any, sign: str, value: Any) -> bool:
    if value is None:
        return mine is None
    if sign in {"=", ":"}:
        listed = mine if isinstance(mine, list) else [mine]
        if any(same(each, value) for each in listed):
            return True
        return sign == ":" and isinstance(mine, str) and value.translate(SMALL) in mine.translate(SMALL)
    if isinstance(value, Relative):
        value = clock.timestamp(value.at(NOW))
    if isinstance(value, str):
        return isinstance(mine, str) and ordered(sign, mine, value)
    return is_number(mine) and ordered(sign, Decimal(str(mine)), value)


def same(mine: Any, value: Any) -> bool:
    if isinstance(value, Decimal):
        return is_number(mine) and Decimal(str(mine)) == value
    return type(mine) is type(value) and bool(mine == value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
