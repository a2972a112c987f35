"""What one change costs on its way through everything built in: product.md, section 6."""

from __future__ import annotations

from chalicelib.core.aws import telemetry
from chalicelib.core.aws.dynamo import to_item
from chalicelib.events.history import record_history
from chalicelib.events.stream_changes import publish_changes
from chalicelib.insights.counting import count_events
from chalicelib.webhooks.fanout import fan_out
from tests import partiql
from tests.cloudlike import topic_messages
from tests.functional.streams import stream_event
from tests.unit.events.images import user

INDEXES = 1
"""History's feed: a put of up to 1 KB costs one unit in the table and one in the index."""

HALF_A_UNIT = 0.5
"""What reading up to 4 KB costs, of the webhooks or of a person, where it need not be consistent."""


def test_one_change_costs_one_publish_six_write_units_and_one_read(aws):
    consumers = {"history": record_history, "insights": count_events, "webhooks": fan_out}
    for queue in consumers:
        topic_messages(aws, queue)
    with telemetry.recording() as seen:
        publish_changes("users", stream_event("users", (None, user(email_verified=False, locale="en-GB"))))
    assert seen.names == ["PublishBatch"]
    taken = {queue: {"Records": aws.take(queue)} for queue in consumers}
    with telemetry.recording() as seen:
        for queue, consume in consumers.items():
            consume(taken[queue])
    assert sorted(seen.names) == ["BatchExecuteStatement", "BatchGetItem", "Query", "TransactWriteItems"]
    reads = [*seen.of("Query"), *seen.of("BatchGetItem")]
    (tables,) = (list(call.parameters["RequestItems"].values()) for call in seen.of("BatchGetItem"))
    strong = [call.parameters.get("ConsistentRead") for call in seen.of("Query")]
    assert not any([*strong, *(table["ConsistentRead"] for table in tables)])
    assert len(reads) * HALF_A_UNIT <= 1
    (inserts,), (transaction,) = seen.of("BatchExecuteStatement"), seen.of("TransactWriteItems")
    (statement,) = inserts.parameters["Statements"]
    row = to_item(partiql.inserted(statement)["Item"])
    assert sum(len(f"{name}{value}".encode()) for name, value in row.items()) <= 1024
    units = 1 + INDEXES + 2 * len(transaction.parameters["TransactItems"])
    assert units <= 6
