"""`make dead-letters [STAGE=…] [BODY=yes]`: what could not be processed, of every queue of a stage.

Looking takes nothing away: each message is received, hidden from others for as long as the listing takes and for
`HIDDEN_SECONDS` at most, then shown again.
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
"""Of one queue. Whatever broke parks much alike: the first ones say what it is."""

AT_ONCE = 10
"""SQS gives and takes no more in a call."""

EMPTY_RECEIVES = 2
"""SQS may have messages and give none, the less often the longer it is asked:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html"""


def url_of(stage: Stage, queue: str) -> str:
    return str(cloud.client("sqs").get_queue_url(QueueName=stage.names.of(queue))["QueueUrl"])


def count(url: str) -> int:
    """About how many messages a queue holds, whether waiting, hidden or delayed."""
    names = ("", "NotVisible", "Delayed")
    wanted = [f"ApproximateNumberOfMessages{name}" for name in names]
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
    return sum(int(found[name]) for name in wanted)


@contextmanager
def held(stage: Stage, queue: str, *, most: int, seconds: int) -> Iterator[list[DeadLetter]]:
    """Up to so many messages of a queue, oldest first, hidden from others while the block runs and for `seconds` at
    most. Those that are still there afterwards are shown again."""
    sqs, url = cloud.client("sqs"), url_of(stage, queue)
    found: dict[str, DeadLetter] = {}
    try:
        empty = 0
        while len(found) < most and empty < EMPTY_RECEIVES:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(AT_ONCE, most - len(found)),
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
                VisibilityTimeout=seconds,
                WaitTimeSeconds=1 if count(url) > len(found) else 0,
            )
            messages = answer.get("Messages", [])
            empty = 0 if messages else empty + 1
            found |= {message["MessageId"]: read(queue, message) for message in messages}
        yield sorted(found.values(), key=lambda letter: letter.sent_at)
    finally:
        _show_again(url, [letter.receipt for letter in found.values()])


def _show_again(url: str, receipts: list[str]) -> None:
    """Whatever was deleted meanwhile is refused, which is just right."""
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
