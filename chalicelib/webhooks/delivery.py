"""One signed attempt of a delivery: claim it, send the event, record the answer, plan the next attempt.

The claim keeps duplicates of a message from becoming duplicate requests. After a crash before the answer is recorded
the claim expires, and the attempt is made again, with the same `webhook-id`. An endpoint has a few slots, one for each
request at a time, so that a slow or dead endpoint takes no more of the consumer than these.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import accounts, events, mail
from chalicelib.core import (
    clock,
    context,
    logs,
)
from chalicelib.core.aws import batch
from chalicelib.core.settings import settings
from chalicelib.webhooks import logouts, model, outcomes
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.exchange import Outcome, not_sent, send
from chalicelib.webhooks.messages import Message, claim, parsed, without_secrets
from chalicelib.webhooks.queue import queue_next
from chalicelib.webhooks.slots import take_slot
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow, State, WebhookRow

GONE = "it answered 410 Gone"
FAILING = f"it has failed for {model.FAILING_DAYS} days"


def attempt_deliveries(event: dict[str, Any]) -> None:
    """Handle a batch of the queue `deliveries`."""
    batch.from_queue("deliveries", event, lambda message: _attempt(parsed(message.json())), redact=without_secrets)


def _attempt(message: Message) -> None:
    if model.is_logout(message.webhook_id):
        logouts.attempt(message)
        return
    delivery = claim(message)
    if delivery is None:
        return
    webhook = webhooks().find(message.webhook_id)
    if webhook is None or not webhook["enabled"]:
        reason = "the webhook is disabled" if webhook else "the webhook was removed"
        outcomes.report(deliveries().record(delivery, not_sent(reason).record, "failed"))
        return
    if model.is_for_former_url(webhook, delivery):
        reason = "the webhook's URL was changed since the replay"
        outcomes.report(deliveries().record(delivery, not_sent(reason).record, "failed"))
        return
    event = message.event if _is_of(message.event, delivery) else deliveries().event(delivery)
    if event is None:
        _settle(message, delivery, not_sent("history does not have the event"))
        return
    slot = take_slot(message, delivery, webhook)
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


def _settle(message: Message, delivery: DeliveryRow, outcome: Outcome) -> None:
    """Record the attempt, and queue the next one where it is due soon."""
    verdict, record = model.verdict(outcome.status), outcome.record
    delay = None
    if verdict == "failed":
        delay = model.next_delay(delivery["id"], delivery["tries"] + 1, outcome.retry_after)
    state: State = "delivered" if verdict == "delivered" else "waiting" if delay else "failed"
    row = deliveries().record(delivery, record, state, delay)
    queue_next(row, message.event)
    outcomes.report(row)
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
