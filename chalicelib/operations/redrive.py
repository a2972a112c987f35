"""Tries dead letters again, once their cause is mended.

The messages of a queue go back to it. Each is sent first and deleted afterwards, so that none is lost, and at most as
many as are there now: one that comes back does not go round in circles. SQS has a redrive of its own, which can do
neither with messages that are chosen, and which asks for the same permissions and more. Two dead-letter queues have no
queue to send messages back to: `recovery` recovers these one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, logs, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import RollcallError
from chalicelib.core.names import PARKED
from chalicelib.core.settings import settings
from chalicelib.operations.dead_letter import dead_letter_queue
from chalicelib.operations.holding import AT_ONCE, count, holding
from chalicelib.operations.listing import LOOKED_THROUGH
from chalicelib.operations.recovery import recover

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.operations.dead_letter import DeadLetter

HIDDEN_SECONDS = 900
"""The longest time that a function may run. Messages that stay become visible again at the end."""

WORKING_SECONDS = 18.0
"""After which no further message is begun: whoever asked over HTTP waits for it."""


def redrive(name: str, *, ids: Collection[str] = (), most: int | None = None) -> dict[str, Any]:
    """Try what is in a dead-letter queue again, by its short name: the messages of these ids, or up to `most`, or all
    that is there now.

    `{queue, redriven, outcomes, kept, left}`: how many went, what became of those of `streams` and `invocations`, which
    stay and why, and how many messages the queue holds now. A function has eighteen seconds for it: where it holds more
    than it kept, ask again. Raises NotFound where there is no such queue.
    """
    queue = dead_letter_queue(name)
    waiting = count(queue)
    chosen = frozenset(ids)
    work = Redrive(queue, most=len(chosen) if chosen else min(waiting, most or waiting))
    until = clock.running() + WORKING_SECONDS
    with holding(queue, seconds=HIDDEN_SECONDS) as held:
        for letters in held.receive(min(waiting, LOOKED_THROUGH) if chosen else work.most, until):
            for some in work.rounds([letter for letter in letters if not chosen or letter.id in chosen]):
                if clock.running() < until:
                    held.delete(work.try_again(some))
            if work.is_done:
                break
    logs.info("redriven", queue=queue, redriven=work.redriven, kept=len(work.kept))
    return {
        "queue": queue.removesuffix("-dlq"),
        "redriven": work.redriven,
        "outcomes": work.outcomes,
        "kept": work.kept,
        "left": count(queue),
    }


class Redrive:
    """One redrive, and how far it is."""

    def __init__(self, queue: str, most: int) -> None:
        self.most = most
        self.redriven = 0
        self.outcomes: list[dict[str, str]] = []
        self.kept: list[dict[str, str]] = []
        self._queue = queue
        self._tried: set[str] = set()

    @property
    def is_done(self) -> bool:
        return len(self._tried) >= self.most

    def rounds(self, letters: list[DeadLetter]) -> list[list[DeadLetter]]:
        """What is tried at once, of messages that were received together: a message is sent in no time, and recovering
        one may take minutes. Each is tried once, and no more of them than were to be."""
        new = {letter.id: letter for letter in letters if letter.id not in self._tried}
        selected = list(new.values())[: self.most - len(self._tried)]
        return [[letter] for letter in selected] if self._queue in PARKED else [selected]

    def try_again(self, letters: list[DeadLetter]) -> list[DeadLetter]:
        """Try messages again. Returns those that may be deleted."""
        self._tried |= {letter.id for letter in letters}
        results = in_parallel(self._result, letters, AT_ONCE)
        done = [letter for letter, result in zip(letters, results, strict=True) if isinstance(result, str)]
        for letter, result in zip(letters, results, strict=True):
            about = {"id": letter.id, "source": letter.source}
            if isinstance(result, RollcallError):
                self.kept.append({**about, "reason": result.detail})
            elif result:
                self.outcomes.append({**about, "outcome": result})
        self.redriven += len(done)
        return done

    def _result(self, letter: DeadLetter) -> str | RollcallError:
        """What was done with it, if there is more to say than that it was sent back, or why it stays."""
        try:
            return recover(letter) if self._queue in PARKED else self._send_back(letter)
        except RollcallError as error:
            return error

    def _send_back(self, letter: DeadLetter) -> str:
        clients.client("sqs").send_message(
            QueueUrl=settings().queue_url(self._queue.removesuffix("-dlq")),
            MessageBody=wire.escaped(letter.body),
            MessageAttributes=letter.attributes,
        )
        return ""
