"""The one source of every AWS name: `rollcall-<stage>-<thing>`, for the app and for its templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.crypto.app_keys import Purpose

APP = "rollcall"

STAGE_LENGTH = 13
"""The most characters of a stage's name. The longest bucket name, `rollcall-<stage>-uploads-<account>-<region>-copy`,
then has 63 in every region of the commercial partition, whose longest names have 14 (`ap-southeast-1`). 63 is the limit
of S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

NO_STAGE = frozenset({"firebase", "reconcile"})
"""Words that a stage's name must not have between its hyphens, because names of resources begin with them or consist of
them: the secrets `rollcall-dev-firebase-…` of the stage `dev` would also be those of a stage `dev-firebase`, and the
function `rollcall-dev-reconcile` would be the API of a stage `dev-reconcile`."""

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
    "clients",
    "grants",
)
"""Every table that each stage has. Secrets live in `credentials`, which has no stream."""

STREAMS = ("users", "sessions", "items", "jobs", "clients", "intents")
"""Tables whose every write becomes an event; `intents` streams its keys only."""

QUEUES = ("mail", "history", "insights", "webhooks", "deliveries", "items", "jobs")
"""Queues with a consumer of their own; each has a dead-letter queue `<name>-dlq`."""

PARKED = ("streams-dlq", "invocations-dlq")
"""The queues of stream records, and of events of asynchronous invocations, that cannot be processed."""

DEAD_LETTERS = (*(f"{queue}-dlq" for queue in QUEUES), *PARKED)
"""Every dead-letter queue."""

READ_MODEL_TABLES = ("segments",)
READ_MODEL_QUEUES = ("read-model",)
"""The tables, whose every write becomes an event too, and the queues that only a stage with READ_MODEL has."""

TOPICS = ("user-events", "mail-feedback", "ops-alerts")
BUCKETS = ("uploads", "uploads-copy", "work")
STATE_MACHINES = ("import", "export")
SECRETS = ("signing-key", "app-keys")

READ_MODEL_SECRET = "read-model"
"""The short name of the secret by which a stage reaches its read model's PostgreSQL. Its owner makes it."""

ISOLATED: Mapping[Purpose, str] = {"webhooks": "WEBHOOKS"}
"""The purposes whose keys are read without the roots by those who only open seals, each with the staging label of the
version that holds its keys by number: `{"1": "<32 bytes in base64url>"}`. A rotation (`core.crypto.app_key_rotation`)
stores it before its root is used, so that every number in use is in it."""


@dataclass(frozen=True)
class Names:
    """The names of one stage's resources."""

    stage: str

    def of(self, thing: str) -> str:
        """`rollcall-<stage>-<thing>`: tables, queues, topics, functions, state machines, secrets."""
        return f"{APP}-{self.stage}-{thing}"

    def bucket(self, thing: str, account_id: str, region: str) -> str:
        """Bucket names are global, so they carry account and region, and an account can hold a stage in several
        regions: `uploads-<account>-<region>`, `uploads-<account>-<region>-copy`."""
        base, _, suffix = thing.partition("-")
        return self.of(f"{base}-{account_id}-{region}" + (f"-{suffix}" if suffix else ""))

    @property
    def api(self) -> str:
        """The function behind HTTP, named as Chalice names it."""
        return f"{APP}-{self.stage}"
