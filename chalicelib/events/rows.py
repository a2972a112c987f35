"""The rows of the table `history`, what others are handed of them, and the row of `guards` that the sweep keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from chalicelib.event_bus.envelope import Event


class HistoryRow(TypedDict):
    """An event, once."""

    subject: str
    at: str
    """The event's time, `#`, its id."""
    schema: int
    type: str
    event: str
    """The CloudEvent as JSON."""
    recorded_at: str
    """The timestamp of the recording, `#`, the event's id: the position of the event in the feed."""
    feed_shard: str
    """The hour of the recording, `#`, the number of the shard."""
    expires_at: int
    """Epoch seconds."""
    erased_at: NotRequired[str]
    """When its data were redacted."""


class SweepRow(TypedDict):
    """The position of the sweep, `sweep`. It also has an attribute for each lane, such as `users#0`, with its position
    (`missed_changes.Position`)."""

    id: str
    schema: int
    since: str
    """Where a lane begins that has no position yet."""
    claimed_until: int
    """Epoch seconds."""


@dataclass(frozen=True)
class Kept:
    """An event as history keeps it, with the timestamps of its recording, and of the erasure of its data."""

    event: Event
    recorded_at: str
    erased_at: str | None


@dataclass(frozen=True)
class Recorded:
    """That an event was recorded: its type, and how many milliseconds after it happened."""

    type: str
    milliseconds: int
