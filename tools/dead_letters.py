"""`make dead-letters [STAGE=…] [BODY=yes]`: lists what could not be processed, of every queue of a stage.

Listing removes nothing. Each message is received, is hidden from other receivers while it is listed and for
`HIDDEN_SECONDS` at most, and becomes visible again.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import DEAD_LETTERS
from tools import cloud, operate
from tools.console import main_of, say
from tools.parked import DeadLetter, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.stage import Stage

HIDDEN_SECONDS = 30
LISTED = 50
"""Messages that are listed of one queue. One fault parks many similar messages, so the first ones show what it is."""

AT_ONCE = 10
"""The most messages that SQS sends or takes in one call."""

EMPTY_RECEIVES = 2
"""Empty answers in a row after which a queue counts as empty. SQS may answer with no message although it has some; a
longer wait makes that rarer:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html"""


def url_of(stage: Stage, queue: str) -> str:
    return str(cloud.client("sqs").get_queue_url(QueueName=stage.names.of(queue))["QueueUrl"])


def count(url: str) -> int:
    """About how many messages a queue holds, whether waiting, hidden or delayed."""
    states = ("", "NotVisible", "Delayed")
    attribute_names = [f"ApproximateNumberOfMessages{name}" for name in states]
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=attribute_names)[
        "Attributes"
    ]
    return sum(int(attributes[name]) for name in attribute_names)


@contextmanager
def held(stage: Stage, queue: str, *, most: int, seconds: int) -> Iterator[list[DeadLetter]]:
    """Up to `most` messages of a queue, oldest first. They are hidden from other receivers while the block runs, and
    for `seconds` at most. Messages that are still in the queue after the block become visible again."""
    sqs, url = cloud.client("sqs"), url_of(stage, queue)
    letters_by_id: dict[str, DeadLetter] = {}
    try:
        empty = 0
        while len(letters_by_id) < most and empty < EMPTY_RECEIVES:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(AT_ONCE, most - len(letters_by_id)),
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
                VisibilityTimeout=seconds,
                WaitTimeSeconds=1 if count(url) > len(letters_by_id) else 0,
            )
            messages = answer.get("Messages", [])
            empty = 0 if messages else empty + 1
            letters_by_id |= {message["MessageId"]: read(queue, message) for message in messages}
        yield sorted(letters_by_id.values(), key=lambda letter: letter.sent_at)
    finally:
        _show_again(url, [letter.receipt for letter in letters_by_id.values()])


def _show_again(url: str, receipts: list[str]) -> None:
    """Make messages visible again. SQS refuses this for messages that were deleted meanwhile, which does no harm."""
    for start in range(0, len(receipts), AT_ONCE):
        entries: list[dict[str, Any]] = [
            {"Id": str(position), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for position, receipt in enumerate(receipts[start : start + AT_ONCE])
        ]
        cloud.client("sqs").change_message_visibility_batch(QueueUrl=url, Entries=entries)


def show(stage: Stage, *, bodies: bool) -> None:
    """Print every dead-letter queue of the stage."""
    say(
        f"Dead letters of stage {stage.name}. Nothing is taken away; what is listed is hidden from others for a moment,"
    )
    say(f"{HIDDEN_SECONDS} s at most.")
    empty = [queue for queue in DEAD_LETTERS if not show_queue(stage, queue, bodies=bodies)]
    if empty:
        say(f"\nempty: {', '.join(empty)}")


def show_queue(stage: Stage, queue: str, *, bodies: bool) -> bool:
    """Print one dead-letter queue by its short name; nothing, and False, where it is empty."""
    total = count(url_of(stage, queue))
    if not total:
        return False
    with held(stage, queue, most=LISTED, seconds=HIDDEN_SECONDS) as letters:
        say()
        for line in lines(queue, total, letters, datetime.now(UTC), bodies=bodies):
            say(line)
    return True


def lines(queue: str, total: int, letters: list[DeadLetter], now: datetime, *, bodies: bool) -> Iterator[str]:
    """What is printed of one queue."""
    oldest = f", the oldest {age(now - letters[0].sent_at)} old" if letters else ", all of them hidden just now"
    yield f"{queue}: {max(total, len(letters))}{oldest}    make redrive QUEUE={queue.removesuffix('-dlq')}"
    for letter in letters:
        tried = f", tried {letter.times} ×" if letter.times else ""
        yield f"  {letter.sent_at:%Y-%m-%d %H:%M:%S} UTC  {letter.source}{tried}: {letter.reason}"
        keys = " ".join(f"{name}={value}" for name, value in letter.keys.items())
        yield f"      {keys or 'no keys'}   (message {letter.id})"
        if bodies:
            yield f"      {letter.body}"
    if total > len(letters) > 0:
        yield f"  … and {total - len(letters)} more"


def age(span: Any) -> str:
    """A time span in its largest unit."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def main() -> None:
    show(operate.chosen(sys.argv[1]), bodies=os.environ.get("BODY") == "yes")


if __name__ == "__main__":
    main_of(main)
