"""A small stage as the read model has it: the people of `examples/user-info.json` and a cast of a few more, with what
happened to them, as events of their records. The same rows each time, around a time of their own."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.events.change import events_of
from chalicelib.profile.fields import FIELDS
from chalicelib.read_model import projection, views
from chalicelib.read_model.database import Database, options_of
from chalicelib.read_model.statements import Rows
from chalicelib.read_model.writing import apply
from tests.postgresql.conftest import MIGRATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.accounts.rows import Source
    from tools.postgresql import Server

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
"""A Wednesday in the middle of a month, so that this week, this month and the last one all have something."""

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "user-info.json"
READ = ("email", "email_verified", "name", "age", "birthdate", "locale", "attributes")
PLANS = ("free", "free", "free", "pro", "enterprise")
SOURCES: tuple[Source, ...] = ("registration", "registration", "import", "connection", "invitation")
METHODS = ("pwd", "pwd", "otp", "pop")
DAYS = 120
"""Before NOW the people of the examples arrived, one after the other."""


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@dataclass
class World:
    """Collects rows of changes as the consumer of events would."""

    rows: Rows = field(default_factory=Rows)
    sessions: int = 0

    def person(self, person_id: str, arrived: datetime, *, source: Source = "registration", **fields: Any) -> Any:
        """Somebody arrives. Returns their record."""
        with clock.held(arrived):
            record = accounts.new_person(source=source, id=person_id, **fields)
        self._change("users", None, record)
        return record

    def change(self, record: Any, at: datetime, **changes: Any) -> Any:
        """Their record changes. Returns it."""
        after = {**record, **changes, "version": record["version"] + 1, "updated_at": clock.timestamp(at)}
        self._change("users", record, after)
        return after

    def sign_in(self, record: Any, at: datetime, *, method: str = "pwd", **facts: Any) -> Any:
        """They sign in. Returns the record of their session."""
        self.sessions += 1
        began = clock.timestamp(at)
        how = {"connection": facts.pop("connection")} if "connection" in facts else {"amr": [method]}
        session = {"id": f"S{self.sessions}", "user_id": record["id"], "version": 1, "created_at": began}
        session |= {"updated_at": began, "expires_at": int(at.timestamp()) + 30 * 86400, **how, **facts}
        self._change("sessions", None, session)
        return session

    def end(self, session: Any, at: datetime, reason: str) -> None:
        when = clock.timestamp(at)
        self._change(
            "sessions",
            session,
            {**session, "version": 2, "updated_at": when, "deleted_at": when, "reason": reason},
        )

    def item(self, record: Any, key: str, value: Any, at: datetime) -> None:
        text, when = json.dumps(value), clock.timestamp(at)
        item = {"user_id": record["id"], "item_key": key, "value": text, "size": len(text), "sha256": "0" * 64}
        self._change("items", None, {**item, "version": 1, "at": when, "updated_at": when})

    def member(self, segment_id: str, record: Any, entered: datetime, left: datetime | None = None) -> None:
        """They entered a segment, and left it again if that has a time."""
        times = {"entered_at": clock.timestamp(entered), "left_at": left and clock.timestamp(left)}
        self.rows.add_membership({"segment_id": segment_id, "user_id": record["id"], "version": 1, **times})

    def _change(self, table: str, old: Any, new: Any) -> None:
        for event in events_of(table, old, new, False, public_url="https://rollcall.example"):
            self.rows.add_event(projection.event_row(event))
            if table == "sessions" and (session := projection.session_row_of(event)):
                self.rows.add_session(session)
            if table == "items" and (item := projection.item_row_of(event)):
                self.rows.add_item(item)
        if table == "users":
            self.rows.add_person(projection.person_row(new), projection.identity_rows(new))


@contextmanager
def written(server: Server, name: str) -> Iterator[Database]:
    """A database of that name with all of it, and its views counted."""
    server.create(name, template=MIGRATED)
    database = Database(options_of(server.secret(name)))
    world = World()
    examples(world)
    cast(world)
    apply(database, world.rows)
    views.refresh(database)
    yield database
    database.close()


def examples(world: World) -> None:
    """The people of the file, spread over DAYS. Every third never signed in."""
    people = list(filter(None, map(_valid, json.loads(EXAMPLES.read_text("utf-8")))))
    for n, fields in enumerate(people):
        plan = {"plan": PLANS[n % len(PLANS)]}
        fields["attributes"] = {**plan, **fields.get("attributes", {})}
        arrived = ago(DAYS * (1 - n / len(people)))
        record = world.person(f"E{n:04}", arrived, source=SOURCES[n % len(SOURCES)], **fields)
        for again in range(n % 3):
            at = arrived + (NOW - arrived) * (0.1 + 0.8 * again)
            facts: dict[str, Any] = {"second_factor": True} if n % 5 == 0 else {}
            world.sign_in(record, at, method=METHODS[n % len(METHODS)], new_device=not again, **facts)
        if n % 7 == 0:
            world.item(record, ("settings", "cart")[n % 2], {"theme": "dark"}, arrived)


def _valid(row: dict[str, Any]) -> dict[str, Any] | None:
    """What a row says of a person; None for those that are wrong on purpose."""
    try:
        return {name: FIELDS[name].check(value) for name, value in row.items() if name in READ}
    except ValueError:
        return None


def cast(world: World) -> None:
    """A few more, of whom each question is about one at least."""
    ada = world.person(
        "ada",
        ago(40),
        email="ada@acme.example",
        name="Ada Lovelace",
        age=36,
        birthdate="1990-01-02",
        attributes={"plan": "free"},
        locale="en-GB",
    )
    ada = world.change(ada, ago(40) + timedelta(minutes=20), email_verified=True)
    world.sign_in(ada, ago(39.9))
    ada = world.change(ada, ago(5), attributes={"plan": "pro"})
    ada = world.change(ada, ago(4), roles=["admin"])
    stolen = world.sign_in(ada, ago(2), new_device=True)
    world.end(stolen, ago(1), "reuse")
    consent = {"scopes": ["openid"], "granted_at": clock.timestamp(ago(3))}
    ada = world.change(ada, ago(3), consents={"notes": consent, "tasks": consent})
    world.change(ada, ago(2), consents={"notes": consent})
    bo = world.person(
        "bo",
        ago(20),
        email="bo@acme.example",
        name="Bo de Vries",
        age=52,
        email_verified=True,
        attributes={"plan": "pro"},
        locale="nl",
    )
    world.sign_in(bo, ago(1), method="pop")
    world.item(bo, "cart", [1, 2], ago(1))
    world.item(ada, "cart", [], ago(2))
    twin = world.person(
        "ada2",
        ago(10),
        email="al@mail.example",
        name="ada lovelace",
        birthdate="1990-01-02",
        attributes={"plan": "free"},
    )
    world.member("S-idle", twin, ago(6))
    world.member("S-idle", bo, ago(9), ago(1))
    cy = world.person("cy", ago(90), source="import", email="cy@old.example", name="Cy Okafor", age=70)
    identity = {"id": "I1", "connection": "google", "sub": "x", "linked_at": clock.timestamp(ago(50))}
    dag = world.person("dag", ago(60), source="connection", email="dag@acme.example", name="Dag", age=29)
    dag = world.change(dag, ago(50), identities=[identity], email_verified=True)
    world.sign_in(dag, ago(50), connection="google")
    world.item(cy, "settings", {}, ago(80))
