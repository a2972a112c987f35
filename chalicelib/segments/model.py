"""What a segment and a membership are: pure functions of their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock
from chalicelib.core.aws import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.segments.rows import Definition, Membership

MOST_SEGMENTS = 100
MOST_WATCHED = 25
"""Each watched one is a statement of SQL for each batch of events."""

VERSIONS = 1_000_000
"""More than a membership has while its segment is watched."""


def row_id(segment_id: str) -> str:
    return f"segment#{segment_id}"


def id_of(definition: Mapping[str, Any]) -> str:
    """The id of a segment, by its row."""
    return str(definition["id"]).partition("#")[2]


def membership_id(segment_id: str, user_id: str) -> str:
    return f"{segment_id}/{user_id}"


def new_segment(segment_id: str, **fields: Any) -> Definition:
    """The row of a new segment."""
    stamps = _stamps(1)
    created = {"schema": records.SCHEMA, "created_at": stamps["updated_at"], "created_by": stamps["changed_by"]}
    row = {"id": row_id(segment_id), "kind": "segment", "filter_version": 1, **created, **fields, **stamps}
    return cast("Definition", row)


def changed(definition: Definition, changes: Mapping[str, Any]) -> Definition:
    """The segment's next version. With another filter, or watched anew, its members are found anew."""
    version = definition["version"] + 1
    afresh = changes.get("filter", definition["filter"]) != definition["filter"]
    afresh = afresh or (changes.get("watched", False) and not definition["watched"])
    filter_version = version if afresh else definition["filter_version"]
    return cast("Definition", {**definition, **changes, **_stamps(version), "filter_version": filter_version})


def removed(definition: Definition) -> Definition:
    """What stays of a removed segment, listed until its memberships are gone."""
    return cast(
        "Definition",
        {
            **definition,
            **_stamps(definition["version"] + 1),
            "kind": "removed",
            "watched": False,
            "deleted_at": clock.timestamp(),
            "expires_at": clock.epoch() + records.tombstone_days() * 86400,
        },
    )


def is_settled(definition: Definition) -> bool:
    """Whether the first members of its filter are all written."""
    return definition.get("settled") == definition["filter_version"]


def is_member(membership: Membership | None) -> bool:
    return membership is not None and "left_at" not in membership


def first_version(definition: Definition) -> int:
    """The version at which a membership begins: 1 with the first filter of a segment. What was deleted while it was not
    watched begins higher when it is again: versions, and so the ids of events, never come back."""
    return 1 + (definition["filter_version"] - 1) * VERSIONS


def moved(definition: Definition, user_id: str, stored: Membership | None, *, inside: bool) -> Membership:
    """The next version of a person's membership: they are in the segment now, or no longer."""
    segment_id = id_of(definition)
    moment = clock.timestamp()
    key = membership_id(segment_id, user_id)
    row: dict[str, Any] = {
        "schema": records.SCHEMA,
        "id": key,
        "segment_id": segment_id,
        "segment_name": definition["name"],
        "user_id": user_id,
        "created_at": stored["created_at"] if stored else moment,
        "entered_at": moment if inside or stored is None else stored["entered_at"],
        **records.change_stamp(moment, key),
        "version": stored["version"] + 1 if stored else first_version(definition),
    }
    if not inside:
        row["left_at"] = moment
    if not is_settled(definition):
        row["bulk"] = True
    return cast("Membership", row)


def _stamps(version: int) -> dict[str, Any]:
    stamps = records.change_stamp()
    return {"updated_at": stamps["updated_at"], "changed_by": stamps["changed_by"], "version": version}
