"""What each event adds to which counters, by their names. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from chalicelib.core.errors import Malformed
from chalicelib.events import AGE_BANDS, SIGN_IN_METHODS, STATUSES, EventType
from chalicelib.mail.model import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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

KINDS = frozenset(
    {
        *("md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "hmac", "ldap", "firescrypt"),
        *("argon2d", "argon2i", "argon2id", "bcrypt", "bcrypt-digest", "pbkdf2", "scrypt", "iterated"),
        *("scrypt-nfkc", "md5-crypt", "sha256-crypt", "sha512-crypt", "unknown", "elsewhere"),
    }
)
"""The kinds of password hashes (`passwords.schemes`), and `elsewhere` for a password that the old system alone has.
Each is a counter of every day and of all time."""

LEGACY, AGE, STATUS = "legacy:", "age:", "status:"
"""The prefixes of counters of people: with another system's password hash of a kind, of an age, of a status."""

METHOD, MAILS, WEBHOOKS = "method:", "mails:", "webhooks:"
"""The prefixes of the counters of sign-ins by a method, and of outcomes of mails and of attempts of deliveries."""

SECOND_FACTORS = "second_factors"
"""The counter of sign-ins with two factors."""

PEOPLE_OF_DAY, PEOPLE_OF_MONTH = "people_of_day", "people_of_month"
"""The counters of people, who are counted at their first sign-in of a day, and of a month (`active_people`)."""

NAMES = (*COUNTED.values(), SECOND_FACTORS, PEOPLE_OF_DAY, PEOPLE_OF_MONTH)

OUTCOMES = {
    **{f"mail.{outcome}": f"{MAILS}{outcome}" for outcome in get_args(State)},
    **{f"webhook.{outcome}": f"{WEBHOOKS}{outcome}" for outcome in ("delivered", "failed", "given_up")},
}
"""The counters of outcomes (`event_bus.outcomes`), by the types of their messages."""

FLOW = "flow:"
"""The prefix of the counters of what a consumer has had: how many, how long it took them together (`:ms`, in
milliseconds), and how many of them took longer than LATE (`:late`)."""

LATE = 60_000
"""Milliseconds."""

LONGEST = 28 * 86400 * 1000
"""Milliseconds: no message lives longer, so whatever says more does not count as more. Nor can it be a number that
DynamoDB has no room for."""

STATES = {
    "legacy_hash": (LEGACY, KINDS),
    "age_band": (AGE, frozenset(AGE_BANDS)),
    "status": (STATUS, frozenset(STATUSES)),
}
"""The members of an event's data that say what a person was before a change and is after it: the prefix of the
counters, which go up and down, and all values that there may be. An event cannot add another: else a publisher could
fill a row with counters up to DynamoDB's limit, and counting would stop."""


def counters_of(event: Event) -> Counts:
    """What an event adds to each counter of its hour, such as `2026-03-01T10/sign_ins`. Empty for types that are not
    counted. Raises Malformed where its data name no state or method that there is."""
    name, data = COUNTED.get(event["type"]) or OUTCOMES.get(event["type"]), event.get("data", {})
    counts = Counter([name] if name else [])
    if event["type"] in OUTCOMES and type(data.get("milliseconds")) is int:
        counts.update(flow(event["type"].partition(".")[0], [data["milliseconds"]]))
    for member, (prefix, values) in STATES.items():
        moved = data.get(member) or {}
        counts.update(f"{prefix}{value}" for value in _value(moved, "after", member, values))
        counts.subtract(f"{prefix}{value}" for value in _value(moved, "before", member, values))
    if event["type"] == EventType.SESSION_STARTED:
        counts.update(
            f"{METHOD}{value}" for value in _value(data, "method", "sign-in", frozenset(SIGN_IN_METHODS))
        )
        counts.update([SECOND_FACTORS] if data.get("second_factor") is True else [])
    return {f"{event['time'][:13]}/{name}": count for name, count in counts.items()}


def flow(consumer: str, milliseconds: Sequence[int]) -> Counts:
    """What a consumer adds to the counters of its flow, which had something after each of these times."""
    late = sum(1 for taken in milliseconds if taken > LATE)
    total = sum(min(max(0, taken), LONGEST) for taken in milliseconds)
    name = f"{FLOW}{consumer}"
    return {name: len(milliseconds), f"{name}:ms": total, f"{name}:late": late}


def _value(moved: Any, when: str, member: str, values: frozenset[str]) -> list[str]:
    """The value that data have under a name, if any."""
    value = moved.get(when) if isinstance(moved, dict) else ""
    if value is None:
        return []
    if not (isinstance(value, str) and value in values):
        raise Malformed(f"a CloudEvent whose {member} names none that there is")
    return [value]


def tally(events: Iterable[Event]) -> Counts:
    """What the events add to each counter."""
    counts: Counter[str] = Counter()
    for event in events:
        counts.update(counters_of(event))
    return dict(counts)
