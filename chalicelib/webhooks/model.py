"""What a webhook wants, when a delivery is tried again, and what an answer means. Pure: no AWS, no network."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from chalicelib import events
from chalicelib.core import clock, ids, wire
from chalicelib.core.aws.packing import SQS_DELAY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.core.aws.dynamo import Item

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
"""After which failure a delivery waits how long: the example of
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability"""

JITTER = 0.1
"""Each delay is up to this part shorter or longer, so that deliveries that failed together come apart."""

LONGEST_DELAY = timedelta(hours=24)
"""No `Retry-After` holds a delivery for longer."""

ON_THE_QUEUE = timedelta(seconds=SQS_DELAY_SECONDS)
"""What SQS can delay a message by."""

FAILING_DAYS = 5
"""An endpoint that only failed for so long is disabled."""

FAILURES_BEFORE_PROBES = 5
"""Failures in a row after which an endpoint is only probed, once in PROBE_EVERY, until it answers."""

PROBE_EVERY = timedelta(minutes=5)

WAIT_FOR_PROBE = timedelta(minutes=30)
"""How long a delivery waits that found its endpoint not to be probed now."""

AT_ONCE = 4
"""Requests that one endpoint gets at the same time: a fifth of what the consumer may make (`infra.functions`), so that
an endpoint that answers none of them leaves the rest to the others."""

CLAIM_SECONDS = 60
"""Older claims, of a delivery or of a place at its endpoint, are of crashed attempts: twice as long as the consumer
may run."""

ATTEMPTS_KEPT = 12
"""The schedule's ten, and room for some asked for by hand."""

PAYLOAD_LIMIT = 20_000
"""Bytes that a payload stays below: "usually smaller than 20kb", says the standard."""

THROTTLED = frozenset({429, 502, 504})
"""Statuses after which the standard recommends to throttle requests, whatever delivery they are of."""

State = Literal["waiting", "delivered", "failed"]
"""Of a delivery. `failed` is the end of its schedule, or of its webhook."""

Verdict = Literal["delivered", "gone", "failed"]


def is_due(webhook: Item, event: Mapping[str, Any]) -> bool:
    """Whether an event of the topic is for this webhook: what is replayed there, only if it happened since the webhook
    is at its URL. What came before is replayed to one webhook alone, by who proved a second factor, so that a new one
    hears of nobody's past."""
    since = str(webhook.get("url_since") or webhook["created_at"])
    return event.get("replayed") != "true" or str(event["time"]) >= since


def came_here_since(webhook: Item, moment: str) -> bool:
    """Whether a webhook was given its URL after a moment: what was asked for before was for another place."""
    return str(webhook.get("url_since", "")) > moment


def is_for_elsewhere(webhook: Item, row: Item) -> bool:
    """Whether a delivery sends again what was asked for while the webhook was at another URL. A replay wants more proof
    than a change of URL, so that its deliveries do not follow there; one that is asked for again does."""
    return bool(row.get("replayed")) and came_here_since(webhook, str(row.get("asked_at", row["created_at"])))


def wants(types: Sequence[str], event_type: str) -> bool:
    """Whether a webhook with these types gets events of that one. None named means all; `user.*` means a group."""
    group = event_type.partition(".")[0] + ".*"
    return not types or event_type in types or group in types


def delivery_id(event: dict[str, Any]) -> str:
    """The id of an event's deliveries, and their `webhook-id`: ULID-shaped, so it sorts by the event's time and holds
    no full stop; the same for every repetition of the event."""
    milliseconds = round(clock.parse(event["time"]).timestamp() * 1000)
    digest = hashlib.sha256(event["id"].encode()).digest()
    return ids.id_from(milliseconds.to_bytes(6, "big") + digest[:10])


def event_digest(event: Mapping[str, Any]) -> str:
    """By which a delivery knows its event without holding it. Whether that is replayed makes no difference: a delivery
    of before is opened anew for it."""
    said = {name: value for name, value in event.items() if name != "replayed"}
    return hashlib.sha256(wire.canonical(said).encode()).hexdigest()


def payload(event: dict[str, Any]) -> bytes:
    """The body that is signed and sent: the CloudEvent, with its time also under the standard's own name for it.

    Where that is too large, a link takes the place of the data, as in events that were too large from the beginning.
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
    """How long to wait after a delivery's `failures`th failure, or None at the end of the schedule.

    The jitter follows from the delivery, so that the same failure always waits as long.
    """
    if failures > len(SCHEDULE):
        return None
    digest = hashlib.sha256(f"{delivery} {failures}".encode()).digest()
    part = int.from_bytes(digest[:4], "big") / 0xFFFFFFFF
    delay = SCHEDULE[failures - 1] * (1 - JITTER + 2 * JITTER * part)
    return min(max(delay, _asked(retry_after)), LONGEST_DELAY * (1 + JITTER))


def rest(status: int, retry_after: str | None) -> timedelta:
    """How long an endpoint is left alone after this answer, whatever else there is for it.

    It is what a 429 or 503 asks for by `Retry-After`; after a status that says that it has too much to do, no less than
    the shortest delay of the schedule.
    """
    asked = _asked(retry_after) if status in {429, 503} else timedelta()
    return max(asked, SCHEDULE[0]) if status in THROTTLED else asked


def is_probed(webhook: dict[str, Any]) -> bool:
    """Whether an endpoint failed so often that it is only probed."""
    return int(webhook.get("failures", 0)) >= FAILURES_BEFORE_PROBES


def until_asked(webhook: dict[str, Any]) -> timedelta:
    """How long an endpoint must not be asked, because it rests or is only probed; zero where it may be."""
    if "probe_at" not in webhook:
        return timedelta()
    return max(clock.parse(webhook["probe_at"]) - clock.now(), timedelta())


def spread(delivery: str) -> timedelta:
    """One to five seconds, by the delivery: so that those that wait for the same moment come apart."""
    return timedelta(milliseconds=1000 + zlib.crc32(delivery.encode()) % 4000)


def _asked(retry_after: str | None) -> timedelta:
    """What `Retry-After` asks for: seconds or a date (RFC 9110, section 10.2.3). Anything else asks for nothing."""
    if not retry_after:
        return timedelta()
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=int(retry_after[:9])), LONGEST_DELAY)
    try:
        moment = parsedate_to_datetime(retry_after)
        until = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - clock.now()
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # Python's parser of dates is made for mails that mean well: years, offsets and parts that are none come out of
        # it as they happen to.
        return timedelta()
    return min(max(until, timedelta()), LONGEST_DELAY)
