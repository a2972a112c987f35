"""`python -m benchmarks sweep`: what the sweep after a large import takes, by the CPU measured here and AWS's rates.

Everything but the network is real: requests are made and signed, answers parsed. They come from a stand-in whose own
CPU is taken off. Nothing was lost, so each change costs its row of the index and its row of history.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

from tests.environment import ENVIRONMENT

CHANGES = 1_200_000
MEASURED = 40_000

TABLE_UNITS = 12_000
"""Read units a second of a new on-demand table, for strongly consistent reads of 4 KB; ours are eventually consistent
and take half: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""
PARTITION_UNITS = 3_000
"""Of one partition, as an hour of a shard of the index is one:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"""
UNIT_BYTES = 8192
"""Of an eventually consistent read."""
EVENT_BYTES = 700
WAIT_SECONDS = 0.02
"""Of a call, on the slow side; reads of history wait eight at a time."""


def main(arguments: list[str]) -> int:
    """Print the arithmetic; 0 where the sweep ends within the time of one run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sweep", description=__doc__)
    parser.add_argument("--changes", type=int, default=CHANGES, help="that were imported (%(default)s)")
    changes = parser.parse_args(arguments).changes
    os.environ.update({**ENVIRONMENT, "LOGGING_LEVEL": "WARNING"})

    from chalicelib.core.aws.changes import READERS
    from chalicelib.events.missed_changes import PAGE_ROWS
    from chalicelib.events.sweep import SECONDS

    standing, cpu = _measured()
    cpu_seconds = changes * cpu
    index = changes * standing.row_bytes / UNIT_BYTES / PARTITION_UNITS
    history = changes * 0.5 / TABLE_UNITS
    pages = -(-changes // PAGE_ROWS)
    waiting = pages * WAIT_SECONDS * (2 + PAGE_ROWS / 100 / READERS)
    print(f"  {cpu * 1e6:.0f} µs of CPU for each change, on one core of this machine; {MEASURED:,} were measured")
    print(f"  {changes:,} changes: {pages:,} pages of the index, {pages * PAGE_ROWS // 100:,} reads of history")
    print(f"  {cpu_seconds:6.0f} s of CPU")
    print(f"  {index:6.0f} s at least, for the index has {PARTITION_UNITS:,} units a second in a partition")
    print(f"  {history:6.0f} s at least, for a new table has {TABLE_UNITS:,} units a second")
    print(f"  {waiting:6.0f} s of waiting, at {WAIT_SECONDS * 1000:.0f} ms a call")
    total = max(index, history, cpu_seconds + waiting)
    print(f"  {total:6.0f} s in all, of the {SECONDS} s of a run: {-(-total // SECONDS):.0f} run(s)")
    return int(total > SECONDS)


class StandIn:
    """Answers for DynamoDB: one hour of one shard of `users`, and a history that has all of it."""

    def __init__(self, changes: int) -> None:
        self.left = changes
        self.cpu = 0.0
        self.row_bytes = 0
        self._made = 0

    def answer(self, request: Any, event_name: str, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        started = time.thread_time()
        asked = json.loads(request.body)
        found = self._query(asked) if event_name.endswith("Query") else self._batch(asked)
        body = json.dumps(found).encode()
        self.cpu += time.thread_time() - started
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, _Raw(body))

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        values = [value.get("S", "") for value in asked["ExpressionAttributeValues"].values()]
        shard = next(value for value in values if "#" in value)
        if not asked["TableName"].endswith("users") or not shard.endswith("#0") or not self.left:
            return {"Items": []}
        count = min(asked["Limit"], self.left)
        self.left -= count
        rows = [self._row(shard, self._made + number) for number in range(count)]
        self._made += count
        self.row_bytes = len("".join(name + next(iter(value.values())) for name, value in rows[0].items()))
        return {"Items": rows, **({"LastEvaluatedKey": rows[-1]} if self.left else {})}

    def _row(self, shard: str, number: int) -> dict[str, Any]:
        moment = f"{shard.partition('#')[0]}:30:00.000Z"
        texts = {"id": f"01J{number:023d}", "changed_hour": shard, "updated_at": moment}
        return {**{name: {"S": text} for name, text in texts.items()}, "version": {"N": "1"}}

    def _batch(self, asked: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = asked["RequestItems"].items()
        more = {"event": {"S": "x" * EVENT_BYTES}, "type": {"S": "user.imported"}, "schema": {"N": "1"}}
        more |= {"recorded_at": {"S": "T" * 60}, "feed_shard": {"S": "T" * 15}, "expires_at": {"N": "1800000000"}}
        return {"Responses": {table: [{**key, **more} for key in wanted["Keys"]]}, "UnprocessedKeys": {}}


class _Raw:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body


def _measured() -> tuple[StandIn, float]:
    """The stand-in, and the CPU seconds of one change."""
    from chalicelib.core import clock
    from chalicelib.core.aws import clients
    from chalicelib.events.missed_changes import beginning, publish_missed
    from chalicelib.events.store import WRITE_SECONDS

    standing = StandIn(MEASURED)
    for client in (clients.client("dynamodb"), clients.client("dynamodb", WRITE_SECONDS)):
        for operation in ("Query", "BatchGetItem"):
            client.meta.events.register(f"before-send.dynamodb.{operation}", standing.answer)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    started = time.process_time()
    with clock.held(hour):
        progress = publish_missed(
            beginning(f"{clock.timestamp(hour)[:11]}00:00:00.000Z"), clock.timestamp(hour), seconds=1
        )
    if progress.published or standing.left:
        raise RuntimeError("the stand-in was not asked as expected")
    return standing, (time.process_time() - started - standing.cpu) / MEASURED
