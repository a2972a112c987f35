"""A thousand item writes through every door at once, under throttles, lost answers and duplicates: what is accepted is
stored, and of each key what the rule names is left."""

from __future__ import annotations

import base64
import json
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from chalicelib import items
from chalicelib.core.aws import clients
from chalicelib.core.errors import Transient
from chalicelib.core.settings import settings
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.finish import finish_import
from chalicelib.imports.plan import plan_import
from chalicelib.imports.uploads import receive_uploads
from chalicelib.items.ingest import put_items, take_queued_items, take_streamed_items
from chalicelib.items.routes import items as routes
from tests.cloudlike import stage
from tests.functional.apps import ApiClient
from tests.functional.importing import StateMachines
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import queue_event
from tests.replies import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.cloudlike import Cloud

WRITES, KEYS = 1000, 10
AT_ONCE = 30
"""Writes of one request, batch, invocation or file."""
FAULTS = 0.3
WORKERS = 8

Document = dict[str, Any]


def a_thousand_writes(chance: random.Random) -> list[Document]:
    """Writes to ten keys at times that often tie: a tenth are deletions, some values are large or hard to send."""
    return [
        {
            "user_id": f"U{number % 2}",
            "item_key": f"k{chance.randrange(KEYS // 2)}",
            "item_id": f"W{number:04}",
            "at": f"2026-03-01T11:{chance.randrange(60):02}:00.000Z",
            **_content(number),
        }
        for number in range(WRITES)
    ]


def _content(number: int) -> Document:
    if number % 10 == 0:
        return {"item_value": None, "deleted": True}
    if number % 51 == 0:
        return {"item_value": "é" * 150_000}
    return {"item_value": {"number": number, "text": "\uffff\ufffe\u0001"}}


@pytest.fixture
def aws():
    with stage() as cloud:
        yield cloud


@pytest.mark.slow
def test_a_thousand_writes_through_every_door_end_as_the_rule_names(aws, held_clock):
    chance = random.Random(7)
    documents = a_thousand_writes(chance)
    sent = documents + chance.sample(documents, WRITES // 3)
    chance.shuffle(sent)
    doors = Doors(aws)
    batches = [
        of_one[start : start + AT_ONCE]
        for of_one in ([each for each in sent if each["user_id"] == user] for user in ("U0", "U1"))
        for start in range(0, len(of_one), AT_ONCE)
    ]
    chosen = [doors.all[number % len(doors.all)] for number in range(len(batches))]
    with one_call_at_a_time(), faults(chance), ThreadPoolExecutor(WORKERS) as pool:
        accepted = sum(pool.map(lambda door, batch: door(batch), chosen, batches))
    assert accepted == len(sent)
    last = {
        (each["user_id"], each["item_key"]): each
        for each in sorted(documents, key=lambda each: (each["at"], each["item_id"]))
    }
    rows = {(row["user_id"], row["item_key"]): row for row in aws.rows("items")}
    assert len(rows) == KEYS
    assert {key: row["item_id"] for key, row in rows.items()} == {
        key: each["item_id"] for key, each in last.items()
    }
    for key, row in rows.items():
        deleted = "deleted_at" in row
        assert deleted is bool(last[key].get("deleted"))
        assert deleted or items.value_of(row) == last[key]["item_value"]
    for queue in ("items-dlq", "streams-dlq", "invocations-dlq"):
        assert aws.take(queue) == []


class Doors:
    """Every way in: each takes documents, and says how many it accepted when it has taken them."""

    def __init__(self, aws: Cloud) -> None:
        self._aws, self._machines = aws, StateMachines(aws)
        self.all: Sequence[Callable[[list[Document]], int]] = (
            self.request,
            self.queue,
            self.stream,
            self.invocation,
            self.file,
        )

    def request(self, documents: list[Document]) -> int:
        api = ApiClient(routes)
        api.sign_in("S1", "service")
        answer = api.call("POST", "/items", {"items": documents})
        event = {"Records": self._aws.take("items")}
        until_done(lambda: take_queued_items(event))
        return int(answer.body["accepted"])

    def queue(self, documents: list[Document]) -> int:
        until_done(lambda: take_queued_items(queue_event("items", documents)))
        return len(documents)

    def stream(self, documents: list[Document]) -> int:
        arn = settings().arn("kinesis", f"stream/{settings().names.of('items')}")
        records = [
            {
                "eventSource": "aws:kinesis",
                "eventSourceARN": arn,
                "eventID": f"shard:{number}",
                "kinesis": {"data": base64.b64encode(json.dumps(each).encode()).decode()},
            }
            for number, each in enumerate(documents)
        ]
        until_done(lambda: take_streamed_items({"Records": records}))
        return len(documents)

    def invocation(self, documents: list[Document]) -> int:
        return int(until_done(lambda: put_items({"items": documents}))["accepted"])

    def file(self, documents: list[Document]) -> int:
        data = "\n".join(map(json.dumps, documents)).encode()
        record = self._machines.upload(data, f"items/{documents[0]['item_id']}.ndjson")
        version = record["s3"]["object"]["versionId"]
        until_done(lambda: receive_uploads({"Records": [record]}))
        given = next(each for each in self._machines.started() if each["version"] == version)
        plan = until_done(lambda: plan_import(given))
        (entry,) = self._machines.manifest(plan)
        counts = until_done(lambda: import_chunk(entry))["counts"]
        until_done(lambda: finish_import(given))
        return int(counts["created"] + counts["unchanged"])


def until_done(work: Callable[[], Any]) -> Any:
    """What queues, streams, state machines and callers do: the same again, until it succeeds."""
    while True:
        try:
            return work()
        except (Transient, ClientError, ConnectionError):
            continue


@contextmanager
def faults(chance: random.Random) -> Iterator[None]:
    """Of ten updates three fail: throttled before they are done, or their answer is lost afterwards."""

    def throttle(**_: Any) -> Any:
        if chance.random() > FAULTS / 2:
            return None
        return refused("ProvisionedThroughputExceededException")

    def lose(model: Any, **_: Any) -> None:
        if model.name == "UpdateItem" and chance.random() < FAULTS / 2:
            raise ConnectionError

    events = clients.client("dynamodb").meta.events
    events.register_first("before-call.dynamodb.UpdateItem", throttle)
    events.register_last("after-call.dynamodb", lose)  # after what lets the next call in
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.UpdateItem", throttle)
        events.unregister("after-call.dynamodb", lose)
