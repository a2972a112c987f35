"""What people do in a month, and the work that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from chalicelib.core.wiring import HISTORY_WINDOW_SECONDS, INSIGHTS_WINDOW_SECONDS, SESSIONS_WINDOW_SECONDS
from infra.functions import FUNCTIONS
from tools.cost.budgets import BatchBudget
from tools.cost.consumers import CONSUMERS
from tools.cost.requests import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECONDS = 30 * 24 * 3600
"""Of a month."""

POLLERS = 5
"""Pollers of a queue that Lambda begins with, each of which fills a batch of its own:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""

STREAM_POLLS = 4
"""Looks at a shard in a second, where no window is set:
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batch-windows.html"""

PUBLISHED = 10
"""Events in one call of SNS, and messages in one of SQS."""

RUNS = {"every_five_minutes": SECONDS // 300, "every_hour": SECONDS // 3600, "every_day": SECONDS // 86400}

FUNCTION = {function.name: function for function in FUNCTIONS}


@dataclass(frozen=True)
class Load:
    """A month. What is per sign-in or per user is a mean, and may be less than one."""

    users: float = 100_000
    """People who sign in in a month."""
    signins: float = 30
    """Sign-ins of each."""
    refreshes: float = 0.25
    """For each sign-in: an access token lasts ten minutes, and whoever signs in daily stays for less, most times."""
    reads: float = 0.5
    """Requests like `GET /me` for each sign-in. Your own services check tokens by themselves, and find claims there."""
    signouts: float = 0
    """For each sign-in: other sessions expire."""
    registrations: float = 0.02
    """For each user, each with the mail that confirms it."""
    changes: float = 0.1
    """`PATCH /me` for each user."""
    resets: float = 0.02
    """Forgotten passwords for each user, each with its mail."""
    devices: float = 0.1
    """New devices of each user, with a mail each."""
    endpoints: float = 0
    """Webhooks that want every event."""
    months: float = 1
    """How many months of this load there were: history keeps twelve."""


def load_of(arguments: Sequence[str]) -> Load:
    """The load that `USERS=1000000 SIGNINS=30` describe. Raises ValueError for what is no such parameter."""
    known = {field.name.upper(): field.name for field in fields(Load)}
    values = {}
    for argument in arguments:
        name, _, text = argument.partition("=")
        if name not in known:
            raise ValueError(f"{name} is none of {', '.join(known)}")
        values[known[name]] = float(text)
    return Load(**values)


@dataclass(frozen=True)
class Work:
    """Invocations of a function for an operation, and the records in them together. `queued` is in how many
    receives the records came over a queue; 0 where none brought them."""

    operation: str
    function: str
    budget: BatchBudget
    invocations: float
    records: float = 0.0
    queued: float = 0.0

    @property
    def memory(self) -> int:
        return FUNCTION[self.function].memory


def work(load: Load) -> Iterator[Work]:
    """All that is done in a month."""
    sign_ins = load.users * load.signins
    requested = {
        "POST /sessions": load.users * load.devices,
        "POST /sessions, on a known device": sign_ins - load.users * load.devices,
        "POST /sessions/refresh": sign_ins * load.refreshes,
        "GET /me": sign_ins * load.reads,
        "DELETE /sessions/current": sign_ins * load.signouts,
        "POST /users": load.users * load.registrations,
        "POST /users/confirm": load.users * load.registrations,
        "PATCH /me": load.users * load.changes,
        "POST /password-resets": load.users * load.resets,
        "POST /password-resets/confirm": load.users * load.resets,
    }
    for route, count in requested.items():
        yield Work(route, "api_handler", BatchBudget(once=REQUESTS[route]), count)
    intents = load.users * (load.registrations + load.resets)
    yield _streamed("on_intent", "on_intent", intents)
    yield _queued("on_mail, with a token", "on_mail", intents, intents)
    yield _queued("on_mail, new device", "on_mail", load.users * load.devices, load.users * load.devices)
    # Each of these mails is sent and delivered.
    outcomes = 2 * (intents + load.users * load.devices)
    yield _queued("on_user_event, outcome", "on_user_event", outcomes, outcomes)
    # A confirmed registration is two events, a reset and a change one.
    yield from _events(load, "users", "person", load.users * (2 * load.registrations + load.changes + load.resets))
    yield from _events(load, "sessions", "session", 2 * sign_ins)
    # A refresh, and the end of a session that expires, leave the index of changes as it is.
    changes = sign_ins * (1 + load.signouts) + load.users * (load.registrations + load.changes + load.resets)
    yield Work(
        "every_hour, a change", "every_hour", CONSUMERS["every_hour, a change"], RUNS["every_hour"], changes
    )
    for schedule, runs in RUNS.items():
        yield Work(schedule, schedule, CONSUMERS[f"{schedule}, with nothing to do"], runs)


def _events(load: Load, table: str, what: str, events: float) -> Iterator[Work]:
    """The changes of a table, and what consumes their events. Half of a session's events are ends, which are not
    counted."""
    stream = {"users": "on_user_change", "sessions": "on_session_change"}[table]
    published = _streamed(f"{stream}, {what}", stream, events)
    yield published
    bursts = max(published.invocations, events / PUBLISHED)
    yield _queued(f"on_history, {what}", "on_history", events, bursts)
    counted = events / 2 if table == "sessions" else events
    yield _queued(f"on_user_event, {what}", "on_user_event", counted, bursts)
    yield _queued(f"on_webhook, {what}", "on_webhook", events, bursts)
    if load.endpoints:
        deliveries = events * load.endpoints
        yield _queued("on_webhook, one endpoint", "on_webhook", deliveries, deliveries)
        yield _queued("on_delivery", "on_delivery", deliveries, deliveries)
        yield _queued("on_user_event, outcome", "on_user_event", deliveries, deliveries)


WINDOWS = {
    "on_session_change": SESSIONS_WINDOW_SECONDS,
    "on_history": HISTORY_WINDOW_SECONDS,
    "on_user_event": INSIGHTS_WINDOW_SECONDS,
}


def _streamed(operation: str, name: str, records: float) -> Work:
    """One shard's records. Each of the function's parallel batches is invoked as often as its window lets it, and no
    oftener than there are records, nor seldomer than for a full batch."""
    window = WINDOWS.get(name)
    often = SECONDS * FUNCTION[name].parallelism * (1 / window if window else STREAM_POLLS)
    invocations = max(min(records, often), records / 100)
    return Work(operation, name, CONSUMERS[operation], invocations, records)


def _queued(operation: str, name: str, records: float, bursts: float) -> Work:
    """Messages that come in bursts, each of which takes two receives, or as many as its messages fill; where the
    consumer has a window, each of its pollers fills one batch in that time."""
    received = min(records, max(2 * bursts, records / PUBLISHED))
    window = WINDOWS.get(name)
    invocations = received if window is None else max(min(received, SECONDS * POLLERS / window), records / 100)
    return Work(operation, name, CONSUMERS[operation], invocations, records, queued=received)
