"""Queues of the rehearsal's own, subscribed to the stage's topics, as any other system would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools.rehearse.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

QUEUES = {"user-events": "heard-events", "ops-alerts": "heard-alerts"}
"""The topic, and the queue that hears it."""

ONE_BY_ONE = {"bulk": [{"exists": False}]}
"""A filter policy: what an import causes is not told one by one."""


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


def heard(rehearsal: Rehearsal, queue: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The first message so far on one of these queues that is `wanted`, as JSON; what came is kept for the next
    look."""
    kept: list[dict[str, Any]] = rehearsal.facts.setdefault(f"{queue} so far", [])
    sqs, url = rehearsal.client("sqs"), rehearsal.facts[queue]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    for message in found:
        kept.append(json.loads(message["Body"]))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return next(filter(wanted, kept), None)
