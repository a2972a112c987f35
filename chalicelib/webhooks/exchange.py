"""One signed request to an endpoint, and what is noted of it and of the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.webhooks import model, secrets
from chalicelib.webhooks.safe_http import Unreachable, post
from chalicelib.webhooks.signing import signed_headers

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.webhooks.safe_http import Answer


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: its note for the log, and the answer where there was one."""

    note: dict[str, Any]
    answer: Answer | None = None

    @property
    def status(self) -> int:
        """0 where there was no answer."""
        return self.answer.status if self.answer else 0

    @property
    def retry_after(self) -> str | None:
        return self.answer.retry_after if self.answer else None


def not_asked(why: str) -> Outcome:
    """An attempt that ended before anything was sent."""
    return Outcome({"at": clock.timestamp(), "milliseconds": 0, "error": why})


def ask(webhook: Item, delivery_id: str, event: dict[str, Any]) -> Outcome:
    """Sign an event, as of now, and send it."""
    body = model.payload(event)
    keys = secrets.opened(webhook["id"], webhook["secrets"])
    signed = signed_headers(delivery_id, clock.epoch(), body, keys)
    headers = {"Content-Type": "application/json", "User-Agent": "Rollcall-Webhooks/1", **signed}
    request = {
        "url": webhook["url"],
        "timestamp": signed["webhook-timestamp"],
        "signature": signed["webhook-signature"],
        "bytes": len(body),
    }
    started = time.monotonic()
    answer, came = _posted(webhook["url"], headers, body)
    milliseconds = round((time.monotonic() - started) * 1000)
    return Outcome({"at": clock.timestamp(), "milliseconds": milliseconds, "request": request, **came}, answer)


def _posted(url: str, headers: dict[str, str], body: bytes) -> tuple[Answer | None, dict[str, Any]]:
    try:
        answer = post(url, headers, body, local=settings().webhooks_allow_http)
    except Unreachable as unreachable:
        return None, {"error": unreachable.detail}
    return answer, {"status": answer.status, "response": answer.body.decode("utf-8", "replace")}
