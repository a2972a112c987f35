"""The sweep: what changed and is not in history is published, so that a lost stream loses no change.

A stream is lost where its consumer is down for longer than the 24 hours that DynamoDB keeps it, or where its table
is restored. The index of changes by hour tells what changed, without a scan. Each change is looked at once, when
history is beyond it: a row of `guards` holds where the sweep is, so the next run goes on where one ended or crashed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clock, logs
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent
from chalicelib.core.errors import Unavailable
from chalicelib.events.missed_changes import beginning, publish_missed
from chalicelib.events.watermark import settled_until

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item, Table
    from chalicelib.events.missed_changes import Positions

FIRST = timedelta(hours=2)
"""What the first run of a stage looks back."""

SECONDS = 600
"""After which a run begins no further page: its function has 900, and a page takes less than a second."""

CLAIM_SECONDS = 60
"""A run renews its claim after each page, and after a crash Lambda invokes again in a minute."""


def publish_missed_changes() -> int:
    """Publish what was missed since the last run, as far as history is and as time allows: how many changes.

    Does nothing while another run goes on. Raises Unavailable where history stands still; whatever is raised, the next
    run goes on from there.
    """
    place = _Place(clients.table("guards"))
    if not place.claim():
        logs.info("sweep goes on elsewhere")
        return 0
    until = settled_until()
    if until is None:
        place.release()
        raise Unavailable("history stands still, and messages wait for it")
    walked = publish_missed(place.positions, until, seconds=SECONDS, passed=place.keep)
    place.release()
    logs.info("swept", until=until, published=walked.published, finished=walked.finished)
    return walked.published


class _Place:
    """Where the sweep is, in a row that one run at a time holds. It has no end: without it, a stage that rested for
    longer than that would begin anew, two hours back."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._until = 0
        self.positions: Positions = {}

    def claim(self) -> bool:
        """Take hold of the row and read it: False where another run has it."""
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
        self.positions = {lane: row.get(lane, start) for lane, start in beginning(row["since"]).items()}
        return True

    def keep(self, lane: str) -> None:
        """Note where a lane is, and keep hold. Raises ConditionFailed where another run has taken over."""
        self._write(clock.epoch() + CLAIM_SECONDS, {lane: self.positions[lane]})

    def release(self) -> None:
        """Note where all lanes are, and let go."""
        self._write(0, dict(self.positions))

    def _write(self, until: int, positions: Item) -> None:
        held = Attr("claimed_until").eq(self._until)
        self._table.update({"id": "sweep"}, set={**positions, "claimed_until": until}, condition=held)
        self._until = until
