"""The rehearsal's own queues, which subscribe to the stage's topics as another system would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools.rehearse.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

QUEUES = {"user-events": "heard-events", "ops-alerts": "heard-alerts"}
"""Each topic, and the queue that subscribes to it."""

ONE_BY_ONE = {"bulk": [{"exists": False}]}
"""A filter policy that excludes the events of imports."""


@step(needs=("deploying",), look="the topics' policies in infra/messaging.py")
def subscribing(rehearsal: Rehearsal) -> Evidence:
    """Another system subscribes to the events.

    A queue made beside the stage gets what its filter policy asks for; another one hears the alarms, through
    the topic's own key.
    """
    sqs, sns = rehearsal.client("sqs"), rehearsal.client("sns")
    for topic, queue in QUEUES.items():
        name = rehearsal.names.of(queue)
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:{rehearsal.region}:{rehearsal.account}:{name}"
        source = f"arn:aws:sns:{rehearsal.region}:{rehearsal.account}:{rehearsal.names.of(topic)}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        attributes = {"RawMessageDelivery": "true"}
        if topic == "user-events":
            attributes |= {"FilterPolicyScope": "MessageAttributes", "FilterPolicy": json.dumps(ONE_BY_ONE)}
        sns.subscribe(TopicArn=source, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        rehearsal.facts[queue] = url
    return {"queues": list(QUEUES.values())}


def heard(rehearsal: Rehearsal, queue: str, matches: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """Receive messages from one of these queues, and return the first message so far for which `matches` is true, as
    JSON; None where there is none. All messages are kept for the next call."""
    messages_so_far: list[dict[str, Any]] = rehearsal.facts.setdefault(f"{queue} so far", [])
    sqs, url = rehearsal.client("sqs"), rehearsal.facts[queue]
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    for message in received:
        messages_so_far.append(json.loads(message["Body"]))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return next(filter(matches, messages_so_far), None)
