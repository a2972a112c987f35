"""Limits on the sessions of one person: how many begin in an hour, and how many are open at once.

Without limits, somebody with a password, or a script with a bug, could begin any number of sessions, each with a row,
an event and a mail. An ordinary sign-in needs no extra call for the limits. Each process counts in its memory how many
sessions begin. Of every ten sessions that a person begins in a process, one looks at all open sessions of the person.
Which of the ten it is differs between processes. So one in ten looks, even if each process begins only one session.
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
"""The limit of each way to sign in, and of each known device. So somebody who uses up the limit of the password does
not keep the owner from signing in on a known device, with a passkey or with a mailed code."""

OPEN_AT_ONCE = 100
"""If a person has more open sessions, the oldest ones end."""

LOOKED_AT_EACH = 10
"""Of this many sessions that a process begins for a person, one looks at all open sessions of the person."""

ENDED_AT_ONCE = 500
"""The most that one look ends. The next look ends the others."""
WORKERS = 8

HOUR = 3600


class Begun(Tally):
    """How many sessions this process has begun, by person. `process` is its name from Lambda. Without a name, the tenth
    session is the first that looks."""

    def __init__(self, process: str = "") -> None:
        super().__init__()
        self._process = process

    def is_to_look(self, user_id: str) -> bool:
        """Count a session of this person. True if it is one that looks at all open sessions."""
        first = zlib.crc32(f"{self._process} {user_id}".encode()) if self._process else 0
        return (first + self.count(user_id)) % LOOKED_AT_EACH == 0


def admit(user_id: str, way: str) -> None:
    """Count a session that is about to begin, in memory. Raises TooManyRequests if there are too many in this hour."""
    hour, seconds_into_hour = divmod(clock.epoch(), HOUR)
    if begun().count(f"{user_id}#{way}#{hour}") > BEGUN_PER_HOUR:
        raise TooManyRequests(HOUR - seconds_into_hour)


def make_room(user_id: str) -> None:
    """End the oldest sessions of a person who has just begun one, if they have too many. Nine times of ten this makes
    no call. The tenth time it is one query, and a write for each session that ends."""
    if not begun().is_to_look(user_id):
        return
    open_sessions = sorted(
        islice(sessions().all_of(user_id), OPEN_AT_ONCE + ENDED_AT_ONCE), key=lambda row: row["created_at"]
    )
    in_parallel(partial(sessions().end, reason="revoked"), open_sessions[:-OPEN_AT_ONCE], WORKERS)


@clients.once
def begun() -> Begun:
    """The counts of this process."""
    return Begun(settings().aws_lambda_log_stream_name)
