"""One signed attempt of a delivery: claim it, send the event, record the answer, plan the next attempt.

The claim keeps duplicates of a message from becoming duplicate requests. After a crash before the answer is recorded
the claim expires, and the attempt is made again, with the same `webhook-id`. An endpoint has a few slots, one for each
request at a time, so that a slow or dead endpoint takes no more of the consumer than these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from chalicelib import accounts, events, mail
from chalicelib.core import (
    clock,
    context,
    logs,
    wire,
)
from chalicelib.core.aws import batch
from chalicelib.core.aws.dynamo import ConditionFailed
from chalicelib.core.errors import Malformed, Unavailable
from chalicelib.core.settings import settings
from chalicelib.webhooks import model
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.exchange import Outcome, not_sent, send
from chalicelib.webhooks.queue import queue_next
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow, State, WebhookRow

GONE = "it answered 410 Gone"
FAILING = f"it has failed for {model.FAILING_DAYS} days"


def attempt_deliveries(event: dict[str, Any]) -> None:
    """Handle a batch of the queue `deliveries`."""
    batch.from_queue("deliveries", event, lambda message: _attempt(_parsed(message.json())), redact=_without_event)


def _without_event(body: str) -> str:
    """What a dead letter keeps of a message: which delivery it is about. It does not need the event, which history
    has."""
    try:
        document = wire.from_json(body)
    except Malformed:
        return body
    if not isinstance(document, dict) or "event" not in document:
        return body
    return wire.to_json({name: value for name, value in document.items() if name != "event"})


@dataclass(frozen=True)
class _Message:
    """A message of the queue, as `queue` describes it."""

    webhook_id: str
    id: str
    tries: int
    event: Event | None = None
    asked: bool = False


def _parsed(document: Any) -> _Message:
    try:
        message = _Message(**document)
    except TypeError as error:
        raise Malformed("the message names no delivery") from error
    keys = (message.webhook_id, message.id)
    well_formed = type(message.tries) is int and isinstance(message.event, dict | None)
    if not (well_formed and all(isinstance(key, str) and key for key in keys)):
        raise Malformed("the message names no delivery")
    return message


def _attempt(message: _Message) -> None:
    delivery = _claim(message)
    if delivery is None:
        return
    webhook = webhooks().find(message.webhook_id)
    if webhook is None or not webhook["enabled"]:
        reason = "the webhook is disabled" if webhook else "the webhook was removed"
        deliveries().record(delivery, not_sent(reason).record, "failed")
        return
    if model.is_for_former_url(webhook, delivery):
        deliveries().record(delivery, not_sent("the webhook's URL was changed since the replay").record, "failed")
        return
    event = message.event if _is_of(message.event, delivery) else deliveries().event(delivery)
    if event is None:
        _settle(message, delivery, not_sent("history does not have the event"))
        return
    slot = _take_slot(message, delivery, webhook)
    if not slot:
        return
    erased = events.tombstones([delivery["subject"]])
    with context.working_for(str(event.get("requestid", ""))):
        outcome = send(webhook, delivery["id"], events.without_the_erased(event, erased))
        if erased:
            outcome.record.pop("response", None)  # it may repeat what an earlier attempt sent
        _settle(message, delivery, outcome)
        _rate(webhook, slot, outcome)


def _is_of(event: Event | None, delivery: DeliveryRow) -> bool:
    """Whether this is exactly the event of the delivery: no other one may be signed for it."""
    return event is not None and model.event_digest(event) == delivery.get("digest")


def _take_slot(message: _Message, delivery: DeliveryRow, webhook: WebhookRow) -> str:
    """Take a slot of the endpoint for this attempt. Returns empty where none is free: the attempt is postponed."""
    wait = timedelta() if message.asked else model.rest_left(webhook)
    if not wait:
        slot = webhooks().take_slot(webhook, delivery["id"], in_turn=not message.asked)
        if slot:
            return slot
    elif model.is_probed(webhook.get("failures", 0)):
        wait = model.WAIT_FOR_PROBE
    postponed = deliveries().postpone(delivery, wait + model.spread(delivery["id"]))
    queue_next(postponed, message.event, on_demand=message.asked)
    return ""


def _claim(message: _Message) -> DeliveryRow | None:
    """Claim the attempt: the delivery, or None where this attempt is not to be made. Raises Unavailable where another
    invocation is making it."""
    try:
        return deliveries().claim(message.webhook_id, message.id, message.tries)
    except ConditionFailed as conflict:
        stored = cast("DeliveryRow | None", conflict.item)
    if stored is None or stored["state"] != "waiting":
        return None
    if stored["tries"] == message.tries:
        raise Unavailable("this delivery is being attempted")
    if stored["tries"] == message.tries + 1:
        queue_next(stored, message.event)  # the invocation that made this attempt may have crashed before this
    return None


def _settle(message: _Message, delivery: DeliveryRow, outcome: Outcome) -> None:
    """Record the attempt, and queue the next one where it is due soon."""
    verdict, record = model.verdict(outcome.status), outcome.record
    delay = None
    if verdict == "failed":
        delay = model.next_delay(delivery["id"], delivery["tries"] + 1, outcome.retry_after)
    state: State = "delivered" if verdict == "delivered" else "waiting" if delay else "failed"
    queue_next(deliveries().record(delivery, record, state, delay), message.event)
    logged = {name: value for name, value in record.items() if name in {"status", "error", "milliseconds"}}
    logs.info("delivery attempted", webhook=delivery["webhook_id"], delivery=delivery["id"], state=state, **logged)
    logs.count("Deliveries", outcome=verdict)


def _rate(webhook: WebhookRow, slot: str, outcome: Outcome) -> None:
    """Give the slot back, and note what the attempt says of the endpoint's health."""
    verdict = model.verdict(outcome.status)
    if verdict == "delivered":
        webhooks().record_success(webhook, slot)
        return
    if verdict == "gone":
        _disable(webhook, slot, GONE)
        return
    failing = webhooks().record_failure(webhook, slot, model.rest(outcome.status, outcome.retry_after))
    if failing and clock.parse(failing["failing_since"]) <= clock.now() - timedelta(days=model.FAILING_DAYS):
        _disable(failing, slot, FAILING)


def _disable(webhook: WebhookRow, slot: str, reason: str) -> None:
    """Disable a webhook, and mail its creator and the operators.

    The mails are asked for first. So a crash in between asks for them twice rather than never, and their key makes them
    one.
    """
    text = (
        f"The webhook {webhook['id']} ({webhook['url']}) was disabled: {reason}.\n\nMend it and enable it again."
    )
    subject = f"[{settings().names.api}] Webhook disabled"
    key = f"webhook-disabled:{webhook['id']}:{webhook['version']}"
    mail.alert_operators(subject, text, key=key)
    if "created_by" in webhook:
        accounts.alert(webhook["created_by"], subject, text, key=key)
    webhooks().disable(webhook, slot, reason)
