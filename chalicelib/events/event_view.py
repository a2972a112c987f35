"""What a reader of a person's history sees of an event: as much of the person as in the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.event_bus.envelope import record_of
from chalicelib.profile import visibility

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.event_bus.envelope import Event

OF_PERSON = ("user", "previous")
SHOWN = frozenset(
    {
        *OF_PERSON,
        "changed",
        "session",
        "reason",
        "new_device",
        "method",
        "second_factor",
        "consent",
        "key",
        "at",
        "size",
        "sha256",
        "job",
    }
    | {"data_omitted", "link"}
)
"""The members of an event's data that support sees. All others are for administrators: the values of items, which no
other route shows to support, the kinds of old hashes, and members that are added later."""


def is_shown(event: Event, roles: Collection[str]) -> bool:
    """Whether a caller with these roles sees an event at all. The ids of those about segments name the segment, which
    may be of people with some metadata: who is in the same one as others would say that."""
    return visibility.sees_all(roles) or record_of(event["id"])[0] != "segments"


def seen_by(event: Event, roles: Collection[str]) -> Event:
    """An event as a caller with these roles sees it."""
    if visibility.sees_all(roles):
        return event
    return {**event, "data": _shown(event["data"], roles)}


def _shown(data: dict[str, Any], roles: Collection[str]) -> dict[str, Any]:
    shown = {name: value for name, value in data.items() if name in SHOWN}
    for person in OF_PERSON:
        if isinstance(shown.get(person), dict):
            shown[person] = visibility.of_person(shown[person], roles)
    if isinstance(shown.get("changed"), list):
        visible = visibility.fields_for(roles)
        shown["changed"] = [name for name in shown["changed"] if name in visible]
    return shown
