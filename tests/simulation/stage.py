"""The whole app over simulated sources, set as it is deployed, and over moto's tables and buckets.

    with simulated(seed=1) as stage:
        stage.queues["items"].send({"user_id": "U1", ...})
        with stage.process.suffering(Throttled(0.3)):
            stage.settle()
        assert stage.queues["items-dlq"].bodies == []

Streams bring what the tables' writes were, topics what their subscriptions let through, and queues, topics and SES are
the simulation's own: `mails` and `published` are what was sent. The clock must be held.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend
from moto.sns.utils import FilterPolicyMatcher

import app
from chalicelib.core import clock
from chalicelib.core.aws.dynamo import to_item
from chalicelib.core.names import PARKED, QUEUES, STREAMS, TOPICS
from chalicelib.core.settings import settings
from infra.functions import in_stage
from infra.messaging import SUBSCRIPTIONS
from infra.tables import SPECS
from tests import cloudlike, system
from tests.cloudlike import NAMES
from tests.environment import ACCOUNT, REGION
from tests.functional.importing import StateMachines
from tests.simulation.process import Process, running
from tests.simulation.sources import (
    Failed,
    Function,
    Invocations,
    Queue,
    QueueMapping,
    StreamMapping,
    deployed,
    notification,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloudlike import Cloud

VIEWS = {spec.name: spec.stream for spec in SPECS if spec.stream}
ATTEMPTS = 1000
"""After which something that is repeated until it works never will."""


class Stage:
    """The stage from the tables' streams to the last consumer.

    `functions` are by the handlers' names, `queues` by their short ones, and `sources` what feeds a handler, by its
    name. `copies` (from, to) has queues and invocations duplicate and shuffle.
    """

    def __init__(self, cloud: Cloud, seed: int, copies: tuple[int, int]) -> None:
        self.cloud = cloud
        self.process = Process(seed)
        self.state_machines = StateMachines(cloud)
        self.published: list[dict[str, Any]] = []
        self.mails: Counter[str] = Counter()
        """How often SES took each mail, by our id."""
        disorder: dict[str, Any] = {"chance": Random(seed), "copies": copies} if copies != (1, 1) else {}
        self.queues: dict[str, Queue] = {}
        for name in (*PARKED, *(f"{queue}-dlq" for queue in QUEUES)):
            self.queues[name] = Queue(name, **deployed.queue_settings(name))
        for name in QUEUES:
            self.queues[name] = Queue(
                name, dead_letters=self.queues[f"{name}-dlq"], **deployed.queue_settings(name), **disorder
            )
        self.functions = {name: Function(name, getattr(app, name), self.process) for name in system.HANDLERS}
        self.sources: dict[str, Any] = {**self._stream_mappings(), **self._queue_mappings()}
        for each in in_stage(deployed.PRODUCTION):
            if each.asynchronous:
                parked = self.queues["invocations-dlq"]
                self.sources[each.name] = Invocations(
                    self.functions[each.name], deployed.retries_of(each), parked, **disorder
                )
        self._serve()

    def settle(self, within: timedelta = timedelta(days=2)) -> None:
        """Let everything happen that follows from what was done."""
        settle(_Changes(self), *self.sources.values(), within=within)

    def invoke(self, name: str, event: Any = None) -> Any:
        """Invoke a function directly, as who asks or a state machine does, again until it answers."""
        for _ in range(ATTEMPTS):
            try:
                return self.functions[name].invoke(event)
            except Failed as failed:
                last = failed
        raise last

    def collect_changes(self) -> bool:
        """Put what was written into the streams of its tables: whether anything was."""
        found = False
        for table in STREAMS:
            shard = _moto_table(table).stream_shard
            records, shard.items[:] = [one.to_json() for one in shard.items], []
            for record in _as_dynamodb_tells(records):
                found = True
                self.sources[system.STREAMS[table]].put(*_stream_record(table, record))
        return found

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table, as `Cloud.rows`, without the time that a scan takes."""
        return [to_item(item.to_json()["Attributes"]) or {} for item in _moto_table(table).all_items()]

    def lose_changes(self) -> int:
        """Lose what the streams hold, as after a day without their consumers: how many records."""
        self.collect_changes()
        return sum(self.sources[name].drop() for name in system.STREAMS.values())

    def schedule(self, name: str) -> None:
        """Have EventBridge invoke a scheduled function."""
        rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{NAMES.of(name)}"
        told = {"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
        place = {"account": ACCOUNT, "region": REGION, "time": clock.timestamp(), "resources": [rule]}
        self.sources[name].send({**told, **place})

    def redrive(self) -> None:
        """Have everything that failed come again, as an operator does: messages to their queue, asynchronous events
        to their function."""
        for name in QUEUES:
            self.queues[f"{name}-dlq"].redrive(self.queues[name])
        failed = self.queues["invocations-dlq"]
        for record, message in zip(failed.bodies, failed.messages, strict=True):
            message.deleted = True
            self.sources[record["requestContext"]["functionArn"]].send(record["requestPayload"])

    def notify(self, topic: str, message: str, number: int = 1) -> None:
        """Publish to a topic that invokes a function."""
        self.sources[system.TOPICS[topic]].send(notification(_topic_arn(topic), message, number=number))

    def _queue_mappings(self) -> dict[str, QueueMapping]:
        return {
            name: QueueMapping(
                self.queues[queue], self.functions[name], **deployed.queue_mapping_settings(deployed.BY_NAME[name])
            )
            for queue, name in system.QUEUES.items()
        }

    def _stream_mappings(self) -> dict[str, StreamMapping]:
        read = {name: _arn(table) for table, name in system.STREAMS.items()}
        read |= {
            name: settings().arn("kinesis", f"stream/{NAMES.of(stream)}") for stream, name in system.SHARDS.items()
        }
        parked = self.queues["streams-dlq"]
        return {
            name: StreamMapping(
                arn,
                self.functions[name],
                on_failure=parked,
                **deployed.stream_mapping_settings(deployed.BY_NAME[name]),
            )
            for name, arn in read.items()
        }

    def _serve(self) -> None:
        for operation, answer in {
            "SendMessage": self._send_message,
            "SendMessageBatch": self._send_messages,
            "DeleteMessageBatch": self._delete_messages,
            "GetQueueAttributes": self._count_messages,
        }.items():
            self.process.serve("sqs", operation, answer)
        self.process.serve("sns", "PublishBatch", self._publish)
        self.process.serve("sesv2", "SendEmail", self._send_email)

    def _queue(self, given: dict[str, Any]) -> Queue:
        return self.queues[given["QueueUrl"].rpartition("/")[2].removeprefix(NAMES.of(""))]

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        delay, attributes = given.get("DelaySeconds", 0), given.get("MessageAttributes", {})
        assert 0 <= delay <= 900, "SQS delays a message by 15 minutes at most"
        return {"MessageId": self._queue(given).send(given["MessageBody"], attributes=attributes, delay=delay)}

    def _send_messages(self, given: dict[str, Any]) -> dict[str, Any]:
        return _each(given["Entries"], lambda entry: self._send_message({**given, **entry}))

    def _delete_messages(self, given: dict[str, Any]) -> dict[str, Any]:
        return _each(given["Entries"], lambda entry: self._queue(given).delete(entry["ReceiptHandle"]))

    def _count_messages(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self._queue(given).messages))}}

    def _publish(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["TopicArn"] == _topic_arn("user-events")
        for entry in given["PublishBatchRequestEntries"]:
            self.published.append(json.loads(entry["Message"]))
        return _each(given["PublishBatchRequestEntries"], self.deliver)

    def deliver(self, entry: dict[str, Any]) -> None:
        """Deliver a message published to `user-events` to the queues whose subscription wants it."""
        attributes = {
            name: {"Type": value["DataType"], "Value": value["StringValue"]}
            for name, value in entry["MessageAttributes"].items()
        }
        for queue, policy in SUBSCRIPTIONS.items():
            if FilterPolicyMatcher(policy, "MessageAttributes").matches(attributes, entry["Message"]):
                self.queues[queue].send(entry["Message"])

    def _send_email(self, given: dict[str, Any]) -> dict[str, Any]:
        (tag,) = given["EmailTags"]
        self.mails[tag["Value"]] += 1
        return {"MessageId": f"ses-{tag['Value']}"}


class _Changes:
    """The source of all streams: what was written to the tables."""

    next_at = None

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def poll(self) -> bool:
        return self._stage.collect_changes()


def _as_dynamodb_tells(records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """moto tells of an update that makes an item twice: of its bare keys, then of what was set."""
    inserted: dict[str, Any] | None = None
    for record in records:
        change = record["dynamodb"]
        if inserted is not None and change["Keys"] == inserted["Keys"] == change.get("OldImage"):
            record["eventName"] = "INSERT"
            del change["OldImage"]
        inserted = change if change.get("NewImage") == change["Keys"] else None
        if inserted is None:
            yield record


def _stream_record(table: str, record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A record's key, and the record as JSON: what is binary in an image comes in base64."""
    change = {name: value for name, value in record["dynamodb"].items() if name != "ApproximateCreationDateTime"}
    told = {**record, "eventSourceARN": _arn(table), "dynamodb": change}
    return str(change["Keys"]), json.loads(json.dumps(told, default=lambda data: b64encode(data).decode()))


def _arn(table: str) -> str:
    return settings().arn("dynamodb", f"table/{NAMES.of(table)}/stream/2026-01-01T00:00:00.000")


def _topic_arn(topic: str) -> str:
    assert topic in TOPICS
    return str(settings().arn("sns", NAMES.of(topic)))


def _each(entries: list[dict[str, Any]], do: Any) -> dict[str, Any]:
    assert len(entries) <= 10, "AWS takes ten entries in a batch"
    done = [{"Id": entry["Id"], **(do(entry) or {})} for entry in entries]
    return {"Successful": done, "Failed": []}


def _moto_table(name: str) -> Any:
    return get_backend("dynamodb")[ACCOUNT][REGION].tables[NAMES.of(name)]


@contextmanager
def simulated(seed: int = 0, copies: tuple[int, int] = (1, 1)) -> Iterator[Stage]:
    """An empty stage; queues and invocations duplicate and shuffle where `copies` is more than one."""
    with cloudlike.stage() as cloud:
        for table in STREAMS:
            view = {"StreamEnabled": True, "StreamViewType": VIEWS[table]}
            _moto_table(table).set_stream_specification(view)
        stage = Stage(cloud, seed, copies)
        with running(stage.process):
            yield stage
