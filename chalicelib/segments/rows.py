"""The rows of the table `segments`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from chalicelib.core.aws.records import Stamped


class Definition(TypedDict):
    """A segment: `id` is `segment#` and its id. It has no event, so it is in no index of changes."""

    schema: int
    id: str
    kind: NotRequired[Literal["segment", "removed"]]
    """A removed one is listed until its memberships are deleted."""
    name: str
    filter: str
    filter_version: int
    """The version of the segment in which it got this filter, or was last watched anew."""
    watched: bool
    """Whether its members are kept, and their coming and going is an event."""
    has_metadata: bool
    """Whether its filter asks, or once asked, for what only administrators see, such as `metadata`."""
    is_timed: bool
    """Whether time alone brings people in and out of it."""
    version: int
    created_at: str
    updated_at: str
    created_by: str
    changed_by: str
    settled: NotRequired[int]
    """The `filter_version` whose first members are all written: from then on events are no longer `bulk`."""
    evaluated_at: NotRequired[str]
    """When everybody was last compared with it."""
    deleted_at: NotRequired[str]
    expires_at: NotRequired[int]


class Membership(Stamped):
    """That a person is in a segment, or was: `id` is `<segment id>/<user id>`. Each version has its event."""

    id: str
    segment_id: str
    segment_name: str
    """As it was then, for the event."""
    user_id: str
    entered_at: str
    left_at: NotRequired[str]
    """Of one who is not in it now."""
    bulk: NotRequired[bool]
    """Whether it was written with the first members of a filter, and not because something happened to the person."""


class CountRow(TypedDict):
    """How many people were in a segment, by the hours of a day: `id` is `count#<segment id>#<day>`. Each hour is
    an attribute of its own, `hour_00` to `hour_23` in UTC."""

    schema: int
    id: str
    expires_at: int
