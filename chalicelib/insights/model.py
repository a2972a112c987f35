"""What is counted, and how counts are named and added up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Malformed
from chalicelib.events import EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.events import Event

Counts = dict[str, int]

COUNTED = {
    EventType.USER_REGISTERED: "registrations",
    EventType.USER_INVITED: "invitations",
    EventType.USER_IMPORTED: "imports",
    EventType.USER_CONFIRMED: "confirmations",
    EventType.USER_DELETED: "deletions",
    EventType.SESSION_STARTED: "sign_ins",
    EventType.SESSION_BLOCKED: "blocked_accounts",
    EventType.SESSION_REUSE_DETECTED: "reused_tokens",
    EventType.USER_PASSWORD_RESET_REQUESTED: "password_resets",
}
"""The types that are counted. Items are not: they may change thousands of times a second."""

NAMES = tuple(COUNTED.values())

ARRIVALS = ("registrations", "invitations", "imports")
"""Each of these adds a person; a deletion takes one away."""

KINDS = frozenset(
    {
        *("md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "hmac", "ldap", "firescrypt"),
        *("argon2d", "argon2i", "argon2id", "bcrypt", "pbkdf2", "scrypt"),
        *("md5-crypt", "sha256-crypt", "sha512-crypt", "unknown"),
    }
)
"""The kinds of password hashes (`passwords.schemes`). Each is a counter of every day and of all time. An event cannot
add another kind: else a publisher could fill a row with counters up to DynamoDB's limit, and counting would stop."""

LEGACY = "legacy:"
"""The prefix of the counters of other systems' password hashes, before the kind. These also go down."""


def counters_of(event: Event) -> Counts:
    """What an event adds to each counter of its day, such as `2026-03-01/sign_ins`. Empty for types that are not
    counted."""
    name, legacy_hash = COUNTED.get(event["type"]), event.get("data", {}).get("legacy_hash") or {}
    counts = Counter([name] if name else [])
    counts.update({f"{LEGACY}{kind}": 1 for kind in _kinds(legacy_hash, "after")})
    counts.subtract({f"{LEGACY}{kind}": 1 for kind in _kinds(legacy_hash, "before")})
    return {f"{event['time'][:10]}/{name}": count for name, count in counts.items()}


def _kinds(legacy_hash: Any, when: str) -> list[str]:
    """The kind of hash that a password had `before` or `after` the change, if any. Raises Malformed for a text that is
    no kind, because it would become the name of a counter."""
    kind = legacy_hash.get(when) if isinstance(legacy_hash, dict) else ""
    if kind is None:
        return []
    if not (isinstance(kind, str) and kind in KINDS):
        raise Malformed("a CloudEvent whose legacy_hash names no kind of hash")
    return [kind]


def tally(events: Iterable[Event]) -> Counts:
    """What the events add to each counter."""
    counts: Counter[str] = Counter()
    for event in events:
        counts.update(counters_of(event))
    return dict(counts)


def by_day(counters: Mapping[str, Any]) -> dict[str, Counts]:
    """The counts of each day, from counters such as `2026-03-01/sign_ins`. Other attributes of a tally are left out."""
    days: dict[str, Counts] = {}
    for key, count in counters.items():
        day, slash, name = key.partition("/")
        if slash:
            days.setdefault(day, {})[name] = int(count)
    return days


def added(*parts: Mapping[str, Any]) -> Counts:
    """The sum of counts, name by name. Every name of NAMES is in it."""
    legacy = {name for part in parts for name in part if name.startswith(LEGACY)}
    return {name: sum(int(part.get(name, 0)) for part in parts) for name in (*NAMES, *sorted(legacy))}


def people(totals: Counts) -> int:
    """How many people there are: all arrivals less all deletions."""
    return sum(totals[name] for name in ARRIVALS) - totals["deletions"]


def legacy_hashes(totals: Counts) -> Counts:
    """How many passwords still have a hash of another system, by its kind."""
    kinds = {name.removeprefix(LEGACY): count for name, count in totals.items() if name.startswith(LEGACY)}
    return {kind: count for kind, count in sorted(kinds.items()) if count}


def last_days(now: datetime, number: int) -> list[str]:
    """So many days, oldest first, the last one is today (UTC)."""
    today = now.astimezone(UTC).date()
    return [(today - timedelta(days=days_ago)).isoformat() for days_ago in reversed(range(number))]


def last_months(now: datetime, number: int) -> list[str]:
    """So many months (`2026-03`), oldest first, the last one is this month (UTC)."""
    first = now.astimezone(UTC).date().replace(day=1)
    months: list[date] = []
    for _ in range(number):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return [month.isoformat()[:7] for month in reversed(months)]
