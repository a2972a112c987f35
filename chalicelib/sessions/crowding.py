"""How many sessions one person begins in an hour, and has at once.

Whoever has a password, or a script gone wild, could begin sessions without end, each with its row, event and mail. Both
ends cost an ordinary sign-in no call: each process counts by itself how many begin, and one session in eight, whichever
process it begins in, looks at all that are open.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import islice

from chalicelib.core import clients, clock
from chalicelib.core.errors import TooManyRequests
from chalicelib.core.parallel import in_parallel
from chalicelib.sessions.store import sessions

BEGUN_PER_HOUR = 100
"""By one way, or on one known device: so whoever uses up the password's keeps nobody out of their own device, passkey
or mailbox."""

OPEN_AT_ONCE = 100
"""Beyond these, the oldest end."""

LOOKING = frozenset("0123")
"""The last letters of the ids of sessions that look: four of 32, which chance gives."""

ENDED_AT_ONCE = 500
"""More are left for the next look."""
WORKERS = 8

HOUR = 3600
REMEMBERED = 10_000
"""Counters that one process keeps."""


class Begun:
    """What this process has begun, by person."""

    def __init__(self) -> None:
        self._counters: Counter[str] = Counter()

    def count(self, key: str) -> int:
        """Count one more: how many there are now."""
        if len(self._counters) >= REMEMBERED:
            self._counters.clear()
        self._counters[key] += 1
        return self._counters[key]


def admit(user_id: str, way: str) -> None:
    """Count a session that is about to begin: no call. Raises TooManyRequests for one too many in this hour."""
    hour, into = divmod(clock.epoch(), HOUR)
    if begun().count(f"{user_id}#{way}#{hour}") > BEGUN_PER_HOUR:
        raise TooManyRequests(HOUR - into)


def make_room(user_id: str, session_id: str) -> None:
    """End the oldest sessions of somebody who has just begun this one, where they have too many. No call seven times of
    eight; then one query, and a write for each session that ends."""
    if session_id[-1] not in LOOKING:
        return
    found = sorted(
        islice(sessions().all_of(user_id), OPEN_AT_ONCE + ENDED_AT_ONCE), key=lambda row: row["created_at"]
    )
    in_parallel(partial(sessions().end, reason="revoked"), found[:-OPEN_AT_ONCE], WORKERS)


@clients.once
def begun() -> Begun:
    """What this process has begun."""
    return Begun()
