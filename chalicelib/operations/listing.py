"""What lies in dead-letter queues, and why."""

from __future__ import annotations

from typing import Any

from chalicelib.core import clock
from chalicelib.core.errors import NotFound
from chalicelib.operations import stage_map
from chalicelib.operations.dead_letter import DeadLetter, dead_letter_queue
from chalicelib.operations.holding import count, holding

HIDDEN_SECONDS = 30
"""The longest that a listed message is hidden from other receivers."""

LISTING_SECONDS = 15.0
"""After which no more messages are received: whoever asks over HTTP waits for it."""

LOOKED_THROUGH = 1000
"""Messages among which one is looked for. SQS knows no message by its id."""

CONTENTS_BYTES = 256 * 1024
"""Of a body, as far as it is shown."""


def list_all(limit: int) -> list[dict[str, Any]]:
    """Every dead-letter queue, `{queue, count, letters}`, with up to `limit` messages of each."""
    until = clock.running() + LISTING_SECONDS
    return [list_queue(queue, limit, until) for queue in stage_map.names("dead_letters")]


def list_queue(name: str, limit: int, until: float | None = None) -> dict[str, Any]:
    """One queue by its short name. Raises NotFound where there is none."""
    queue = dead_letter_queue(name)
    total = count(queue)
    letters: list[DeadLetter] = []
    if total:
        with holding(queue, seconds=HIDDEN_SECONDS) as held:
            for some in held.receive(min(limit, total), until or clock.running() + LISTING_SECONDS):
                letters += some
    letters = sorted({letter.id: letter for letter in letters}.values(), key=lambda letter: letter.sent_at)
    return {
        "queue": queue.removesuffix("-dlq"),
        "count": max(total, len(letters)),
        "letters": [letter.description for letter in letters],
    }


def open_letter(name: str, letter_id: str) -> dict[str, Any]:
    """One message with its contents, `body` and `attributes`. These may be personal.

    Raises NotFound where it is not among the first `LOOKED_THROUGH`.
    """
    queue = dead_letter_queue(name)
    with holding(queue, seconds=HIDDEN_SECONDS) as held:
        for some in held.receive(min(LOOKED_THROUGH, count(queue)), clock.running() + LISTING_SECONDS):
            for letter in some:
                if letter.id == letter_id:
                    return {**letter.description, **_contents(letter)}
    raise NotFound("there is no such message, or it is being looked at elsewhere: try again in half a minute")


def _contents(letter: DeadLetter) -> dict[str, Any]:
    body = letter.body.encode()
    return {
        "body": body[:CONTENTS_BYTES].decode("utf-8", "ignore"),
        "is_whole": len(body) <= CONTENTS_BYTES,
        "attributes": {name: letter.attribute(name) for name in letter.attributes},
    }
