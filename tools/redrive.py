"""`make redrive QUEUE=mail [STAGE=…]`: tries dead letters again, once their cause is fixed.

The messages of a queue go back to it by SQS's own redrive. Two dead-letter queues have no queue to send messages back
to: `tools/recovering.py` recovers their messages one by one. A redriven message is removed from the dead-letter queue.
A message that cannot be recovered stays, and is printed with the reason.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core.names import PARKED
from tools import cloud, operate
from tools.console import Problem, main_of, progress, say
from tools.dead_letters import count, held, show_queue, url_of
from tools.parked import dead_letter_queue
from tools.recovering import recover

if TYPE_CHECKING:
    from infra.stage import Stage

HIDDEN_SECONDS = 900
"""The longest time that a function may run. Messages that stay become visible again at the end."""

RECOVERED_AT_ONCE = 100
WATCHED_SECONDS = 60.0
POLL_SECONDS = 0.5

UNKNOWN_CALL = "InvalidAction"
"""The error code with which the local cloud answers to SQS's redrive."""


def redrive(stage: Stage, queue: str, watched_seconds: float = WATCHED_SECONDS) -> None:
    """Redrive a dead-letter queue of the stage, by its short name. Prints what became of the messages within
    `watched_seconds`. Raises Problem where SQS's redrive fails."""
    if not count(url_of(stage, queue)):
        say(f"  {queue} is empty")
    elif queue in PARKED:
        _recover_each(stage, queue)
    else:
        _send_back(stage, queue, watched_seconds)


def _recover_each(stage: Stage, queue: str) -> None:
    sqs, url, unrecovered = cloud.client("sqs"), url_of(stage, queue), 0
    with held(stage, queue, most=RECOVERED_AT_ONCE, seconds=HIDDEN_SECONDS) as letters:
        for letter in letters:
            try:
                outcome = recover(stage, letter)
            except Problem as problem:
                unrecovered += 1
                say(f"  kept      {letter.source} {letter.id}: {problem}")
                continue
            sqs.delete_message(QueueUrl=url, ReceiptHandle=letter.receipt)
            say(f"  redriven  {letter.source} {letter.id}: {outcome}")
    say(f"  {len(letters) - unrecovered} redriven, {unrecovered} kept; {queue} holds {count(url)} now")


def _send_back(stage: Stage, queue: str, watched_seconds: float) -> None:
    """Send messages back to their queue, and wait until it is empty: messages that can never succeed are back in the
    dead-letter queue by then."""
    source = queue.removesuffix("-dlq")
    try:
        moved = _move_with_sqs(_arn(stage, queue), _arn(stage, source))
    except ClientError as error:
        if error.response["Error"]["Code"] != UNKNOWN_CALL:
            raise
        moved = _move_one_by_one(stage, queue, source)
    say(f"  {moved} sent back to {source}; waiting until they were tried")
    deadline = time.monotonic() + watched_seconds
    while (waiting := count(url_of(stage, source))) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if waiting:
        say(f"  {source} still holds {waiting}; look again later: make dead-letters STAGE={stage.name}")
    if not show_queue(stage, queue, bodies=False):
        say(f"  nothing came back: {queue} is empty")


def _move_with_sqs(dead: str, source: str) -> int:
    """Move as many messages as the dead-letter queue holds now, and no more: a message that comes back must not go
    round in circles. The destination is named, because SQS knows it only of messages that SQS itself has parked."""
    sqs = cloud.client("sqs")
    sqs.start_message_move_task(SourceArn=dead, DestinationArn=source)
    while True:
        task: dict[str, Any] = sqs.list_message_move_tasks(SourceArn=dead, MaxResults=1)["Results"][0]
        moved, total = (
            task.get("ApproximateNumberOfMessagesMoved", 0),
            task.get("ApproximateNumberOfMessagesToMove"),
        )
        progress(f"moved {moved} of {total if total is not None else 'some'}")
        if task["Status"] == "FAILED":
            raise Problem(f"SQS moved {moved} and failed: {task.get('FailureReason', 'it does not say why')}")
        if task["Status"] not in {"RUNNING", "CANCELLING"}:
            say()
            return int(moved)
        if task["Status"] == "RUNNING" and total and moved >= total:
            sqs.cancel_message_move_task(TaskHandle=task["TaskHandle"])
        time.sleep(POLL_SECONDS)


def _move_one_by_one(stage: Stage, queue: str, source: str) -> int:
    """The same without SQS's redrive. Each message is sent first and deleted afterwards, so that none is lost."""
    sqs, dead, target = cloud.client("sqs"), url_of(stage, queue), url_of(stage, source)
    with held(stage, queue, most=count(dead), seconds=HIDDEN_SECONDS) as letters:
        for letter in letters:
            sqs.send_message(QueueUrl=target, MessageBody=letter.body, MessageAttributes=letter.attributes)
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter.receipt)
    return len(letters)


def _arn(stage: Stage, queue: str) -> str:
    attributes = cloud.client("sqs").get_queue_attributes(
        QueueUrl=url_of(stage, queue), AttributeNames=["QueueArn"]
    )
    return str(attributes["Attributes"]["QueueArn"])


def main() -> None:
    queue = dead_letter_queue(sys.argv[2])
    redrive(operate.chosen(sys.argv[1]), queue)


if __name__ == "__main__":
    main_of(main)
