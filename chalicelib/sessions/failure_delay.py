"""The minimum time of a failed sign-in. It hides which kind of hash was computed, and whether one was computed at all.

It is only as long as the hashes of the stage need, because a failure occupies a Lambda execution for that time. The row
`dearest-hash` of `guards` says which hashes dearer than our own there may be, as `hash_notes` explains. Imports note
them there before they write the first person who has one. Each failure reads the row after it has read the password. So
a failure that has seen a dear hash has seen its note too, and from then on every failure takes as long.

Where the stage asks an old system at first sign-ins (`first_sign_in`), every failure has the time for that too, whether
it was asked for this email address or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.settings import settings
from chalicelib.passwords import policy
from chalicelib.passwords.schemes import cost
from chalicelib.sessions import hash_notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.core.aws.dynamo import Table

ROUND_ABOUT = 150
"""Milliseconds for the work of a failed sign-in besides hashing: seven or eight calls to AWS, and a margin."""

CACHED_SECONDS = 60
"""How long a process uses the row for what need not be exact."""

KEY = {"id": "dearest-hash"}


class DearestHash:
    """How many milliseconds the slowest hash takes that the stage has."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards
        self._noted: dict[str, int] = {}
        self._milliseconds = 0
        self._read_at: int | None = None

    def note(self, hashes: Iterable[str]) -> None:
        """Note those of these hashes that are dearer than our own, before they are stored. One write; none where this
        process noted as much within the hour, or where there is nothing to note."""
        now = clock.epoch()
        names = hash_notes.names_of(hashes)
        if all(self._noted.get(name, 0) > now - hash_notes.RENEWED_SECONDS for name in names):
            return
        self._guards.update(KEY, set={"schema": records.SCHEMA, **dict.fromkeys(names, now)})
        self._noted |= dict.fromkeys(names, now)

    def milliseconds(self) -> int:
        """The time of the stage's slowest hash as it is now: one consistent read."""
        noted = hash_notes.dearest(self._guards.get(KEY) or {})
        own = cost.milliseconds(policy.dummy_hash())
        if own > max(noted, cost.OWN):
            # The settings ask for more than they do by default. They may ask for less again one day.
            self.note([policy.dummy_hash()])
        self._milliseconds, self._read_at = max(noted, own), clock.epoch()
        return self._milliseconds

    def recent_milliseconds(self) -> int:
        """The same, as it was at most a minute ago."""
        if self._read_at is None or clock.epoch() - self._read_at >= CACHED_SECONDS:
            return self.milliseconds()
        return self._milliseconds


def floor_milliseconds(hashes: int) -> int:
    """The minimum time of a failure that computes so many hashes, for every email address alike: from the settings, or
    else computed from the slowest hash of the stage. To be asked after everything else has been read."""
    return _floor(lambda: dearest_hash().milliseconds(), hashes)


def recent_floor_milliseconds(hashes: int) -> int:
    """The same, as it was at most a minute ago: for limits, and not for an answer."""
    return _floor(lambda: dearest_hash().recent_milliseconds(), hashes)


def _floor(milliseconds: Callable[[], int], hashes: int) -> int:
    configured, old_system = settings().failed_sign_in_milliseconds, settings().asked_first
    if configured >= 0:
        return configured
    if not hashes:
        return ROUND_ABOUT
    return ROUND_ABOUT + hashes * milliseconds() * 5 // 4 + (old_system.milliseconds if old_system else 0)


@clients.once
def dearest_hash() -> DearestHash:
    """The slowest hash of this stage."""
    return DearestHash(clients.table("guards"))
