"""`make redrive QUEUE=mail [STAGE=…]`: what could not be processed is tried again, once its cause is mended.

A queue's messages go back to their queue, by SQS's own redrive. The other two dead-letter queues have none to go back
to: `tools/recovering.py` recovers their messages one by one. What was redriven is gone from there; what cannot be
stays, and is told with the reason.
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
"""As long as a function may run; messages that stay are shown again at the end."""

RECOVERED_AT_ONCE = 100
WATCHED_SECONDS = 60.0
POLL_SECONDS = 0.5

UNKNOWN_CALL = "InvalidAction"
"""What the local cloud answers to SQS's redrive."""


def redrive(stage: Stage, queue: str, watched_seconds: float = WATCHED_SECONDS) -> None:
    """Redrive a dead-letter queue of the stage, by its short name, and print what became of it within so many seconds.
    Raises Problem where SQS's redrive fails."""
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
                done = recover(stage, letter)
            except Problem as problem:
                unrecovered += 1
                say(f"  kept      {letter.source} {letter.id}: {problem}")
                continue
            sqs.delete_message(QueueUrl=url, ReceiptHandle=letter.receipt)
            say(f"  redriven  {letter.source} {letter.id}: {done}")
    say(f"  {len(letters) - unrecovered} redriven, {unrecovered} kept; {queue} holds {count(url)} now")


def _send_back(stage: Stage, queue: str, watched_seconds: float) -> None:
    """Messages that can never succeed come back at once, so the queue is watched until it has been worked through."""
    source = queue.removesuffix("-dlq")
    try:
        moved = _by_sqs(_arn(stage, queue), _arn(stage, source))
    except ClientError as error:
        if error.response["Error"]["Code"] != UNKNOWN_CALL:
            raise
        moved = _by_hand(stage, queue, source)
    say(f"  {moved} sent back to {source}; waiting until they were tried")
    deadline = time.monotonic() + watched_seconds
    while (waiting := count(url_of(stage, source))) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if waiting:
        say(f"  {source} still holds {waiting}; look again later: make dead-letters STAGE={stage.name}")
    if not show_queue(stage, queue, bodies=False):
        say(f"  nothing came back: {queue} is empty")


def _by_sqs(dead: str, source: str) -> int:
    """Move the messages that are there now, and no more: a message that comes back must not go round and round. The
    destination is named, because SQS knows it of what it moved itself alone."""
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


def _by_hand(stage: Stage, queue: str, source: str) -> int:
    """The same where SQS cannot: sent first, then deleted, so that nothing is lost in between."""
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
