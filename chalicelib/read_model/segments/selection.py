"""Names the people of a filter, by SQL: what the function `query_read_model` answers to `selecting`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.read_model.database import TooSlow, database
from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.segments.definitions import EDITORS
from chalicelib.read_model.segments.selecting import SELECTED, Selected

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 20
"""Of the statement: whoever asked waits for 26."""


def select_people(event: Mapping[str, Any]) -> list[Selected]:
    """The answer to `{filter, after, limit, slice}`: the next people whom a filter means, in the order of their ids.
    `slice` is null for all, or `[n, of]` for the n-th of so many parts of them. Raises Invalid for a filter that means
    nothing or takes too long, Unavailable."""
    condition, parameters = to_sql(parse(event["filter"], roles=EDITORS))
    sliced = ""
    if event.get("slice"):
        part, parts = event["slice"]
        sliced = " AND mod(hashtextextended(p.id, 0) & 65535, :parts) = :part"
        parameters = {**parameters, "part": int(part), "parts": int(parts)}
    sql = (
        f"SELECT p.id, p.version FROM people AS p WHERE p.id > :after AND ({condition}){sliced}"  # noqa: S608 - parameters
        " ORDER BY p.id LIMIT :rows"
    )
    rows = min(int(event["limit"]), SELECTED)
    try:
        with database().transaction(seconds=SECONDS, read_only=True) as transaction:
            found = transaction.run(sql, **parameters, after=event["after"], rows=rows)
    except TooSlow:
        raise Invalid([FieldError(field="filter", message="takes too long: narrow it down")]) from None
    return [{"id": user_id, "version": int(version)} for user_id, version in found]
