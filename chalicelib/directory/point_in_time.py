"""A person as they were: their row with each later change undone, newest first. Pure.

Nothing is made up: where an event that undoing needs is not there, or does not say what was before, that is the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chalicelib.core.errors import Gone, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from chalicelib.accounts.rows import Person


def as_of(
    row: Person, changes: Iterable[dict[str, Any]], moment: str, *, kept_since: str, settled_until: str
) -> Person:
    """The person as they were at a moment, from their row (or its tombstone) and the events of every change since.

    All times are as `clock.timestamp` writes them. History keeps what happened from `kept_since` on, and holds all that
    was written until `settled_until`. Raises NotFound where there was no such person then; Gone where they were erased
    since, where the moment is further back than history is kept, or where history lacks a change between; Unavailable
    where that change is so young that it is still on its way.
    """
    if not row["created_at"] <= moment < row.get("deleted_at", "~"):
        raise NotFound("there was no such person then")
    if "deleted_at" in row:
        raise Gone("they were deleted since, and what was known of them erased")
    if moment < kept_since:
        raise Gone(f"history is kept since {kept_since}")
    person, previous = row, _previous(changes) if row["updated_at"] > moment else {}
    while person["updated_at"] > moment:
        version = person["version"]
        if version in previous:
            person = cast("Person", {**person, **previous[version], "version": version - 1})
        elif person["updated_at"] > settled_until:
            raise Unavailable("history is still taking the last change in", headers={"Retry-After": "10"})
        else:
            raise Gone(
                f"history does not tell what version {version} changed: it was published late or is too large"
            )
    return person


def _previous(changes: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """By version, the former values of what it changed. Each event of a version has all of them; a reconciled event
    has none, nor has one whose data were too large."""
    previous_by_version = ((int(event["sequence"]), event["data"].get("previous") or {}) for event in changes)
    return {version: previous for version, previous in previous_by_version if "updated_at" in previous}
