"""One signed attempt of a delivery: claim it, ask the endpoint, write down what it said, plan the next one.

The claim keeps duplicates of a message from becoming duplicate requests. A crash before the answer is written down
leaves the claim to grow stale, and the attempt is made again, with the same `webhook-id`. An endpoint has a few places
for those who ask it, so that one that is slow or dead takes no more of the consumer than these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

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
from chalicelib.webhooks.exchange import Outcome, ask, not_asked
from chalicelib.webhooks.queue import queue_next
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

GONE = "it answered 410 Gone"
FAILING = f"it has failed for {model.FAILING_DAYS} days"


def attempt_deliveries(event: dict[str, Any]) -> None:
    """Handle a batch of the queue `deliveries`."""
    batch.from_queue("deliveries", event, lambda message: _attempt(_wanted(message.json())), kept=_without_event)


def _without_event(body: str) -> str:
    """What is kept of a message that is parked: which delivery it is about. History has the event, and no dead letter
    needs its data."""
    try:
        document = wire.from_json(body)
    except Malformed:
        return body
    if not isinstance(document, dict) or "event" not in document:
        return body
    return wire.to_json({name: value for name, value in document.items() if name != "event"})


@dataclass(frozen=True)
class _Wanted:
    webhook_id: str
    id: str
    tries: int
    event: dict[str, Any] | None = None
    asked: bool = False


def _wanted(document: Any) -> _Wanted:
    try:
        wanted = _Wanted(**document)
    except TypeError as error:
        raise Malformed("the message names no delivery") from error
    keys = (wanted.webhook_id, wanted.id)
    well_formed = type(wanted.tries) is int and isinstance(wanted.event, dict | None)
    if not (well_formed and all(isinstance(key, str) and key for key in keys)):
        raise Malformed("the message names no delivery")
    return wanted


def _attempt(wanted: _Wanted) -> None:
    row = _claimed(wanted)
    if row is None:
        return
    webhook = webhooks().find(wanted.webhook_id)
    if webhook is None or not webhook["enabled"]:
        why = "the webhook is disabled" if webhook else "the webhook was removed"
        deliveries().record(row, not_asked(why).note, "failed")
        return
    if model.is_for_elsewhere(webhook, row):
        deliveries().record(row, not_asked("the webhook's URL was changed since the replay").note, "failed")
        return
    event = wanted.event if _is_of(wanted.event, row) else deliveries().event(row)
    if event is None:
        _settle(wanted, row, not_asked("history does not have the event"))
        return
    place = _place(wanted, row, webhook)
    if not place:
        return
    erased = events.tombstones([row["subject"]])
    with context.working_for(str(event.get("requestid", ""))):
        outcome = ask(webhook, row["id"], events.without_the_erased(event, erased))
        if erased:
            outcome.note.pop("response", None)  # it may repeat what an earlier attempt was told
        _settle(wanted, row, outcome)
        _judge(webhook, place, outcome)


def _is_of(event: dict[str, Any] | None, row: Item) -> bool:
    """Whether that is the event of the delivery, to the letter: nothing else is signed in its place."""
    return event is not None and model.event_digest(event) == row.get("digest")


def _place(wanted: _Wanted, row: Item, webhook: Item) -> str:
    """A place at the endpoint for this attempt, or empty where it is put off until there may be one."""
    wait = timedelta() if wanted.asked else model.until_asked(webhook)
    if not wait:
        place = webhooks().take_place(webhook, row["id"], in_turn=not wanted.asked)
        if place:
            return place
    elif model.is_probed(webhook):
        wait = model.WAIT_FOR_PROBE
    postponed = deliveries().postpone(row, wait + model.spread(row["id"]))
    queue_next(postponed, wanted.event, asked=wanted.asked)
    return ""


def _claimed(wanted: _Wanted) -> Item | None:
    """The delivery, if its attempt is ours to make."""
    try:
        return deliveries().claim(wanted.webhook_id, wanted.id, wanted.tries)
    except ConditionFailed as met:
        found = met.item
    if found is None or found["state"] != "waiting":
        return None
    if found["tries"] == wanted.tries:
        raise Unavailable("this delivery is being attempted")
    if found["tries"] == wanted.tries + 1:
        queue_next(found, wanted.event)  # whoever made this attempt may have crashed before doing so
    return None


def _settle(wanted: _Wanted, row: Item, outcome: Outcome) -> None:
    """Write the attempt down and see to the next one."""
    verdict, note = model.verdict(outcome.status), outcome.note
    delay = None
    if verdict == "failed":
        delay = model.next_delay(row["id"], row["tries"] + 1, outcome.retry_after)
    state: model.State = "delivered" if verdict == "delivered" else "waiting" if delay else "failed"
    queue_next(deliveries().record(row, note, state, delay), wanted.event)
    told = {name: note[name] for name in ("status", "error", "milliseconds") if name in note}
    logs.info("delivery attempted", webhook=row["webhook_id"], delivery=row["id"], state=state, **told)
    logs.count("Deliveries", outcome=verdict)


def _judge(webhook: Item, place: str, outcome: Outcome) -> None:
    """What the attempt says about the endpoint."""
    verdict = model.verdict(outcome.status)
    if verdict == "delivered":
        webhooks().answered(webhook, place)
        return
    if verdict == "gone":
        _disable(webhook, place, GONE)
        return
    failing = webhooks().failed(webhook, place, model.rest(outcome.status, outcome.retry_after))
    if failing and clock.parse(failing["failing_since"]) <= clock.now() - timedelta(days=model.FAILING_DAYS):
        _disable(failing, place, FAILING)


def _disable(webhook: Item, place: str, reason: str) -> None:
    """Stop an endpoint and tell who made it and the operators first, so that a crash in between tells them twice rather
    than never (their mail has a key, so it is one)."""
    text = (
        f"The webhook {webhook['id']} ({webhook['url']}) was disabled: {reason}.\n\nMend it and enable it again."
    )
    subject = f"[{settings().names.api}] Webhook disabled"
    key = f"webhook-disabled:{webhook['id']}:{webhook['version']}"
    mail.alert_operators(subject, text, key=key)
    if "created_by" in webhook:
        accounts.alert(webhook["created_by"], subject, text, key=key)
    webhooks().disable(webhook, place, reason)
