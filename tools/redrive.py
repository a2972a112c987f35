"""`make redrive QUEUE=mail [STAGE=…]`: tries dead letters again, once their cause is fixed.

The stage's function `operate_stage` does it, in rounds of eighteen seconds. A message that cannot be recovered stays,
and is printed with the reason.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import PARKED
from tools import cloud, operate
from tools.console import Problem, main_of, progress, say
from tools.dead_letters import asked, show_queue

if TYPE_CHECKING:
    from infra.stage import Stage

WATCHED_SECONDS = 60.0
POLL_SECONDS = 0.5


def redrive(stage: Stage, name: str, watched_seconds: float = WATCHED_SECONDS) -> None:
    """Redrive a dead-letter queue of the stage, by its short name. Prints what became of the messages within
    `watched_seconds`. Raises Problem where there is no such queue."""
    listed = asked(stage, {"do": "list", "queue": name, "limit": 1})
    queue = listed["queue"]
    if not listed["count"]:
        say(f"  {queue}-dlq is empty")
        return
    redriven, kept, left = _in_rounds(stage, queue, listed["count"])
    if f"{queue}-dlq" in PARKED:
        say(f"  {redriven} redriven, {kept} kept; {queue}-dlq holds {left} now")
        return
    say(f"  {redriven} sent back to {queue}; waiting until they were tried")
    if waiting := _waited_for(stage, queue, watched_seconds):
        say(f"  {queue} still holds {waiting}; look again later: make dead-letters STAGE={stage.name}")
    listed = asked(stage, {"do": "list", "queue": queue})
    if listed["count"]:
        show_queue(stage, listed, bodies=False)
    else:
        say(f"  nothing came back: {queue}-dlq is empty")


def _in_rounds(stage: Stage, queue: str, total: int) -> tuple[int, int, int]:
    """As many messages as there are now, and no more: one that comes back does not go round in circles. Returns how
    many went, how many were kept, and how many are there now."""
    redriven, kept, left = 0, set[str](), total
    while redriven + len(kept) < total:
        answer: dict[str, Any] = asked(stage, {"do": "redrive", "queue": queue, "most": total - redriven})
        for outcome in answer["outcomes"]:
            say(f"  redriven  {outcome['source']} {outcome['id']}: {outcome['outcome']}")
        for letter in answer["kept"]:
            if letter["id"] not in kept:
                say(f"  kept      {letter['source']} {letter['id']}: {letter['reason']}")
        redriven, left = redriven + answer["redriven"], answer["left"]
        kept |= {letter["id"] for letter in answer["kept"]}
        progress(f"redriven {redriven} of {total}")
        if not answer["redriven"]:
            break
    return redriven, len(kept), left


def _waited_for(stage: Stage, queue: str, seconds: float) -> int:
    """How many messages the queue still holds after so many seconds, or sooner none."""
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=stage.names.of(queue))["QueueUrl"]
    names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    deadline = time.monotonic() + seconds
    while True:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        waiting = sum(int(attributes[name]) for name in names)
        if not waiting or time.monotonic() >= deadline:
            return waiting
        time.sleep(POLL_SECONDS)


def main() -> None:
    if not sys.argv[2]:
        raise Problem("which queue? Name one: make redrive QUEUE=mail")
    redrive(operate.chosen(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    main_of(main)
