"""The least time that a failed sign-in takes, so that it does not tell which hash was computed, or whether any was.

It is no longer than the dearest hash of the stage needs, because a failure holds an execution as long. Imports keep the
figure, in `guards`: it is written before the first person with such a hash is there, and only where it grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, Table, absent
from chalicelib.core.settings import settings
from chalicelib.passwords import policy
from chalicelib.passwords.schemes import cost

if TYPE_CHECKING:
    from collections.abc import Iterable

ROUND_ABOUT = 190
"""Milliseconds for what a failure does beside hashing: five or six calls, and a margin."""

CACHED_SECONDS = 60
"""How long a process goes on with the figure that it read."""

_KEY = {"id": "dearest-hash"}


class DearestHash:
    """The figure that imports keep: milliseconds of the dearest hash that they brought."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards
        self._milliseconds = 0
        self._read_at: int | None = None

    def note(self, hashes: Iterable[str]) -> None:
        """Keep that these hashes are about to be there: one write where one is dearer than all that this process has
        noted, and none for hashes like our own."""
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
        """The figure, as read at most a minute ago; what one of our own hashes costs where there is none."""
        if self._read_at is None or clock.epoch() - self._read_at >= CACHED_SECONDS:
            self._milliseconds = int((self._guards.get(_KEY) or {}).get("milliseconds", 0))
            self._read_at = clock.epoch()
        return max(self._milliseconds, cost.milliseconds(policy.dummy_hash()))


def floor_milliseconds() -> int:
    """How long a failed sign-in takes at least: what the settings say, and else what the dearest hash needs."""
    configured = settings().failed_sign_in_milliseconds
    return configured if configured >= 0 else ROUND_ABOUT + dearest_hash().milliseconds() * 5 // 4


@clients.once
def dearest_hash() -> DearestHash:
    """The stage's figure."""
    return DearestHash(clients.table("guards"))
