"""The one source of every AWS name: `rollcall-<stage>-<thing>`, for the app and for its templates."""

from __future__ import annotations

from dataclasses import dataclass

APP = "rollcall"

TABLES = (
    "users",
    "credentials",
    "sessions",
    "intents",
    "guards",
    "items",
    "history",
    "jobs",
    "mail",
    "webhooks",
    "deliveries",
    "insights",
    "idempotency",
)
"""Every table. Secrets live in `credentials`, which has no stream."""

STREAMS = ("users", "sessions", "items", "jobs", "intents")
"""Tables whose every write is an event; `intents` streams its keys only."""

QUEUES = ("mail", "history", "insights", "webhooks", "deliveries", "items", "jobs")
"""Queues with a consumer of their own; each has a dead-letter queue `<name>-dlq`."""

PARKED = ("streams-dlq", "invocations-dlq")
"""Where records of streams, and events of asynchronous invocations, go that cannot be processed."""

TOPICS = ("user-events", "mail-feedback", "ops-alerts")
BUCKETS = ("uploads", "uploads-copy", "work")
STATE_MACHINES = ("import", "export")
SECRETS = ("signing-key", "app-keys")


@dataclass(frozen=True)
class Names:
    """The names of one stage's resources."""

    stage: str

    def of(self, thing: str) -> str:
        """`rollcall-<stage>-<thing>`: tables, queues, topics, functions, state machines, secrets."""
        return f"{APP}-{self.stage}-{thing}"

    def bucket(self, thing: str, account_id: str) -> str:
        """Bucket names are global, so they carry the account: `uploads-<account>`, `uploads-<account>-copy`."""
        base, _, suffix = thing.partition("-")
        return self.of(f"{base}-{account_id}" + (f"-{suffix}" if suffix else ""))

    @property
    def api(self) -> str:
        """The function behind HTTP, named as Chalice names it."""
        return f"{APP}-{self.stage}"
