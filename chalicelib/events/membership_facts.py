"""What a change of a membership in a segment is, for its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.event_bus.envelope import EventType

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item


def membership_facts(_old: Item | None, new: Item) -> list[tuple[EventType, dict[str, Any]]]:
    """The type and the data of the event of a membership's next version. One that was deleted has no event: its person
    was removed, or the segment was."""
    if "deleted_at" in new:
        return []
    segment = {"segment": {"id": new["segment_id"], "name": new["segment_name"]}}
    if "left_at" in new:
        return [(EventType.SEGMENT_LEFT, {**segment, "entered_at": new["entered_at"]})]
    return [(EventType.SEGMENT_ENTERED, segment)]
