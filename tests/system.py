"""Who consumes what, as `app.py` declares it: for whatever runs the whole system, in functional tests and simulated.

What goes from the topic `user-events` to which queue is `infra.messaging.SUBSCRIPTIONS`.
"""

from __future__ import annotations

from typing import Any

from chalice.app import (
    DynamoDBEventConfig,
    KinesisEventConfig,
    ScheduledEventConfig,
    SNSEventConfig,
    SQSEventConfig,
)

import app
from infra.tables import SPECS
from tests.cloudlike import NAMES


def _named(kind: type, name_of: Any) -> dict[str, str]:
    """What the handlers of a kind of source read, by its short name."""
    declared = (source for source in app.app.event_sources if type(source) is kind)
    return {name_of(source).removeprefix(NAMES.of("")): source.name for source in declared}


STREAMS = _named(DynamoDBEventConfig, lambda source: source.stream_arn.split("/")[1])
"""The handlers of tables' streams, by table."""
QUEUES = _named(SQSEventConfig, lambda source: source.queue)
SHARDS = _named(KinesisEventConfig, lambda source: source.stream)
"""The handlers of Kinesis streams, by stream."""
TOPICS = _named(SNSEventConfig, lambda source: source.topic)
SCHEDULED = [source.name for source in app.app.event_sources if type(source) is ScheduledEventConfig]
INVOKED = [function.name for function in app.app.pure_lambda_functions]
"""What state machines, buckets, other functions and operators invoke by name."""
HANDLERS = [*STREAMS.values(), *QUEUES.values(), *SHARDS.values(), *TOPICS.values(), *SCHEDULED, *INVOKED]

KEYS = {spec.name: [key for key in (spec.partition, spec.sort) if key] for spec in SPECS}
"""The attributes of each table's key."""


def invoke(handler: str, event: Any) -> Any:
    """Call a handler as Lambda does: its answer."""
    return getattr(app, handler)(event, None)


def consume(queue: str, event: dict[str, Any]) -> None:
    """Hand an SQS event to whoever consumes the queue."""
    invoke(QUEUES[queue], event)
