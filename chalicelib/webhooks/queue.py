"""Messages on the queue `deliveries`: which delivery to attempt, and after how many attempts.

`{"webhook_id", "id", "tries"}`. With `event` the attempt needs no look-up in history, where a new event may not be yet.
`asked` marks an attempt that an administrator asked for, to be made now. That of a delivery to an OAuth client has
`token` and `until`, the end of the token's time. No message names a host: who attempts it reads where it goes.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from chalicelib import oauth
from chalicelib.core import clock, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.packing import SQS_BYTES, batches, message_bytes
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.webhooks.model import CLIENT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow

QUEUE = "deliveries"


def message(row: DeliveryRow, event: Event | None = None, *, on_demand: bool = False) -> dict[str, Any]:
    """The message that asks for a delivery's next attempt."""
    attempt = {"webhook_id": row["webhook_id"], "id": row["id"], "tries": row["tries"]}
    return {**attempt, **({"event": event} if event else {}), **({"asked": True} if on_demand else {})}


def logout_message(row: DeliveryRow, *, on_demand: bool = False) -> dict[str, Any]:
    """The message that asks for the next attempt to tell an OAuth client. Who attempts it talks to hosts of others and
    has no key to sign with, so the token is signed here."""
    client_id = row["webhook_id"].removeprefix(CLIENT_PREFIX)
    token = oauth.back_channel.logout_token(client_id, row["subject"], row.get("session_id", ""))
    return {**message(row, on_demand=on_demand), "token": token.text, "until": token.until}


def queue_next(row: DeliveryRow, event: Event | None, *, on_demand: bool = False) -> None:
    """Queue the next attempt of a delivery that waits for one, unless the index of what is due holds it."""
    if row["state"] != "waiting" or "next_at" not in row or "due_at" in row:
        return
    delay = max(clock.parse(row["next_at"]) - clock.now(), timedelta())
    clients.send(QUEUE, wire.to_json(message(row, event, on_demand=on_demand)), ceil(delay.total_seconds()))


def queue_all(messages: Sequence[dict[str, Any]]) -> None:
    """Queue many messages at once. Raises Unavailable where SQS did not take them all: then all must come again."""
    for bodies in batches(map(wire.to_json, messages), message_bytes, limit=SQS_BYTES):
        entries = [{"Id": str(position), "MessageBody": body} for position, body in enumerate(bodies)]
        answer = clients.client("sqs").send_message_batch(QueueUrl=settings().queue_url(QUEUE), Entries=entries)
        if answer.get("Failed"):
            raise Unavailable(f"{len(answer['Failed'])} deliveries were not queued")
