"""One signed request to an endpoint, and the record of it and of its answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from chalicelib.core import clock
from chalicelib.core.outbound.safe_http import post
from chalicelib.core.outbound.signatures import signed_headers
from chalicelib.core.outbound.targets import Unreachable
from chalicelib.core.settings import settings
from chalicelib.webhooks import model, secrets

if TYPE_CHECKING:
    from chalicelib.core.outbound.safe_http import Answer
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import Attempt, SentRequest, WebhookRow

CONTENT_TYPE = "application/json"
USER_AGENT = "Rollcall-Webhooks/1"


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: its record for the log, and the answer where there was one."""

    record: Attempt
    answer: Answer | None = None

    @property
    def status(self) -> int:
        """0 where there was no answer."""
        return self.answer.status if self.answer else 0

    @property
    def retry_after(self) -> str | None:
        return self.answer.retry_after if self.answer else None


def not_sent(reason: str) -> Outcome:
    """An attempt that ended before anything was sent."""
    return Outcome({"at": clock.timestamp(), "milliseconds": 0, "error": reason})


def send(webhook: WebhookRow, delivery_id: str, event: Event) -> Outcome:
    """Sign an event, as of now, and send it."""
    body = model.payload(event)
    keys = secrets.opened(webhook["id"], webhook["secrets"])
    signed = signed_headers(delivery_id, clock.epoch(), body, keys)
    headers = {"Content-Type": CONTENT_TYPE, "User-Agent": USER_AGENT, **signed}
    request: SentRequest = {
        "url": webhook["url"],
        "timestamp": signed["webhook-timestamp"],
        "signature": signed["webhook-signature"],
        "bytes": len(body),
    }
    return _exchange(webhook["url"], headers, body, {"request": request})


def send_logout(url: str, token: str) -> Outcome:
    """Send a logout token to an OAuth client (OpenID Connect Back-Channel Logout 1.0, section 2.5). The record has
    neither the token nor what was answered, which may repeat it."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Rollcall-Logout/1"}
    outcome = _exchange(url, headers, urlencode({"logout_token": token}).encode(), {})
    outcome.record.pop("response", None)
    return outcome


def _exchange(url: str, headers: dict[str, str], body: bytes, about: dict[str, SentRequest]) -> Outcome:
    started = time.monotonic()
    answer, error = None, ""
    try:
        answer = post(url, headers, body, local=settings().outbound_allow_http)
    except Unreachable as unreachable:
        error = unreachable.detail
    milliseconds = round((time.monotonic() - started) * 1000)
    record = cast("Attempt", {"at": clock.timestamp(), "milliseconds": milliseconds, **about})
    if answer is None:
        record["error"] = error
    else:
        record |= {"status": answer.status, "response": answer.body.decode("utf-8", "replace")}
    return Outcome(record, answer)
