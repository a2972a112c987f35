"""`make dead-letters [STAGE=…] [BODY=yes]`: lists what could not be processed, of every queue of a stage.

The stage's function `operate_stage` looks; listing removes nothing.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.errors import NotFound
from chalicelib.operations.refusals import accepted
from tools import operate
from tools.console import Problem, main_of, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from infra.stage import Stage

Listed = dict[str, Any]
"""A queue as `operate_stage` lists it: `{queue, count, letters}`."""

LISTED = 50
"""Messages that are listed of one queue."""

OPENED_MOST = 10
"""Messages of a queue whose contents are shown: each is looked for by a call of its own."""


def asked(stage: Stage, event: dict[str, Any]) -> Any:
    """What the stage's `operate_stage` answers. Raises Problem with what it refuses, or why it failed."""
    try:
        return accepted(operate.invoke(stage, "operate_stage", event))
    except NotFound as refusal:
        raise Problem(refusal.detail) from None


def show(stage: Stage, *, bodies: bool) -> None:
    """Print every dead-letter queue of the stage."""
    say(
        f"Dead letters of stage {stage.name}. Nothing is taken away; what is listed is hidden from others for a moment,"
    )
    say("30 s at most.")
    queues = asked(stage, {"do": "list", "limit": LISTED})["queues"]
    for queue in queues:
        if queue["count"]:
            show_queue(stage, queue, bodies=bodies)
    if empty := [f"{queue['queue']}-dlq" for queue in queues if not queue["count"]]:
        say(f"\nempty: {', '.join(empty)}")


def show_queue(stage: Stage, listed: Listed, *, bodies: bool) -> None:
    """Print one dead-letter queue."""
    say()
    for line in lines(listed, datetime.now(UTC)):
        say(line)
    for letter in listed["letters"][: OPENED_MOST if bodies else 0]:
        opened = asked(stage, {"do": "open", "queue": listed["queue"], "id": letter["id"]})
        say(f"  message {letter['id']} holds\n      {opened['body']}")


def lines(listed: Listed, now: datetime) -> Iterator[str]:
    """What is printed of one queue."""
    letters, total = listed["letters"], listed["count"]
    times = [clock.parse(letter["sent_at"]) for letter in letters]
    oldest = f", the oldest {age(now - times[0])} old" if letters else ", all of them hidden just now"
    yield f"{listed['queue']}-dlq: {total}{oldest}    make redrive QUEUE={listed['queue']}"
    for letter, sent_at in zip(letters, times, strict=True):
        tried = f", tried {letter['times']} ×" if letter["times"] else ""
        yield f"  {sent_at:%Y-%m-%d %H:%M:%S} UTC  {letter['source']}{tried}: {letter['reason']}"
        keys = " ".join(f"{name}={value}" for name, value in letter["keys"].items())
        yield f"      {keys or 'no keys'}   (message {letter['id']})"
    if total > len(letters) > 0:
        yield f"  … and {total - len(letters)} more"


def age(span: timedelta) -> str:
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
