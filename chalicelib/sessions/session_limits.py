"""How many sessions one person begins in an hour, and has at once.

Whoever has a password, or a script gone wild, could begin sessions without end, each with its row, event and mail. Both
ends cost an ordinary sign-in no call: each process counts by itself how many begin, and of every ten that a person
begins in it one looks at all that are open. Which of the ten it is differs from process to process, so that one in ten
looks although each process begins a single session.
"""

from __future__ import annotations

import zlib
from functools import partial
from itertools import islice

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import TooManyRequests
from chalicelib.core.settings import settings
from chalicelib.limits import Tally
from chalicelib.sessions.store import sessions

BEGUN_PER_HOUR = 100
"""By one way, or on one known device: so whoever uses up the password's keeps nobody out of their own device, passkey
or mailbox."""

OPEN_AT_ONCE = 100
"""Beyond these, the oldest end."""

LOOKED_AT_EACH = 10
"""Sessions that one process begins for a person between two looks at all of theirs."""

ENDED_AT_ONCE = 500
"""More are left for the next look."""
WORKERS = 8

HOUR = 3600


class Begun(Tally):
    """What this process has begun, by person. `process` is its name, which Lambda gives; without one it looks at the
    tenth session first."""

    def __init__(self, process: str = "") -> None:
        super().__init__()
        self._process = process

    def is_to_look(self, user_id: str) -> bool:
        """Count a session of this person: whether it is one that looks at the others."""
        first = zlib.crc32(f"{self._process} {user_id}".encode()) if self._process else 0
        return (first + self.count(user_id)) % LOOKED_AT_EACH == 0


def admit(user_id: str, way: str) -> None:
    """Count a session that is about to begin: no call. Raises TooManyRequests for one too many in this hour."""
    hour, into = divmod(clock.epoch(), HOUR)
    if begun().count(f"{user_id}#{way}#{hour}") > BEGUN_PER_HOUR:
        raise TooManyRequests(HOUR - into)


def make_room(user_id: str) -> None:
    """End the oldest sessions of a person who has just begun another one, where they have too many. No call nine times
    of ten; then one query, and a write for each session that ends."""
    if not begun().is_to_look(user_id):
        return
    open_sessions = sorted(
        islice(sessions().all_of(user_id), OPEN_AT_ONCE + ENDED_AT_ONCE), key=lambda row: row["created_at"]
    )
    in_parallel(partial(sessions().end, reason="revoked"), open_sessions[:-OPEN_AT_ONCE], WORKERS)


@clients.once
def begun() -> Begun:
    """What this process has begun."""
    return Begun(settings().aws_lambda_log_stream_name)
