"""A message of the queue `deliveries`, as its consumer reads it, and the claim of the attempt that it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import wire
from chalicelib.core.aws.dynamo import ConditionFailed
from chalicelib.core.errors import Malformed, Unavailable
from chalicelib.tokens.jws import COMPACT
from chalicelib.webhooks import outcomes
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.queue import queue_next

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow

NOT_KEPT = frozenset({"event", "token"})
"""What of a message is in no dead letter: history has the event, and a token is signed anew."""


@dataclass(frozen=True)
class Message:
    """A message of the queue, as `queue` describes it."""

    webhook_id: str
    id: str
    tries: int
    event: Event | None = None
    asked: bool = False
    token: str = ""
    until: int = 0

    def __repr__(self) -> str:
        return f"<message of {self.webhook_id}, {self.id}>"


def without_secrets(body: str) -> str:
    """What a dead letter keeps of a message: which delivery it is about."""
    try:
        document = wire.from_json(body)
    except Malformed:
        return body
    if not isinstance(document, dict) or not NOT_KEPT & document.keys():
        return body
    return wire.to_json({name: value for name, value in document.items() if name not in NOT_KEPT})


def parsed(document: Any) -> Message:
    """The message. Raises Malformed where it names no delivery."""
    try:
        message = Message(**document)
    except TypeError as error:
        raise Malformed("the message names no delivery") from error
    keys = (message.webhook_id, message.id)
    numbers = (message.tries, message.until)
    well_formed = all(type(number) is int for number in numbers) and isinstance(message.event, dict | None)
    is_token = message.token == "" or (isinstance(message.token, str) and COMPACT.fullmatch(message.token))
    if not (well_formed and is_token and all(isinstance(key, str) and key for key in keys)):
        raise Malformed("the message names no delivery")
    return message


def claim(message: Message) -> DeliveryRow | None:
    """Claim the attempt: the delivery, or None where this attempt is not to be made. Raises Unavailable where another
    invocation is making it."""
    try:
        return deliveries().claim(message.webhook_id, message.id, message.tries)
    except ConditionFailed as conflict:
        stored = cast("DeliveryRow | None", conflict.item)
    if stored is None:
        return None
    if stored["state"] == "waiting" and stored["tries"] == message.tries:
        raise Unavailable("this delivery is being attempted")
    if stored["tries"] == message.tries + 1:
        # The invocation that made this attempt may have crashed before this.
        if stored["state"] == "waiting":
            queue_next(stored, message.event)
        outcomes.report(stored)
    return None
