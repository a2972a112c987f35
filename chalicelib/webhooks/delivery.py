"""One signed attempt of a delivery: claim it, ask the endpoint, write down what it said, plan the next one.

The claim keeps duplicates of a message from becoming duplicate requests. A crash before the answer is written down
leaves the claim to grow stale, and the attempt is made again, with the same `webhook-id`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import events, mail
from chalicelib.core import batch, clock, context, logs
from chalicelib.core.dynamo import ConditionFailed
from chalicelib.core.errors import Malformed, Unavailable
from chalicelib.core.settings import settings
from chalicelib.webhooks import model, secrets
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.queueing import queue_next
from chalicelib.webhooks.safe_http import Answer, Unreachable, post
from chalicelib.webhooks.signing import signed_headers
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item

GONE = "it answered 410 Gone"
FAILING = f"it has failed for {model.FAILING_DAYS} days"


def attempt_deliveries(event: dict[str, Any]) -> None:
    """Handle a batch of the queue `deliveries`."""
    batch.from_queue("deliveries", event, lambda message: _attempt(_wanted(message.json())))


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
    if not (all(isinstance(key, str) and key for key in keys) and type(wanted.tries) is int):
        raise Malformed("the message names no delivery")
    return wanted


def _attempt(wanted: _Wanted) -> None:
    row = _claimed(wanted)
    if row is None:
        return
    webhook = webhooks().find(wanted.webhook_id)
    if webhook is None or not webhook["enabled"]:
        why = "the webhook is disabled" if webhook else "the webhook was removed"
        deliveries().record(row, _note(error=why), "failed")
        return
    if not wanted.asked and not webhooks().may_ask(webhook):
        deliveries().postpone(row, model.WAIT_FOR_PROBE)
        return
    event = wanted.event or deliveries().event(row)
    if event is None:
        _settle(wanted, row, _note(error="history does not have the event"), None)
        return
    erased = events.tombstones([row["subject"]])
    with context.working_for(str(event.get("requestid", ""))):
        started = time.monotonic()
        try:
            answer, error = _ask(webhook, row, events.without_the_erased(event, erased)), ""
        except Unreachable as unreachable:
            answer, error = None, unreachable.detail
        note = _note(answer, error, round((time.monotonic() - started) * 1000))
        if erased:
            note.pop("response", None)  # it may repeat what an earlier attempt was told
        _settle(wanted, row, note, answer)
        _judge(webhook, answer)


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


def _ask(webhook: Item, row: Item, event: dict[str, Any]) -> Answer:
    body = model.payload(event)
    keys = secrets.opened(webhook["id"], webhook["secrets"])
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Rollcall-Webhooks/1",
        **signed_headers(row["id"], clock.epoch(), body, keys),
    }
    return post(webhook["url"], headers, body, local=settings().webhooks_allow_http)


def _settle(wanted: _Wanted, row: Item, note: dict[str, Any], answer: Answer | None) -> None:
    """Write the attempt down and see to the next one."""
    verdict = model.verdict(answer.status) if answer else "failed"
    delay = None
    if verdict == "failed":
        delay = model.next_delay(row["id"], row["tries"] + 1, answer.retry_after if answer else None)
    state: model.State = "delivered" if verdict == "delivered" else "waiting" if delay else "failed"
    queue_next(deliveries().record(row, note, state, delay), wanted.event)
    told = {name: note[name] for name in ("status", "error", "milliseconds") if name in note}
    logs.info("delivery attempted", webhook=row["webhook_id"], delivery=row["id"], state=state, **told)
    logs.count("Deliveries", outcome=verdict)


def _judge(webhook: Item, answer: Answer | None) -> None:
    """What the attempt says about the endpoint."""
    verdict = model.verdict(answer.status) if answer else "failed"
    if verdict == "delivered":
        webhooks().answered(webhook)
        return
    if verdict == "gone":
        _disable(webhook, GONE)
        return
    failing = webhooks().failed(webhook)
    if failing and clock.parse(failing["failing_since"]) <= clock.now() - timedelta(days=model.FAILING_DAYS):
        _disable(failing, FAILING)


def _disable(webhook: Item, reason: str) -> None:
    """Stop an endpoint and tell the operators first, so that a crash in between tells them twice rather than never
    (their mail has a key, so it is one)."""
    text = (
        f"The webhook {webhook['id']} ({webhook['url']}) was disabled: {reason}.\n\nMend it and enable it again."
    )
    key = f"webhook-disabled:{webhook['id']}:{webhook['version']}"
    mail.alert_operators(f"[{settings().names.api}] Webhook disabled", text, key=key)
    webhooks().disable(webhook, reason)


def _note(answer: Answer | None = None, error: str = "", milliseconds: int = 0) -> dict[str, Any]:
    note: dict[str, Any] = {"at": clock.timestamp(), "milliseconds": milliseconds}
    if answer is not None:
        note |= {"status": answer.status, "response": answer.body.decode("utf-8", "replace")}
    return {**note, "error": error} if error else note
