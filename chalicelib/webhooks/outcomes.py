"""The outcome of the last attempt of a delivery to a webhook, for the statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.event_bus import outcomes
from chalicelib.webhooks.model import is_logout

if TYPE_CHECKING:
    from chalicelib.webhooks.rows import DeliveryRow

OUTCOMES = {"waiting": "failed", "delivered": "delivered", "failed": "given_up"}
"""By the state of the delivery after the attempt."""


def report(row: DeliveryRow) -> None:
    """Have the last attempt of a delivery counted, once for each of its attempts, with the time from the event to its
    first one. What tells OAuth clients of the end of sessions is not counted."""
    if is_logout(row["webhook_id"]) or not row["attempts"]:
        return
    last = row["attempts"][-1]
    key = f"{row['webhook_id']}/{row['id']}:{row['tries']}"
    outcomes.report(outcomes.WEBHOOK, OUTCOMES[row["state"]], key, last["at"], _milliseconds(row))


def _milliseconds(row: DeliveryRow) -> int | None:
    """From the event to the first attempt, unless that was of a replay, which is about the past."""
    if row["tries"] != 1 or row.get("replayed") or "asked_at" in row or "at" not in row:
        return None
    begun = clock.parse(row["at"].partition("#")[0])
    return round((clock.parse(row["attempts"][-1]["at"]) - begun).total_seconds() * 1000)
