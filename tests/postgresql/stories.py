"""Stories of people, their sessions, items and segments, told by random numbers: the events of each change, and what
`users` has at each moment."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import from_item
from chalicelib.events.change import events_of
from tests.cloudlike import NAMES
from tests.functional.operated import answering
from tests.unit.events import images
from tests.unit.events.images import AT, URL

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from chalicelib.core.aws.dynamo import Item
    from chalicelib.events import Event

PEOPLE = ("U1", "U2", "U3")

CANARY = "canary"
"""Is in every text of a person."""


@dataclass
class Story:
    """What happened, in its order. Each person starts with an account."""

    chance: random.Random
    changes: list[tuple[str, Item, list[Event]]] = field(default_factory=list)
    """The table, the record after the change, and its events."""
    now: dict[tuple[str, str], Item] = field(default_factory=dict)
    """The records, by table and key."""
    _moment: Any = field(default_factory=lambda: clock.parse(AT))

    def __post_init__(self) -> None:
        for user_id in PEOPLE:
            mail = f"{CANARY}-{user_id}@{CANARY}.example"
            self._to(
                "users", user_id, images.user(id=user_id, email=mail, name=f"{CANARY} {user_id}", created_at=AT)
            )

    @property
    def removed(self) -> set[str]:
        return {key for (table, key), row in self.now.items() if table == "users" and "deleted_at" in row}

    def go_on(self, steps: int) -> Story:
        """Have so many things happen."""
        acts = (self._edit, self._link, self._sign_in, self._sign_out, self._end_all, self._put, self._delete)
        weights = {**dict.fromkeys((*acts, self._enter, self._leave), 20), self._remove: 2}
        for _ in range(steps):
            self._moment += timedelta(seconds=self.chance.choice((0, 1, 60)))
            (act,) = self.chance.choices(list(weights), list(weights.values()))
            act(self.chance.choice(PEOPLE))
        return self

    def events(self) -> list[Event]:
        return [event for _, _, happened in self.changes for event in happened]

    def _edit(self, user_id: str) -> None:
        text = f"{CANARY} {self.chance.randrange(99)}"
        self._change("users", user_id, name=text, attributes={CANARY: text}, metadata={"note": text})

    def _link(self, user_id: str) -> None:
        identities = [
            {"id": f"I{n}", "connection": "C1", "linked_at": AT} for n in range(self.chance.randrange(3))
        ]
        self._change("users", user_id, identities=identities)

    def _end_all(self, user_id: str) -> None:
        record = self.now["users", user_id]
        kept = {"session_kept": self._a_session(user_id)} if self.chance.random() < 0.5 else {}
        self._change("users", user_id, sessions_since=record["version"] + 1, **kept)

    def _sign_in(self, user_id: str) -> None:
        key = f"S{len(self.now)}"
        moment = clock.timestamp(self._moment)
        agent = f"{CANARY} browser"
        self._to("sessions", key, images.session(id=key, user_id=user_id, created_at=moment, agent=agent))

    def _sign_out(self, user_id: str) -> None:
        key = self._a_session(user_id)
        if key is not None:
            reason = self.chance.choice(("signed_out", "reuse", "expired"))
            self._change("sessions", key, deleted_at=clock.timestamp(self._moment), reason=reason)

    def _a_session(self, user_id: str) -> str | None:
        keys = [key for (table, key), row in self.now.items() if table == "sessions" and row["user_id"] == user_id]
        return self.chance.choice([*keys, None])

    def _put(self, user_id: str) -> None:
        name = self.chance.choice(("theme", "cart"))
        key = f"{user_id}/{name}"
        before = self.now.get(("items", key))
        row = images.item(value=[CANARY, self.chance.randrange(99)], user_id=user_id, item_key=name)
        self._to("items", key, {**row, "version": before["version"] + 1 if before else 1})

    def _delete(self, user_id: str) -> None:
        key = f"{user_id}/{self.chance.choice(('theme', 'cart'))}"
        if ("items", key) in self.now:
            self._change("items", key, deleted_at=clock.timestamp(self._moment))

    def _enter(self, user_id: str) -> None:
        key = f"G1/{user_id}"
        before = self.now.get(("segments", key), {"version": 0, "left_at": AT})
        if "left_at" in before:
            entered = clock.timestamp(self._moment)
            about = {"segment_id": "G1", "segment_name": "Gold", "user_id": user_id, "entered_at": entered}
            self._to("segments", key, images.stamped(before["version"] + 1, id=key, **about))

    def _leave(self, user_id: str) -> None:
        key = f"G1/{user_id}"
        if "left_at" not in self.now.get(("segments", key), {"left_at": AT}):
            self._change("segments", key, left_at=clock.timestamp(self._moment))

    def _remove(self, user_id: str) -> None:
        before = self.now["users", user_id]
        if "deleted_at" not in before:
            moment = clock.timestamp(self._moment)
            self._to("users", user_id, images.tombstone(before, deleted_at=moment, erasure="E1"))

    def _change(self, table: str, key: str, **fields: Any) -> None:
        """The record's next version, unless it is deleted."""
        before = self.now[table, key]
        if "deleted_at" not in before:
            self._to(table, key, {**before, **fields, "version": before["version"] + 1})

    def _to(self, table: str, key: str, record: Item) -> None:
        record = {**record, "updated_at": clock.timestamp(self._moment)}
        happened = events_of(table, self.now.get((table, key)), record, False, public_url=URL)
        self.now[table, key] = record
        self.changes.append((table, record, happened))


@contextmanager
def people(rows: dict[str, Item]) -> Iterator[None]:
    """Have these rows answer every read of `users` in the block, as they are when it comes."""
    table = NAMES.of("users")

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        keys = json.loads(request["body"])["RequestItems"][table]["Keys"]
        found = [rows[key["id"]["S"]] for key in keys if key["id"]["S"] in rows]
        return {"Responses": {table: list(map(from_item, found))}, "UnprocessedKeys": {}}

    with answering(clients.client("dynamodb"), "BatchGetItem", answer):
        yield


def deliveries(story: Story, rows: dict[str, Item], chance: random.Random, times: int) -> Iterator[list[Event]]:
    """Batches in which the story's events come, each so many times and in no order, none before its change is in
    `rows`."""
    written: list[Event] = []
    changes = iter(story.changes)
    for table, record, happened in changes:
        if table == "users":
            rows[record["id"]] = record
        written += happened
        if chance.random() < 0.2:
            yield chance.sample(written, chance.randrange(len(written)) + 1)
    late = written * times
    chance.shuffle(late)
    while late:
        size = chance.randrange(1, 120)
        yield late[:size]
        late = late[size:]
