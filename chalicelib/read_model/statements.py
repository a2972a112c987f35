"""Writes rows into the read model: one statement for each table and batch, whatever was written before.

Each may run again, and in any order with others: the newest version of a record stays, the earliest end of a session
counts, and what was deleted does not come back. So the same messages leave the same rows, duplicated, shuffled or after
a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from chalicelib.events import IMPERSONAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from chalicelib.read_model.database import Transaction
    from chalicelib.read_model.projection import Row

WRITER = "SELECT pg_advisory_xact_lock(hashtextextended('rollcall read model: writer', 0))"
"""One writer at a time: a batch takes milliseconds, two that wait for each other's rows take forever, and what a
statement reads of another table is whole."""

_IMPERSONAL = sorted(IMPERSONAL)


@dataclass
class Rows:
    """What a batch writes, each record in its newest version alone."""

    people: dict[str, Row] = field(default_factory=dict)
    identities: dict[str, Sequence[Row]] = field(default_factory=dict)
    """By the person's id."""
    sessions: dict[str, Row] = field(default_factory=dict)
    items: dict[tuple[str, str], Row] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Row] = field(default_factory=dict)
    events: dict[str, Row] = field(default_factory=dict)
    tombstones: dict[tuple[str, str, str], Row] = field(default_factory=dict)

    def add_person(self, row: Row, identities: Sequence[Row] = ()) -> None:
        if _newest(self.people, row["id"], row):
            self.identities[row["id"]] = identities

    def add_session(self, row: Row) -> None:
        """Of a session that starts and ends in one batch, what both say."""
        before = self.sessions.setdefault(row["id"], row)
        if before is row:
            return
        ends = [each for each in (before, row) if each["ended_at"]]
        merged = {name: before[name] if before[name] is not None else row[name] for name in row}
        if ends:
            first = min(ends, key=lambda each: (each["ended_at"], each["end_reason"]))
            merged |= {name: first[name] for name in ("ended_at", "end_reason")}
        self.sessions[row["id"]] = merged

    def add_item(self, row: Row) -> None:
        _newest(self.items, (row["user_id"], row["key"]), row)

    def add_membership(self, row: Row) -> None:
        """Of several of one person in one segment, the newest, with the last time that they entered."""
        key = row["segment_id"], row["user_id"]
        before = self.memberships.get(key, row)
        newest = max(before, row, key=lambda each: int(each["version"]))
        entered = max(before["entered_at"] or "", row["entered_at"] or "") or None
        self.memberships[key] = {**newest, "entered_at": entered}

    def add_event(self, row: Row) -> None:
        self.events[row["id"]] = row

    def add_tombstone(self, row: Row) -> None:
        _newest(self.tombstones, (row["kind"], row["owner"], row["key"]), row)


def _newest(rows: dict[Any, Row], key: Any, row: Row) -> bool:
    """Put a row there, unless a newer one is. Returns whether it was put."""
    if rows.get(key, row)["version"] > row["version"]:
        return False
    rows[key] = row
    return True


def write(transaction: Transaction, rows: Rows, *, derives: bool = True) -> None:
    """Write a batch. The caller's transaction holds the WRITER's lock, and the partitions of the events are there. A
    batch that does not derive leaves that to `derive`."""
    _run(transaction, _TOMBSTONES, rows.tombstones.values())
    _run(transaction, _EVENTS, rows.events.values(), impersonal=_IMPERSONAL)
    _run(transaction, _SESSIONS, rows.sessions.values())
    _run(transaction, _ITEMS, rows.items.values())
    _run(transaction, _MEMBERSHIPS, rows.memberships.values())
    if rows.people:
        identities = list(chain.from_iterable(rows.identities.values()))
        transaction.run(
            _PEOPLE, rows=wire.to_json(list(rows.people.values())), identities=wire.to_json(identities)
        )
    ended = {row["subject"] for row in rows.events.values() if row["sessions_ended"]}
    started = {row["user_id"] for row in rows.sessions.values() if row["started_at"]}
    if derives:
        derive(transaction, ended=ended | started, signed_in=started | rows.people.keys())
    gone = sorted(row["owner"] for row in rows.tombstones.values() if row["kind"] == "people")
    if gone:
        erase(transaction, gone)
    deleted = [row for row in rows.tombstones.values() if row["kind"] == "items"]
    _run(transaction, _DELETED_ITEMS, deleted)


def derive(transaction: Transaction, *, ended: Collection[str], signed_in: Collection[str]) -> None:
    """Set what follows from other rows: of people whose sessions may have `ended` all at once, when each did; of people
    who may have `signed_in`, when they last did."""
    if ended:
        transaction.run(_ALL_ENDED, users=sorted(ended))
    if signed_in:
        transaction.run(_LAST_SIGN_IN, users=sorted(signed_in))


def erase(transaction: Transaction, user_ids: Sequence[str]) -> int:
    """Delete every row about people who were removed, and what of their events is about them. Returns how many rows
    were deleted or emptied. They have tombstones already."""
    erased = 0
    for sql in _DELETIONS:
        transaction.run(sql, users=list(user_ids))
        erased += transaction.changed
    transaction.run(_EMPTIED_EVENTS, users=list(user_ids), impersonal=_IMPERSONAL)
    return erased + transaction.changed


def left(transaction: Transaction, user_id: str) -> tuple[bool, int]:
    """Whether a person has a tombstone, and how many rows are about them still that `erase` would delete or empty."""
    (row,) = transaction.run(_LEFT, user=user_id, impersonal=_IMPERSONAL)
    return bool(row[0]), int(row[1])


def _run(transaction: Transaction, sql: str, rows: Iterable[Row], **parameters: Any) -> None:
    listed = list(rows)
    if listed:
        transaction.run(sql, rows=wire.to_json(listed), **parameters)


_TOMBSTONES = """
INSERT INTO tombstones (kind, owner, key, version, deleted_at)
SELECT kind, owner, key, version, deleted_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r(kind text, owner text, key text, version bigint, deleted_at timestamptz)
WHERE kind = 'people' OR NOT EXISTS (SELECT FROM tombstones AS t WHERE t.kind = 'people' AND t.owner = r.owner)
ON CONFLICT (kind, owner, key) DO UPDATE SET version = excluded.version, deleted_at = excluded.deleted_at
WHERE tombstones.version < excluded.version
"""

_EVENTS = """
INSERT INTO events (id, time, type, subject, version, actor, request_id, bulk, session_id, changed, data, previous,
    sessions_ended, session_kept)
SELECT r.id, r.time, r.type, r.subject, r.version, r.actor, r.request_id, r.bulk, r.session_id,
    (SELECT array_agg(name) FROM jsonb_array_elements_text(r.changed) AS name),
    CASE WHEN t.owner IS NULL OR r.type = ANY(CAST(:impersonal AS text[])) THEN r.data END,
    CASE WHEN t.owner IS NULL THEN nullif(r.previous, 'null') END,
    r.sessions_ended, r.session_kept
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id text, time timestamptz, type text, subject text, version bigint,
    actor text, request_id text, bulk boolean, session_id text, changed jsonb, data jsonb, previous jsonb,
    sessions_ended boolean, session_kept text)
LEFT JOIN tombstones AS t ON t.kind = 'people' AND t.owner = r.subject
ON CONFLICT (time, id) DO NOTHING
"""

_SESSIONS = """
INSERT INTO sessions AS s (id, user_id, started_at, expires_at, method, second_factor, new_device, after_import,
    connection, agent, ended_at, end_reason)
SELECT r.id, r.user_id, r.started_at, r.expires_at, r.method, r.second_factor, r.new_device, r.after_import,
    r.connection, r.agent, r.ended_at, r.end_reason
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id text, user_id text, started_at timestamptz,
    expires_at timestamptz, method text, second_factor boolean, new_device boolean, after_import boolean,
    connection text, agent text, ended_at timestamptz, end_reason text)
WHERE NOT EXISTS (SELECT FROM tombstones AS t WHERE t.kind = 'people' AND t.owner = r.user_id)
ON CONFLICT (id) DO UPDATE SET
    started_at = coalesce(s.started_at, excluded.started_at),
    expires_at = coalesce(s.expires_at, excluded.expires_at),
    method = coalesce(s.method, excluded.method),
    second_factor = coalesce(s.second_factor, excluded.second_factor),
    new_device = coalesce(s.new_device, excluded.new_device),
    after_import = coalesce(s.after_import, excluded.after_import),
    connection = coalesce(s.connection, excluded.connection),
    agent = coalesce(s.agent, excluded.agent),
    ended_at = least(s.ended_at, excluded.ended_at),
    end_reason = CASE WHEN excluded.ended_at IS NULL THEN s.end_reason
        WHEN s.ended_at IS NULL OR (excluded.ended_at, excluded.end_reason) < (s.ended_at, s.end_reason)
        THEN excluded.end_reason ELSE s.end_reason END
"""

_ALL_ENDED = """
UPDATE sessions AS s SET ended_at = e.time, end_reason = 'all_ended'
FROM (
    SELECT DISTINCT ON (o.id) o.id, e.time
    FROM sessions AS o JOIN events AS e ON e.subject = o.user_id AND e.sessions_ended AND e.time > o.started_at
        AND e.session_kept IS DISTINCT FROM o.id
    WHERE o.user_id = ANY(CAST(:users AS text[]))
    ORDER BY o.id, e.time
) AS e
WHERE s.id = e.id AND (s.ended_at IS NULL OR (e.time, 'all_ended') < (s.ended_at, s.end_reason))
"""

_ITEMS = """
INSERT INTO items AS i (user_id, key, version, value, size, written_at, updated_at)
SELECT r.user_id, r.key, r.version, CASE WHEN r.has_value THEN r.value END, r.size, r.written_at, r.updated_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(user_id text, key text, version bigint, value jsonb,
    has_value boolean, size integer, written_at timestamptz, updated_at timestamptz)
WHERE NOT EXISTS (SELECT FROM tombstones AS t WHERE t.kind = 'people' AND t.owner = r.user_id)
    AND NOT EXISTS (SELECT FROM tombstones AS t
        WHERE t.kind = 'items' AND t.owner = r.user_id AND t.key = r.key AND t.version >= r.version)
ON CONFLICT (user_id, key) DO UPDATE SET version = excluded.version, value = excluded.value, size = excluded.size,
    written_at = excluded.written_at, updated_at = excluded.updated_at
WHERE i.version < excluded.version
"""

_DELETED_ITEMS = """
DELETE FROM items AS i USING jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(owner text, key text, version bigint)
WHERE i.user_id = r.owner AND i.key = r.key AND i.version < r.version
"""

_MEMBERSHIPS = """
INSERT INTO memberships AS m (segment_id, user_id, version, entered_at, left_at)
SELECT r.segment_id, r.user_id, r.version, r.entered_at, r.left_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(segment_id text, user_id text, version bigint,
    entered_at timestamptz, left_at timestamptz)
WHERE NOT EXISTS (SELECT FROM tombstones AS t WHERE t.kind = 'people' AND t.owner = r.user_id)
ON CONFLICT (segment_id, user_id) DO UPDATE SET version = greatest(m.version, excluded.version),
    entered_at = greatest(m.entered_at, excluded.entered_at),
    left_at = CASE WHEN m.version < excluded.version THEN excluded.left_at ELSE m.left_at END
"""

_PEOPLE = """
WITH written AS (
    INSERT INTO people AS p (id, version, email, email_verified, name, age, birthdate, locale, terms_version,
        terms_accepted_at, attributes, metadata, roles, status, source, search, created_at, updated_at)
    SELECT r.id, r.version, r.email, r.email_verified, r.name, r.age, r.birthdate, r.locale, r.terms_version,
        r.terms_accepted_at, r.attributes, r.metadata,
        ARRAY(SELECT jsonb_array_elements_text(r.roles)), r.status, r.source, r.search, r.created_at, r.updated_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id text, version bigint, email text, email_verified boolean,
        name text, age integer, birthdate date, locale text, terms_version text, terms_accepted_at timestamptz,
        attributes jsonb, metadata jsonb, roles jsonb, status text, source text, search text, created_at timestamptz,
        updated_at timestamptz)
    WHERE NOT EXISTS (SELECT FROM tombstones AS t WHERE t.kind = 'people' AND t.owner = r.id)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, email = excluded.email,
        email_verified = excluded.email_verified, name = excluded.name, age = excluded.age,
        birthdate = excluded.birthdate, locale = excluded.locale, terms_version = excluded.terms_version,
        terms_accepted_at = excluded.terms_accepted_at, attributes = excluded.attributes, metadata = excluded.metadata,
        roles = excluded.roles, status = excluded.status, source = excluded.source, search = excluded.search,
        created_at = excluded.created_at, updated_at = excluded.updated_at
    WHERE p.version < excluded.version
    RETURNING id
), linked AS (
    SELECT r.user_id, r.id, r.connection, r.linked_at
    FROM jsonb_to_recordset(CAST(:identities AS jsonb)) AS r(user_id text, id text, connection text,
        linked_at timestamptz)
    JOIN written ON written.id = r.user_id
), unlinked AS (
    DELETE FROM identities AS i USING written WHERE i.user_id = written.id
        AND NOT EXISTS (SELECT FROM linked WHERE linked.user_id = i.user_id AND linked.id = i.id)
)
INSERT INTO identities (user_id, id, connection, linked_at) SELECT user_id, id, connection, linked_at FROM linked
ON CONFLICT (user_id, id) DO UPDATE SET connection = excluded.connection, linked_at = excluded.linked_at
"""

_LAST_SIGN_IN = """
UPDATE people AS p SET last_sign_in_at = s.newest
FROM (
    SELECT user_id, max(started_at) AS newest FROM sessions WHERE user_id = ANY(CAST(:users AS text[])) GROUP BY 1
) AS s
WHERE p.id = s.user_id AND (p.last_sign_in_at IS NULL OR p.last_sign_in_at < s.newest)
"""

OF_PERSON = {"people": "id", **dict.fromkeys(("identities", "sessions", "items", "memberships"), "user_id")}
"""The tables whose rows are about one person, each with the column that says about whom."""

_DELETIONS = (
    *(f"DELETE FROM {name} WHERE {about} = ANY(CAST(:users AS text[]))" for name, about in OF_PERSON.items()),  # noqa: S608
    "DELETE FROM tombstones WHERE kind = 'items' AND owner = ANY(CAST(:users AS text[]))",
)

_EMPTIED_EVENTS = """
UPDATE events SET data = CASE WHEN type = ANY(CAST(:impersonal AS text[])) THEN data END, previous = NULL
WHERE subject = ANY(CAST(:users AS text[]))
    AND (previous IS NOT NULL OR (data IS NOT NULL AND type <> ALL(CAST(:impersonal AS text[]))))
"""

_ROWS_OF_PERSON = " + ".join(
    f"(SELECT count(*) FROM {table} WHERE {column} = :user)"  # noqa: S608 - names of OF_PERSON
    for table, column in OF_PERSON.items()
)

_LEFT = f"""
SELECT EXISTS (SELECT FROM tombstones WHERE kind = 'people' AND owner = :user),
    {_ROWS_OF_PERSON}
    + (SELECT count(*) FROM tombstones WHERE kind = 'items' AND owner = :user)
    + (SELECT count(*) FROM events WHERE subject = :user
        AND (previous IS NOT NULL OR (data IS NOT NULL AND type <> ALL(CAST(:impersonal AS text[])))))
"""  # noqa: S608 - names of OF_PERSON
