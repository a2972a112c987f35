"""Writes a filter as a condition of SQL about a row `p` of `people`.

Every value is a parameter, every name of a JSON member too, and every identifier is of the table in `fields`. A part
may be null where it does not hold; `not` takes null for false, so whoever has no age is among those who are not 18.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, wire
from chalicelib.read_model.filters.fields import Kind
from chalicelib.read_model.filters.texts import before_last_dot, patterns
from chalicelib.read_model.filters.times import LATEST, Relative
from chalicelib.read_model.filters.tree import And, Comparison, Not, Or, Span, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chalicelib.read_model.filters.fields import Field
    from chalicelib.read_model.filters.parser import Filter
    from chalicelib.read_model.filters.tree import Node, Scalar, Value

_LINKS = {
    "identities.connection": ("identities", "connection", ""),
    "items.key": ("items", "key", ""),
    "memberships.segment_id": ("memberships", "segment_id", " AND l.left_at IS NULL"),
}


def to_sql(
    filter_: Filter, *, now: datetime | None = None, segments: Collection[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """The condition about `people AS p`, and its parameters, whose names begin with `f`. Relative times count from
    `now`; without it, from the present. Members of other than these `segments` are members of none; without it, all
    count."""
    writer = _Writer(now or clock.now(), segments)
    return writer.node(filter_.root), writer.parameters


class _Writer:
    def __init__(self, now: datetime, segments: Collection[str] | None) -> None:
        self._now, self._segments = now, segments
        self.parameters: dict[str, Any] = {}

    def node(self, node: Node) -> str:
        match node:
            case Text():
                return self._searched(node.text)
            case Not(Comparison(operator="=", values=(None,)) as comparison):
                return self._present(comparison)
            case Not():
                return f"({self.node(node.part)}) IS NOT TRUE"
            case And():
                return " AND ".join(f"({self.node(part)})" for part in node.parts) or "TRUE"
            case Or():
                return " OR ".join(f"({self.node(part)})" for part in node.parts)
            case _:
                return self._comparison(node)

    def _parameter(self, value: Any) -> str:
        name = f"f{len(self.parameters) + 1}"
        self.parameters[name] = value
        return f":{name}"

    def _comparison(self, comparison: Comparison) -> str:
        values = [value for value in comparison.values if value is not None]
        conditions = []
        if len(values) < len(comparison.values):
            conditions.append(self._absent(comparison))
        if values:
            conditions.append(self._compared(comparison, values))
        return " OR ".join(conditions)

    def _compared(self, comparison: Comparison, values: Sequence[Value]) -> str:
        match comparison.field.kind:
            case Kind.JSON:
                return self._json(comparison, values)
            case Kind.LIST:
                having = f"{comparison.field.sql} && CAST({self._parameter(list(values))} AS text[])"
                return f"({having} AND {comparison.field.sql} <> '{{}}')"
            case Kind.LINK:
                return self._linked(comparison.field, values)
            case _ if comparison.operator == ":":
                return self._has(comparison.field, str(values[0]))
            case _:
                return self._plain(comparison, values)

    def _absent(self, comparison: Comparison) -> str:
        if comparison.field.is_sortable:
            return f"{comparison.field.sql} IS NULL"
        return f"({self._present(comparison)}) IS NOT TRUE"

    def _present(self, comparison: Comparison) -> str:
        """It has a value that is not null."""
        field = comparison.field
        match field.kind:
            case Kind.LIST:
                return f"{field.sql} <> '{{}}'"
            case Kind.LINK:
                return self._linked(field, None)
            case Kind.JSON:
                first = self._parameter(comparison.path[0])
                return f"({field.sql} ? {first} AND {self._member(comparison)} <> 'null')"
            case _:
                return f"{field.sql} IS NOT NULL"

    def _linked(self, field: Field, values: Sequence[Value] | None) -> str:
        table, column, condition = _LINKS[field.sql]
        if table == "memberships" and self._segments is not None:
            condition += f" AND l.segment_id = ANY(CAST({self._parameter(sorted(self._segments))} AS text[]))"
        if values is not None:
            condition = f" AND l.{column} = ANY(CAST({self._parameter(list(values))} AS text[])){condition}"
        return f"EXISTS (SELECT FROM {table} AS l WHERE l.user_id = p.id{condition})"

    def _searched(self, folded: str) -> str:
        """A text in what is searched of a person."""
        front = before_last_dot(folded)
        if front is None:
            return self._like("p.search", folded)
        return f"({self._like('p.search', front)}) AND strpos(p.search, {self._parameter(folded)}) > 0"

    def _like(self, sql: str, folded: str) -> str:
        return " OR ".join(f"{sql} LIKE {self._parameter(pattern)}" for pattern in patterns(folded))

    def _has(self, field: Field, value: str) -> str:
        """A text in another. What is folded is looked for by the index of `search` first."""
        if field.kind is Kind.FOLDED:
            return f"(({self._searched(value)}) AND ({self._like(field.sql, value)}))"
        return f"strpos(lower({field.sql}), {self._parameter(_small(value))}) > 0"

    def _plain(self, comparison: Comparison, values: Sequence[Value]) -> str:
        field = comparison.field
        plain = [value for value in values if isinstance(value, str | int)]
        if 1 < len(values) == len(plain):
            listed = self._parameter([self._stored(field, value) for value in plain])
            return f"{field.sql} = ANY(CAST({listed} AS {field.sql_type}[]))"
        return " OR ".join(self._one(field, comparison.operator, value) for value in values)

    def _one(self, field: Field, operator: str, value: Value) -> str:
        if isinstance(value, Span):
            ends = ((">=", value.low), ("<=", value.high))
            return f"({' AND '.join(self._one(field, sign, end) for sign, end in ends if end is not None)})"
        if field.kind is Kind.TIME and isinstance(value, date) and not isinstance(value, datetime):
            return self._on_day(field, operator, value)
        stored = self._parameter(self._stored(field, value))
        return f"{field.sql} {operator} CAST({stored} AS {field.sql_type})"

    def _on_day(self, field: Field, operator: str, day: date) -> str:
        """A time compared with a whole day, in UTC."""
        start = datetime.combine(day, time(), UTC)
        end = start + timedelta(days=1) if start < LATEST else datetime.max.replace(tzinfo=UTC)
        if operator == "=":
            return f"({self._one(field, '>=', start)} AND {self._one(field, '<', end)})"
        bound = {"<": ("<", start), "<=": ("<", end), ">": (">=", end), ">=": (">=", start)}[operator]
        return self._one(field, *bound)

    def _stored(self, field: Field, value: Scalar) -> str | bool:
        """The value as PostgreSQL reads it."""
        if isinstance(value, bool):
            return value
        if isinstance(value, Relative):
            value = value.at(self._now)
        if isinstance(value, datetime):
            return value.date().isoformat() if field.kind is Kind.DATE else value.isoformat()
        if isinstance(value, date):
            return value.isoformat()
        return f" {value} " if field.kind is Kind.FOLDED else str(value)

    def _json(self, comparison: Comparison, values: Sequence[Value]) -> str:
        operator = comparison.operator
        conditions = []
        for value in values:
            if isinstance(value, Span):
                ends = ((">=", value.low), ("<=", value.high))
                both = [self._ordered(comparison, sign, end) for sign, end in ends if end is not None]
                conditions.append(f"({' AND '.join(both)})")
            elif operator in {"=", ":"}:
                conditions.append(self._contained(comparison, value))
            else:
                conditions.append(self._ordered(comparison, operator, value))
            if operator == ":":
                conditions.append(self._within(comparison, str(value)))
        return " OR ".join(conditions)

    def _contained(self, comparison: Comparison, value: Scalar) -> str:
        """The member is this value, or a list that has it."""
        alone, listed = (
            self._parameter(_nested(comparison.path, text)) for text in (_as_json(value), f"[{_as_json(value)}]")
        )
        column = comparison.field.sql
        return f"({column} @> CAST({alone} AS jsonb) OR {column} @> CAST({listed} AS jsonb))"

    def _ordered(self, comparison: Comparison, operator: str, value: Scalar) -> str:
        """A member before or after a value. `strict` reaches into no list, and compares numbers with numbers alone,
        texts with texts. The planner takes a third of the people for meant, and so begins where people are sorted."""
        if isinstance(value, Relative):
            value = clock.timestamp(value.at(self._now))
        members = "".join(f".{wire.to_json(name)}" for name in comparison.path)
        path = self._parameter(f"strict ${members} {operator} $value")
        variables = self._parameter(f'{{"value": {_as_json(value)}}}')
        column = comparison.field.sql
        return f"jsonb_path_match({column}, CAST({path} AS jsonpath), CAST({variables} AS jsonb), true)"

    def _within(self, comparison: Comparison, value: str) -> str:
        """A text in the member. Only whoever has the first name of its path is looked at."""
        member, has_first = self._member(comparison), self._parameter(comparison.path[0])
        small = f"lower(({member} #>> '{{}}') COLLATE \"C\")"
        contains = f"strpos({small}, {self._parameter(_small(value))}) > 0"
        kind = f"CASE WHEN jsonb_typeof({member}) = 'string' THEN {contains} END"
        return f"({comparison.field.sql} ? {has_first} AND {kind})"

    def _member(self, comparison: Comparison) -> str:
        names = "".join(f" -> CAST({self._parameter(name)} AS text)" for name in comparison.path)
        return f"({comparison.field.sql}{names})"


def _nested(path: Sequence[str], text: str) -> str:
    """The JSON object that has this JSON text at a path."""
    for name in reversed(path):
        text = f"{{{wire.to_json(name)}: {text}}}"
    return text


def _as_json(value: Scalar) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else wire.to_json(value)


def _small(text: str) -> str:
    """The text with small letters for the capitals A to Z, as SQL's lower() of the collation C writes it."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
