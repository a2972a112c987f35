"""The rows of the table `insights`.

Tallies and roll-ups also have an attribute for each counter, whose name is no fixed one: `2026-03-01T10/sign_ins` in a
tally, `sign_ins` in a roll-up. `model` reads them.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class TallyRow(TypedDict):
    """A tally, `tally#0` to `tally#7`. `changes` grows with each write, and is the condition of emptying it."""

    id: str
    schema: int
    changes: int


class RollUpRow(TypedDict):
    """What was rolled up: `hour#2026-03-01T10`, `day#2026-03-01`, `month#2026-03` or `total`."""

    id: str
    schema: int
    expires_at: NotRequired[int]
    """Of an hour, in epoch seconds."""


class CountedEvent(TypedDict):
    """That an event was counted: `seen#` and its id."""

    id: str
    schema: int
    expires_at: int
    """Epoch seconds."""


class ActivePerson(TypedDict):
    """The days of a month on which one person signed in: `active#2026-03#` and a digest of month and person. For each
    day it also has an attribute such as `day_01`, the digest of the event that was counted first."""

    id: str
    schema: int
    expires_at: int
    """Epoch seconds."""
