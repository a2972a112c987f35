"""Which events a webhook gets, when a delivery is tried again, and what an answer means. Pure: no AWS, no network."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from chalicelib import events
from chalicelib.core import clock, ids, wire
from chalicelib.core.aws.packing import SQS_DELAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow, WebhookRow

WEBHOOK_LIMIT = 50
"""Webhooks of a stage: what fan-out reads and writes grows with them."""

SCHEDULE = tuple(
    timedelta(**delay)
    for delay in (
        {"seconds": 5},
        {"minutes": 5},
        {"minutes": 30},
        {"hours": 2},
        {"hours": 5},
        {"hours": 10},
        {"hours": 14},
        {"hours": 20},
        {"hours": 24},
    )
)
"""How long a delivery waits after its first, second, … failure: the example of
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability"""

JITTER = 0.1
"""Each delay is up to this part shorter or longer, so that deliveries that failed together are not tried together."""

LONGEST_DELAY = timedelta(hours=24)
"""No `Retry-After` holds a delivery for longer."""

ON_THE_QUEUE = timedelta(seconds=SQS_DELAY_SECONDS)
"""The longest delay of a message on SQS."""

FAILING_DAYS = 5
"""An endpoint that only failed for so long is disabled."""

FAILURES_BEFORE_PROBES = 5
"""Failures in a row after which an endpoint is only probed, once in PROBE_EVERY, until it answers."""

PROBE_EVERY = timedelta(minutes=5)

WAIT_FOR_PROBE = timedelta(minutes=30)
"""How long a delivery waits whose endpoint is not to be probed now."""

SLOT_COUNT = 4
"""Requests that one endpoint gets at the same time: a fifth of what the consumer may make (`infra.functions`), so that
an endpoint that does not answer leaves the rest to the others."""

CLAIM_SECONDS = 60
"""After so long the claim of a delivery, or of a slot of an endpoint, is that of a crashed attempt: twice the time-out
of the consumer."""

KEPT_DAYS = 30
"""Of a delivery."""

ATTEMPTS_KEPT = 12
"""The ten of the schedule, and room for some that administrators ask for."""

PAYLOAD_LIMIT = 20_000
"""Bytes that a payload stays below: "usually smaller than 20kb", says the standard."""

THROTTLED = frozenset({429, 502, 504})
"""Statuses after which the standard recommends to throttle requests, whatever delivery they are of."""

Verdict = Literal["delivered", "gone", "failed"]


CLIENT_PREFIX = "client:"
"""How the `webhook_id` of a delivery begins that tells an OAuth client of the end of a session."""

LOGOUT_GRACE = timedelta(minutes=5)
"""How long a delivery to an OAuth client waits for what was queued for it, before it is queued anew: longer than its
token is good, and than a message of a crashed attempt is hidden."""


def is_logout(webhook_id: str) -> bool:
    """Whether a delivery of this `webhook_id` goes to an OAuth client."""
    return webhook_id.startswith(CLIENT_PREFIX)


def is_of_its_time(webhook: WebhookRow, event: Event) -> bool:
    """Whether an event of the topic is for this webhook. A replayed event is, if it happened since the webhook has its
    URL.

    Older events reach a webhook only by a replay to it alone, which needs a second factor. So a new webhook does not
    learn about anybody's past.
    """
    since = webhook.get("url_since") or webhook["created_at"]
    return event.get("replayed") != "true" or event["time"] >= since


def url_changed_since(webhook: WebhookRow, moment: str) -> bool:
    """Whether the webhook's URL was changed after a timestamp: what was asked for before was for another URL."""
    return webhook.get("url_since", "") > moment


def is_for_former_url(webhook: WebhookRow, delivery: DeliveryRow) -> bool:
    """Whether a delivery is of a replay that was asked for while the webhook had another URL.

    A replay needs a stronger proof than a change of URL, so its deliveries do not go to the new URL, unless they are
    asked for again.
    """
    requested_at = delivery.get("asked_at", delivery["created_at"])
    return delivery.get("replayed", False) and url_changed_since(webhook, requested_at)


def wants(types: Sequence[str], event_type: str) -> bool:
    """Whether a webhook with these types gets events of that one. None named means all; `user.*` means a group."""
    group = event_type.partition(".")[0] + ".*"
    return not types or event_type in types or group in types


def delivery_id(event: Event) -> str:
    """The id of an event's deliveries, and their `webhook-id`. It has the form of a ULID, so it sorts by the event's
    time and has no full stop. It is the same whenever the event is sent again."""
    milliseconds = round(clock.parse(event["time"]).timestamp() * 1000)
    digest = hashlib.sha256(event["id"].encode()).digest()
    return ids.id_from(milliseconds.to_bytes(6, "big") + digest[:10])


def event_digest(event: Event) -> str:
    """SHA-256 of an event, by which a delivery recognises it. `replayed` does not count: a replay reopens the delivery
    that there is."""
    content = {name: value for name, value in event.items() if name != "replayed"}
    return hashlib.sha256(wire.canonical(content).encode()).hexdigest()


def payload(event: Event) -> bytes:
    """The body that is signed and sent: the CloudEvent, with its time also as `timestamp`, the standard's name for it.

    Where that is too large, a link replaces the data, as in events that were too large from the beginning.
    """
    body = {**event, "timestamp": event["time"]}
    encoded = wire.to_json(body).encode()
    if len(encoded) >= PAYLOAD_LIMIT:
        omitted = events.too_large(event["source"], event["subject"], event["time"])
        encoded = wire.to_json({**body, "data": omitted}).encode()
    return encoded


def verdict(status: int) -> Verdict:
    """What an answer's status means: 2xx is success, 410 asks for no more, anything else is a failure."""
    if 200 <= status <= 299:
        return "delivered"
    return "gone" if status == 410 else "failed"


def next_delay(delivery: str, failures: int, retry_after: str | None = None) -> timedelta | None:
    """How long to wait after so many failures of a delivery, or None at the end of the schedule.

    The jitter is computed from the delivery, so it is the same each time.
    """
    if failures > len(SCHEDULE):
        return None
    digest = hashlib.sha256(f"{delivery} {failures}".encode()).digest()
    part = int.from_bytes(digest[:4], "big") / 0xFFFFFFFF
    delay = SCHEDULE[failures - 1] * (1 - JITTER + 2 * JITTER * part)
    return min(max(delay, _requested_delay(retry_after)), LONGEST_DELAY * (1 + JITTER))


def rest(status: int, retry_after: str | None) -> timedelta:
    """How long an endpoint gets no request after this answer, whatever waits for it.

    It is what a 429 or 503 asks for by `Retry-After`. After a status of THROTTLED it is no less than the shortest delay
    of the schedule.
    """
    requested = _requested_delay(retry_after) if status in {429, 503} else timedelta()
    return max(requested, SCHEDULE[0]) if status in THROTTLED else requested


def is_probed(failures: int) -> bool:
    """Whether an endpoint with so many failures in a row is only probed."""
    return failures >= FAILURES_BEFORE_PROBES


def rest_left(webhook: WebhookRow) -> timedelta:
    """For how long an endpoint gets no request, because it rests or is only probed. Zero where it may get one now."""
    if "probe_at" not in webhook:
        return timedelta()
    return max(clock.parse(webhook["probe_at"]) - clock.now(), timedelta())


def spread(delivery: str) -> timedelta:
    """One to five seconds, computed from the delivery, so that deliveries that wait for the same time are spread."""
    return timedelta(milliseconds=1000 + zlib.crc32(delivery.encode()) % 4000)


def _requested_delay(retry_after: str | None) -> timedelta:
    """The delay that `Retry-After` asks for in seconds or by a date (RFC 9110, section 10.2.3), or zero."""
    if not retry_after:
        return timedelta()
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=int(retry_after[:9])), LONGEST_DELAY)
    try:
        moment = parsedate_to_datetime(retry_after)
        until = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - clock.now()
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # Python's parser of dates is made for well-formed mails: absurd years, offsets and parts make it raise any of
        # these.
        return timedelta()
    return min(max(until, timedelta()), LONGEST_DELAY)
