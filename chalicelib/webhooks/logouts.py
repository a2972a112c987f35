"""Tells OAuth clients that a session has ended (OpenID Connect Back-Channel Logout 1.0), by the engine of webhooks.

The consumer talks to hosts of others, so it has no key to sign with, and a token is good for two minutes. So whoever
queues an attempt signs its token: the fan-out, the schedule, or an administrator's request. A delivery is in the index
of what is due for as long as it waits: an attempt whose message was lost, or came too late for its token, is queued
again by the schedule with a new one. No message waits on the queue for its time, and none needs to come twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import oauth
from chalicelib.core import clock, logs
from chalicelib.core.errors import Conflict
from chalicelib.webhooks import model
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.exchange import not_sent, send_logout
from chalicelib.webhooks.messages import claim
from chalicelib.webhooks.queue import logout_message, queue_all
from chalicelib.webhooks.slots import take_slot
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from chalicelib.webhooks.due_index import Due
    from chalicelib.webhooks.exchange import Outcome
    from chalicelib.webhooks.messages import Message
    from chalicelib.webhooks.rows import DeliveryRow, State

FINAL = frozenset({400, 410})
"""Statuses after which no attempt follows: the client does not take this token (section 2.8), nor any other of it."""

UNWANTED = "the client has no back-channel logout address any more"


def messages_of(due: Sequence[Due]) -> list[dict[str, Any]]:
    """Messages with new tokens for the deliveries to OAuth clients that are due: one batch read."""
    if not due:
        return []
    rows = deliveries().find_all([{"webhook_id": each.webhook_id, "id": each.id} for each in due])
    return [logout_message(row) for row in rows if row is not None and row["state"] == "waiting"]


def retry(client_id: str, delivery_id: str) -> DeliveryRow:
    """Tell a client once more, now, and return the delivery. Raises NotFound, and Conflict for a client that wants to
    be told nothing."""
    row = deliveries().get(f"{model.CLIENT_PREFIX}{client_id}", delivery_id)
    if _url_of(row) is None:
        raise Conflict("the client has no back-channel logout address")
    row = deliveries().reopen(row)
    queue_all([logout_message(row, on_demand=True)])
    return row


def attempt(message: Message) -> None:
    """Make an attempt, unless its token is no longer good: then the schedule queues another."""
    if message.until <= clock.epoch():
        logs.info("logout token too old", delivery=message.id)
        return
    delivery = claim(message)
    if delivery is None:
        return
    url = _url_of(delivery)
    if url is None:
        deliveries().record(delivery, not_sent(UNWANTED).record, "failed")
        return
    endpoint = webhooks().of_client(message.webhook_id)
    slot = take_slot(message, delivery, endpoint)
    if not slot:
        return
    outcome = send_logout(url, message.token)
    is_delivered = _settle(delivery, outcome)
    if is_delivered:
        webhooks().record_success(endpoint, slot)
    else:
        webhooks().record_failure(endpoint, slot, model.rest(outcome.status, outcome.retry_after))


def _settle(delivery: DeliveryRow, outcome: Outcome) -> bool:
    """Record the attempt, and when the next one is due; whether it arrived."""
    is_delivered, delay = model.verdict(outcome.status) == "delivered", None
    if not is_delivered and outcome.status not in FINAL:
        delay = model.next_delay(delivery["id"], delivery["tries"] + 1, outcome.retry_after)
    state: State = "delivered" if is_delivered else "waiting" if delay else "failed"
    deliveries().record(delivery, outcome.record, state, delay)
    about = {"client": _client_id(delivery), "delivery": delivery["id"], "state": state}
    logs.info("client told of the end of a session", status=outcome.status, **about)
    logs.count("Deliveries", outcome="delivered" if is_delivered else "failed")
    return is_delivered


def _url_of(row: DeliveryRow) -> str | None:
    """Where the client is told, as it is registered now."""
    client_id = _client_id(row)
    return oauth.clients().logout_uris([client_id]).get(client_id)


def _client_id(row: DeliveryRow) -> str:
    return row["webhook_id"].removeprefix(model.CLIENT_PREFIX)
