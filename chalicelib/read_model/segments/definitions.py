"""Segments as administrators define them: made, changed, removed, and who may read which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import ids
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.profile import visibility
from chalicelib.read_model.filters import parse
from chalicelib.segments import model, segments

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from chalicelib.segments.rows import Definition

EDITORS = (visibility.ADMIN,)


def create(name: str, text: str, *, watched: bool) -> Definition:
    """Store a new segment, and return it. Raises Invalid for a filter that means nothing, Conflict where there are
    enough."""
    every = segments().all()
    if len(every) >= model.MOST_SEGMENTS:
        raise Conflict(f"there are {model.MOST_SEGMENTS} segments, which is as many as there may be")
    if watched:
        _check_room(every)
    definition = model.new_segment(ids.new_id(), name=name, watched=watched, **_filter(text))
    segments().create(definition)
    return definition


def change(segment_id: str, patch: Mapping[str, Any], expected: int | None) -> Definition:
    """Change a segment, and return it. With another filter, or watched anew, its members are found anew. Raises what
    `create` raises, NotFound and PreconditionFailed."""
    definition = segments().get(segment_id)
    if patch.get("watched") and not definition["watched"]:
        _check_room(segments().all())
    changes = {**patch, **(_filter(patch["filter"]) if "filter" in patch else {})}
    if definition["has_metadata"]:  # its members, its counts and its events are those of the filter before, too
        changes["has_metadata"] = True
    next_version = model.changed(definition, changes)
    segments().replace(definition, next_version, expected)
    return next_version


def remove(segment_id: str, expected: int | None) -> None:
    """Remove a segment. Its memberships are deleted within the next hours, and nothing is an event of that. Raises
    NotFound and PreconditionFailed."""
    definition = segments().get(segment_id)
    segments().replace(definition, model.removed(definition), expected)


def segment_for(segment_id: str, roles: Collection[str]) -> Definition:
    """The segment, for somebody with these roles. Raises NotFound, also where its filter asks for what they may not
    see: who is in it would say that."""
    definition = segments().get(segment_id)
    if not is_shown(definition, roles):
        raise NotFound("there is no such segment")
    return definition


def is_shown(definition: Definition, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may know of a segment."""
    return visibility.sees_all(roles) or not definition["has_metadata"]


def visible_in(text: str, roles: Collection[str]) -> list[str]:
    """The ids of the segments that a filter of somebody with these roles may ask for; none where it asks for no
    segment, or where they may ask for all. Raises Invalid for a filter that means nothing."""
    if visibility.sees_all(roles) or "segment" not in parse(text, roles=roles).fields:
        return []
    return sorted(model.id_of(each) for each in segments().all() if is_shown(each, roles))


def _check_room(every: Collection[Definition]) -> None:
    if sum(definition["watched"] for definition in every) >= model.MOST_WATCHED:
        raise Conflict(f"{model.MOST_WATCHED} segments are watched, which is as many as may be")


def _filter(text: str) -> dict[str, Any]:
    """A filter as a segment has it. Raises Invalid where it means nothing, or asks for members of segments: two of
    these could make each other's events for ever."""
    try:
        meant = parse(text, roles=EDITORS)
    except Invalid as invalid:
        faults = [{**fault, "field": "filter"} if fault["field"] == "q" else fault for fault in invalid.errors]
        raise Invalid(faults) from None  # type: ignore[arg-type]
    if meant.segments:
        raise Invalid([FieldError(field="filter", message="must not ask for the members of a segment")])
    if meant.is_everyone:
        raise Invalid([FieldError(field="filter", message="must not be empty")])
    try:
        parse(meant.text, roles=EDITORS)
    except Invalid:  # written out, it has more parentheses, quotes and letters
        raise Invalid([FieldError(field="filter", message="is too long or too deep to be stored")]) from None
    return {"filter": meant.text, "has_metadata": meant.is_for_administrators, "is_timed": meant.is_timed}
