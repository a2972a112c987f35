"""The DynamoDB tables: keys, indexes, streams and lifetimes. Nothing else defines them: the templates and the tests'
in-memory cloud are both made from this module."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.core.names import READ_MODEL_TABLES, TABLES


@dataclass(frozen=True)
class Index:
    """A global secondary index. `projection` is KEYS_ONLY, ALL, or a tuple of further attributes."""

    name: str
    partition: str
    sort: str
    projection: str | tuple[str, ...] = "KEYS_ONLY"


@dataclass(frozen=True)
class TableSpec:
    """A table. Attributes are strings, unless named in `numbers`."""

    name: str
    partition: str
    sort: str | None = None
    indexes: tuple[Index, ...] = ()
    numbers: frozenset[str] = field(default_factory=frozenset)
    stream: str | None = None
    expires: bool = False
    """Whether DynamoDB's TTL removes items by their `expires_at`."""
    owner: str = ""
    """The only package of `chalicelib` that opens it; empty where each kind of its rows has its own owner (`KINDS`)."""

    @property
    def owners(self) -> frozenset[str]:
        """The packages that open it."""
        return frozenset({self.owner}) if self.owner else frozenset(KINDS[self.name].values())

    def attributes(self) -> list[str]:
        """Every attribute that is part of a key."""
        keys = [self.partition, self.sort]
        for index in self.indexes:
            keys += [index.partition, index.sort]
        return list(dict.fromkeys(key for key in keys if key))


KINDS = {
    "credentials": {
        "client#": "oauth",
        "connection#": "connections",
        "email#": "accounts",
        "factors#": "factors",
        "first-administrator": "accounts",
        "passkey#": "factors",
        "identities#": "identities",
        "identity#": "identities",
        "password#": "accounts",
    },
    "guards": {
        "attempts#": "limits",
        "birthdays": "birthdays",
        "challenge#": "factors",
        "codes#": "intents",
        "connect#": "identities",
        "copy#": "replication",
        "dearest-hash": "sessions",
        "figures#": "operations",
        "flights#": "sessions",
        "limit#": "limits",
        "mails#": "limits",
        "sweep": "events",
        "waiting#": "intents",
    },
}
"""For the tables that hold several kinds of rows: the prefix of each kind's keys, and the only package that reads and
writes that kind."""

CHANGES_INDEX = Index("changes-index", "changed_hour", "updated_at", ("version",))
"""What changed in an hour, spread over shards: the sweep compares it with history. See `core.aws.records`."""

ROLES_INDEX = Index("roles-index", "roles_shard", "created_at", "ALL")
"""Everybody who has a role, spread over shards (`accounts.model`). DynamoDB has no index on the members of a list, and
a row for each role would make every change of roles a transaction. So this index is sparse, holds whole rows, and is
filtered when it is read. It costs a write unit per change, of those few who have roles."""

CREATED_INDEX = Index("created-index", "created_shard", "created_at")
"""Everybody by the time that they were created, spread over shards, because an import creates many at once. It holds
keys only, and none of these ever changes, so it costs one write unit per person; a whole copy would cost one per
change. A result page of the directory reads its persons by one more batch."""

BOTH_IMAGES = "NEW_AND_OLD_IMAGES"

SPECS = (
    TableSpec(
        "users",
        "id",
        indexes=(
            Index("age-index", "age", "id", "ALL"),
            Index("name-index", "name_prefix", "name_key", "ALL"),
            Index("birthday-index", "birthday", "id"),
            ROLES_INDEX,
            CREATED_INDEX,
            CHANGES_INDEX,
        ),
        numbers=frozenset({"age"}),
        stream=BOTH_IMAGES,
        expires=True,
        owner="accounts",
    ),
    TableSpec(
        "credentials",
        "id",
        indexes=(
            Index(
                "kind-index",
                "kind",
                "id",
                # `oauth.model.LISTED`, said again: `app.py` asks infra while it is loaded, which may load no domain.
                (
                    "client_id",
                    "name",
                    "roles",
                    "created_at",
                    "updated_at",
                    "secret_made_at",
                    "previous_valid_until",
                    "version",
                ),
            ),
        ),
    ),
    TableSpec(
        "sessions",
        "id",
        indexes=(Index("user-index", "user_id", "id", "ALL"), CHANGES_INDEX),
        stream=BOTH_IMAGES,
        expires=True,
        owner="sessions",
    ),
    TableSpec(
        "intents",
        "id",
        indexes=(Index("account-index", "account", "id"),),
        stream="KEYS_ONLY",
        expires=True,
        owner="intents",
    ),
    TableSpec("guards", "id", expires=True),
    TableSpec(
        "items", "user_id", "item_key", indexes=(CHANGES_INDEX,), stream=BOTH_IMAGES, expires=True, owner="items"
    ),
    TableSpec(
        "history",
        "subject",
        "at",
        indexes=(Index("feed-index", "feed_shard", "recorded_at", "ALL"),),
        expires=True,
        owner="events",
    ),
    TableSpec(
        "jobs",
        "id",
        "part",
        indexes=(Index("kind-index", "kind", "id", "ALL"), CHANGES_INDEX),
        stream=BOTH_IMAGES,
        expires=True,
        owner="jobs",
    ),
    TableSpec(
        "mail", "id", indexes=(Index("user-index", "user_id", "created_at", "ALL"),), expires=True, owner="mail"
    ),
    TableSpec("webhooks", "realm", "id", owner="webhooks"),
    TableSpec(
        "deliveries",
        "webhook_id",
        "id",
        indexes=(Index("due-index", "due_shard", "due_at"),),
        expires=True,
        owner="webhooks",
    ),
    TableSpec("insights", "id", expires=True, owner="insights"),
    TableSpec("idempotency", "id", expires=True, owner="core"),
    TableSpec("clients", "id", indexes=(CHANGES_INDEX,), stream=BOTH_IMAGES, expires=True, owner="oauth"),
    TableSpec(
        "grants",
        "id",
        # Sparse: codes, pushed requests and spent assertions, which live for minutes, have neither attribute.
        indexes=(Index("session-index", "session_id", "id", "ALL"), Index("user-index", "user_id", "id", "ALL")),
        expires=True,
        owner="oauth",
    ),
    TableSpec(
        "segments",
        "id",
        # Definitions have a kind; memberships have a segment and a person. So each index holds one sort of rows.
        indexes=(
            Index("kind-index", "kind", "id", "ALL"),
            Index("segment-index", "segment_id", "user_id"),
            Index("user-index", "user_id", "segment_id"),
            CHANGES_INDEX,
        ),
        stream=BOTH_IMAGES,
        expires=True,
        owner="segments",
    ),
)

if tuple(spec.name for spec in SPECS) != (*TABLES, *READ_MODEL_TABLES):
    raise AssertionError("the tables of core.names and infra.tables.SPECS differ")
