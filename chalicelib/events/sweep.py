"""The sweep: it publishes changes that are not in history, so that no change is lost with a stream.

A stream is lost where its consumer is down for longer than the 24 hours that DynamoDB keeps it, or where its table
is restored. The index of changes by hour says what changed, without a scan. Each change is compared once, when the
watermark has passed it. A row of `guards` holds the position, so the next run continues where one ended or crashed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock, logs
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.errors import Unavailable
from chalicelib.events.missed_changes import beginning, publish_missed
from chalicelib.events.watermark import settled_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo import Table
    from chalicelib.events.missed_changes import Positions
    from chalicelib.events.rows import SweepRow

FIRST = timedelta(hours=2)
"""How far the first run of a stage looks back, and that of a new shard before the others."""

SECONDS = 600
"""After which a run begins no further page: its function has 900, and a page takes less than a second."""

CLAIM_SECONDS = 60
"""A run renews its claim after each page, and after a crash Lambda invokes again in a minute."""


def publish_missed_changes() -> int:
    """Publish what was missed since the last run, up to the watermark and as far as time allows, and return how many
    changes.

    It does nothing while another run goes on. Raises Unavailable where history records nothing although messages wait.
    After any error the next run continues from the same position.
    """
    position = _Position(clients.table("guards"))
    if not position.claim():
        logs.info("sweep goes on elsewhere")
        return 0
    until = settled_until()
    if until is None:
        position.release()
        raise Unavailable("history stands still, and messages wait for it")
    progress = publish_missed(position.of_lanes, until, seconds=SECONDS, passed=position.keep)
    position.release()
    logs.info("swept", until=until, published=progress.published, finished=progress.finished)
    return progress.published


def _start(stored: Positions, since: str) -> str:
    """Where a lane begins that has no position yet: at the stage's beginning; or, where a newer version has more
    shards, a while before the others, because nothing was in it before that version ran."""
    if not stored:
        return since
    oldest = clock.parse(min(position["after"] for position in stored.values()))
    return max(since, clock.timestamp(oldest - FIRST))


class _Position:
    """The position of the sweep, in a row that one run at a time claims. The row does not expire: else a stage that was
    off for longer would begin anew, two hours back."""

    def __init__(self, table: Table[SweepRow]) -> None:
        self._table = table
        self._until = 0
        self.of_lanes: Positions = {}

    def claim(self) -> bool:
        """Claim the row and read it. Returns False where another run has claimed it."""
        now = clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        until = clock.epoch() + CLAIM_SECONDS
        try:
            row = self._table.update(
                {"id": "sweep"},
                set={"schema": records.SCHEMA, "claimed_until": until},
                first={"since": clock.timestamp(hour - FIRST)},
                condition=absent() | Attr("claimed_until").lte(clock.epoch()),
            )
        except ConditionFailed:
            return False
        self._until = until
        attributes = cast("Mapping[str, Any]", row)
        stored = {lane: attributes[lane] for lane in beginning("") if lane in attributes}
        self.of_lanes = {**beginning(_start(stored, row["since"])), **stored}
        return True

    def keep(self, lane: str) -> None:
        """Write the position of a lane, and renew the claim. Raises ConditionFailed where another run took over."""
        self._write(clock.epoch() + CLAIM_SECONDS, {lane: self.of_lanes[lane]})

    def release(self) -> None:
        """Write the positions of all lanes, and end the claim."""
        self._write(0, dict(self.of_lanes))

    def _write(self, until: int, positions: Positions) -> None:
        is_held = Attr("claimed_until").eq(self._until)
        self._table.update({"id": "sweep"}, set={**positions, "claimed_until": until}, condition=is_held)
        self._until = until
