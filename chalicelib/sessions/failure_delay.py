"""The minimum time of a failed sign-in. It hides which kind of hash was computed, and whether one was computed at all.

It is only as long as the slowest hash of the stage needs, because a failure occupies a Lambda execution for that time.
Imports store the time of the slowest hash in `guards`. They write it before they create the first person with such a
hash, and only when it grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, Table, absent
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.settings import settings
from chalicelib.passwords import policy
from chalicelib.passwords.schemes import cost

if TYPE_CHECKING:
    from collections.abc import Iterable

ROUND_ABOUT = 190
"""Milliseconds for the work of a failed sign-in besides hashing: five or six calls to AWS, and a margin."""

CACHED_SECONDS = 60
"""How long a process uses the time that it read, before it reads it again."""

_KEY = {"id": "dearest-hash"}


class DearestHash:
    """How many milliseconds the slowest hash takes that imports have brought."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards
        self._milliseconds = 0
        self._read_at: int | None = None

    def note(self, hashes: Iterable[str]) -> None:
        """Store the time of the slowest of these hashes, before they are stored themselves. One write if it is slower
        than all that this process has noted; none if no hash is slower than Rollcall's own."""
        dearest = max(map(cost.milliseconds, hashes), default=0)
        if dearest <= max(self._milliseconds, cost.OWN):
            return
        row = {"schema": records.SCHEMA, "milliseconds": dearest}
        try:
            self._guards.put({**_KEY, **row}, absent() | Attr("milliseconds").lt(dearest))
        except ConditionFailed as conflict:
            dearest = max(dearest, int((conflict.item or {}).get("milliseconds", 0)))
        self._milliseconds = dearest

    def milliseconds(self) -> int:
        """The time of the stage's slowest hash, read at most a minute ago; at least that of a hash of Rollcall's own
        scheme."""
        if self._read_at is None or clock.epoch() - self._read_at >= CACHED_SECONDS:
            self._milliseconds = int((self._guards.get(_KEY) or {}).get("milliseconds", 0))
            self._read_at = clock.epoch()
        return max(self._milliseconds, cost.milliseconds(policy.dummy_hash()))


def floor_milliseconds() -> int:
    """The minimum time of a failed sign-in: from the settings, or else computed from the slowest hash."""
    configured = settings().failed_sign_in_milliseconds
    return configured if configured >= 0 else ROUND_ABOUT + dearest_hash().milliseconds() * 5 // 4


@clients.once
def dearest_hash() -> DearestHash:
    """The slowest hash of this stage."""
    return DearestHash(clients.table("guards"))
