"""A stream of DynamoDB or Kinesis on the held clock, and Lambda's event source mapping of one."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from tests.simulation.sources.lambdas import ALL, Failed, Function, reported

if TYPE_CHECKING:
    from tests.simulation.sources.sqs import Queue

LONGEST_WAIT = 60
"""Seconds between two attempts of a batch. AWS says only that the waits grow exponentially."""


@dataclass(frozen=True)
class Record:
    """One record: its place in the order, what orders it with others (a key), and what Lambda hands over."""

    sequence: int
    key: str
    at: datetime
    data: dict[str, Any]


@dataclass
class Batch:
    records: list[Record]
    attempts: int = 0


@dataclass
class Lane:
    """One of the batches that a shard has in work at once: records of one key are always in the same."""

    unread: list[Record] = field(default_factory=list)
    pending: list[Batch] = field(default_factory=list)
    not_before: datetime | None = None


@dataclass
class StreamMapping:
    """Lambda reads one shard, in order: a batch is repeated until it succeeds or is given up, and holds up what is
    behind it.

    * `bisect`: a batch that failed is split in two before it is tried again, which is no retry.
    * `retries` and `max_age`: after so many retries, or that old, records are given up; None is no limit.
    * What is given up is told to `on_failure` by its place in the stream, without its data.
    * With `report_failures` the lowest sequence number that the function names is the checkpoint: only what is from
      there on is tried again, unsplit.
    * What is older than `retention` is lost.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """

    name: str
    """The stream's ARN, and for Kinesis too what tells the two kinds apart."""
    function: Function
    batch_size: int = 100
    bisect: bool = False
    retries: int | None = None
    max_age: timedelta | None = None
    parallelism: int = 1
    report_failures: bool = False
    on_failure: Queue | None = None
    retention: timedelta = timedelta(hours=24)
    lost: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._sequences = count(100)
        self._lanes = [Lane() for _ in range(self.parallelism)]

    def put(self, key: str, data: dict[str, Any]) -> None:
        """Add a record to the stream; it gets the next sequence number."""
        record = Record(next(self._sequences), key, clock.now(), data)
        self._lanes[zlib.crc32(key.encode()) % self.parallelism].unread.append(record)

    def poll(self) -> bool:
        """One batch of each lane that has one: whether there was any."""
        return sum(self._step(lane) for lane in self._lanes) > 0

    def drop(self) -> int:
        """Lose everything that is in the stream: how many records."""
        gone = [record for lane in self._lanes for record in _all(lane)]
        self.lost += gone
        self._lanes = [Lane() for _ in range(self.parallelism)]
        return len(gone)

    @property
    def next_at(self) -> datetime | None:
        """When the next batch is due."""
        due = [lane.not_before or clock.now() for lane in self._lanes if lane.pending or lane.unread]
        return min(due, default=None)

    def _step(self, lane: Lane) -> bool:
        if lane.not_before and lane.not_before > clock.now():
            return False
        if not lane.pending and lane.unread:
            lane.pending.append(Batch(lane.unread[: self.batch_size]))
            del lane.unread[: self.batch_size]
        if not lane.pending:
            return False
        batch = lane.pending.pop(0)
        self._forget_old(batch)
        if batch.records:
            lane.not_before = None
            lane.pending[:0] = self._after(batch, lane)
        return True

    def _after(self, batch: Batch, lane: Lane) -> list[Batch]:
        """Invoke the function with a batch: what of it is still to be done."""
        try:
            answer = self.function.invoke({"Records": [self._lambda_record(record) for record in batch.records]})
        except Failed:
            failed, is_told = ALL, False
        else:
            if not self.report_failures:
                return []
            failed = reported(answer, [str(record.sequence) for record in batch.records])
            is_told = failed is not ALL
        if is_told:
            if not failed:
                return []
            checkpoint = min(map(int, failed))
            batch = Batch([record for record in batch.records if record.sequence >= checkpoint], batch.attempts)
        if self.bisect and not is_told and len(batch.records) > 1:
            middle = len(batch.records) // 2
            return [Batch(part, batch.attempts) for part in (batch.records[:middle], batch.records[middle:])]
        batch.attempts += 1
        if self.retries is not None and batch.attempts > self.retries:
            self._give_up(batch.records, "RetryAttemptsExhausted", batch.attempts)
            return []
        lane.not_before = clock.now() + timedelta(seconds=min(2 ** (batch.attempts - 1), LONGEST_WAIT))
        return [batch]

    def _forget_old(self, batch: Batch) -> None:
        """Drop what is past the stream's retention, and give up what is past the mapping's age."""
        lost = [record for record in batch.records if clock.now() - record.at >= self.retention]
        self.lost += lost
        batch.records = batch.records[len(lost) :]
        if self.max_age is not None:
            old = [record for record in batch.records if clock.now() - record.at > self.max_age]
            batch.records = batch.records[len(old) :]
            if old:
                self._give_up(old, "RecordAgeExceeded", batch.attempts)

    def _give_up(self, records: list[Record], condition: str, invocations: int) -> None:
        if self.on_failure is None:
            return
        info = {
            "shardId": "shardId-0",
            "startSequenceNumber": str(records[0].sequence),
            "endSequenceNumber": str(records[-1].sequence),
            "approximateArrivalOfFirstRecord": clock.timestamp(records[0].at),
            "approximateArrivalOfLastRecord": clock.timestamp(records[-1].at),
            "batchSize": len(records),
            "streamArn": self.name,
        }
        kind = "KinesisBatchInfo" if ":kinesis:" in self.name else "DDBStreamBatchInfo"
        self.on_failure.send(
            {
                "requestContext": {
                    "functionArn": self.function.name,
                    "condition": condition,
                    "approximateInvokeCount": invocations,
                },
                "version": "1.0",
                "timestamp": clock.timestamp(),
                kind: info,
            }
        )

    def _lambda_record(self, record: Record) -> dict[str, Any]:
        """Its data with the sequence number where each kind has it."""
        sequence, part = str(record.sequence), "kinesis" if "kinesis" in record.data else "dynamodb"
        name = "sequenceNumber" if part == "kinesis" else "SequenceNumber"
        return dict(json.loads(json.dumps({**record.data, part: {**record.data.get(part, {}), name: sequence}})))


def _all(lane: Lane) -> list[Record]:
    return [record for batch in lane.pending for record in batch.records] + lane.unread
