"""An import that is killed after any of its AWS calls, once or twice, ends as one that nobody killed."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.bulk.chunk import import_chunk
from chalicelib.bulk.finish import finish_import
from chalicelib.bulk.model import ROW_BYTES
from chalicelib.bulk.plan import plan_import
from chalicelib.bulk.uploads import receive_uploads
from chalicelib.core import clients
from chalicelib.jobs import jobs
from tests.cloudlike import Cloud, stage
from tests.functional.importing import Machines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HASH = "$argon2id$v=19$m=19456,t=2,p=1$YWFhYWFhYWFhYWFhYWFhYQ$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"

NOBODY = 0
"""A row that is cheap to refuse: with enough of them the file has two chunks."""

ROWS = [
    {"email": "ann@example.com", "name": "Ann", "birthdate": "1990-02-03", "password_hash": HASH},
    {"email": "bea@example.com", "name": "Bea", "age": 7, "attributes": {"team": "blue"}},
    {"id": "cem-1", "email": "cem@example.com", "email_verified": True},
    {"id": "dov-1", "name": "Dov", "age": 42},
    {"name": "Eva", "locale": "de"},
    {"email": "BEA@example.com", "name": "Bea again"},
    {"name": "Faulty", "age": -1},
    *[NOBODY] * 494,
    {"email": "gil@example.com", "name": "Gil"},
    {"email": "Ann@example.com", "name": "Ann again"},
    {"name": "Hana"},
]
FILE = b"[" + b",\n".join(json.dumps(row).encode() for row in ROWS) + b"]"


class Killed(BaseException):
    """The process ends here: nothing that the app catches."""


class Process:
    """Everything that runs until it is killed, right after a call; then no thread of it calls AWS any more.

    Its calls take turns, because moto's tables are not safe among threads.
    """

    def __init__(self) -> None:
        self.calls = 0
        self._dies_after: int | None = None
        self._turn = threading.Lock()
        events = clients.session().events
        events.register_first("before-call", self._enter)
        events.register_last("after-call", self._leave)

    def live(self, calls: int | None = None) -> None:
        """Begin anew, with so many calls to live (None: without end)."""
        self.calls, self._dies_after = 0, calls

    def _enter(self, **_: Any) -> None:
        self._turn.acquire()
        if self._is_dead():
            self._turn.release()
            raise Killed

    def _leave(self, **_: Any) -> None:
        self.calls += 1
        dead = self._is_dead()
        self._turn.release()
        if dead:
            raise Killed

    def _is_dead(self) -> bool:
        return self._dies_after is not None and self.calls >= self._dies_after


@contextmanager
def mortal_stage() -> Iterator[tuple[Cloud, Machines, Process]]:
    """A stage, and the process that runs in it, whose session no other test shares."""
    with stage() as aws:
        _new_session()
        try:
            yield aws, Machines(aws), Process()
        finally:
            _new_session()


def _new_session() -> None:
    clients.session.cache_clear()
    clients.client.cache_clear()
    clients.forget()


def repeated(step: Callable[[], Any], killed: Callable[[], None]) -> None:
    """Run a step until it is through."""
    while True:
        try:
            step()
            break
        except Killed:
            killed()


class Import:
    """One upload of the file and its state machine, whose every step AWS repeats until it is through."""

    def __init__(self, machines: Machines, data: bytes = FILE, key: str = "imports/users.json") -> None:
        self.machines = machines
        self.event = {"Records": [machines.upload(data, key)]}
        version = self.event["Records"][0]["s3"]["object"]["versionId"]
        self.given = lambda: next(each for each in machines.started() if each["version"] == version)

    def steps(self) -> Iterator[Callable[[], Any]]:
        """Each step in turn; a later one is made when those before it are through."""
        yield lambda: receive_uploads(self.event)
        plan: dict[str, Any] = {}
        yield lambda: plan.update(plan_import(self.given()))
        for entry in self.machines.manifest(plan):
            yield lambda entry=entry: import_chunk(entry)
        yield lambda: finish_import(self.given())

    def run(self, killed: Callable[[], None] = lambda: None) -> None:
        """Run every step, again where the process was killed in it (`killed` is told)."""
        for step in self.steps():
            repeated(step, killed)

    def begin(self) -> None:
        """Run until the process is killed."""
        for step in self.steps():
            step()

    def job(self) -> dict[str, Any]:
        return jobs().get(self.given()["job"])


def who_there_is(aws: Cloud) -> list[dict[str, Any]]:
    """Everybody with what their row said, their address's lock and their password: all but what runs differ in."""
    credentials = {row["id"]: row for row in aws.rows("credentials")}
    said = (
        "email",
        "email_verified",
        "name",
        "age",
        "birthdate",
        "locale",
        "attributes",
        "roles",
        "status",
        "source",
    )
    people = [
        {
            **{field: person.get(field) for field in said},
            "given_id": person["id"] if "-" in person["id"] else None,
            "locked": credentials.pop(f"email#{person.get('email_key')}", {}).get("user_id") == person["id"],
            "password": credentials.pop(f"password#{person['id']}", {}).get("hash"),
        }
        for person in aws.rows("users")
    ]
    assert credentials == {}, "a lock or a password of nobody"
    return sorted(people, key=lambda person: json.dumps(person, sort_keys=True))


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    """What an import that nobody kills leaves behind, and how many calls it takes."""
    with mortal_stage() as (aws, machines, process):
        process.live()
        whole = Import(machines)
        whole.run()
        calls, job = process.calls, whole.job()
        return {
            "calls": calls,
            "people": who_there_is(aws),
            "counts": job["counts"],
            "errors": machines.errors(job),
        }


def test_the_clean_run_is_worth_comparing_with(clean, held_clock):
    assert clean["counts"] == {"rows": 504, "created": 7, "updated": 0, "unchanged": 0, "failed": 497}
    assert len(clean["people"]) == 7
    assert [person["password"] for person in clean["people"] if person["password"]] == [HASH]
    assert clean["calls"] > 20


def test_a_step_that_is_killed_after_any_call_and_repeated_leaves_what_a_clean_run_leaves(clean, held_clock):
    for point in range(1, clean["calls"] + 1):
        with mortal_stage() as (aws, machines, process):
            lives = iter([max(1, point % 7), None])

            def killed(process: Process = process, lives: Iterator[int | None] = lives) -> None:
                process.live(next(lives))

            process.live(point)
            whole = Import(machines)
            whole.run(killed)
            process.live()
            job = whole.job()
            assert who_there_is(aws) == clean["people"], point
            assert (job["status"], job["counts"]) == ("finished", clean["counts"]), point
            assert machines.errors(job) == clean["errors"], point


WRITES = [
    {"item_key": "a", "item_id": "1", "item_value": "old", "at": "2026-03-01T10:00:00Z"},
    {"item_key": "a", "item_id": "2", "item_value": "new", "at": "2026-03-01T10:00:01Z"},
    {"item_key": "b", "item_id": "3", "item_value": "x" * 300_000, "at": "2026-03-01T10:00:00Z"},
    {"item_key": "c", "item_id": "4", "item_value": None, "at": "2026-03-01T10:00:00Z", "deleted": True},
    {"item_key": "d", "item_id": "5", "item_value": 1, "at": "never"},
    {"item_key": "c", "item_id": "6", "item_value": "late", "at": "2026-03-01T09:00:00Z"},
    {"item_key": "e", "item_id": "7", "item_value": {"deep": [1]}, "at": "2026-03-01T10:00:00Z"},
]
ITEMS = b"\n".join(
    json.dumps({"user_id": "U1", **row}).encode()[:-1].ljust(ROW_BYTES["items"] - 1) + b"}" for row in WRITES
)
"""Rows as long as they may be: four fill a chunk."""


def items_left(aws: Cloud) -> list[tuple[Any, ...]]:
    shown = ("item_key", "item_id", "value", "at", "version")
    return sorted(tuple(row.get(name) for name in shown) for row in aws.rows("items"))


def test_items_of_chunks_that_are_killed_twice_are_those_of_a_clean_run(held_clock):
    def run(first: int | None, second: int | None) -> tuple[Any, ...]:
        with mortal_stage() as (aws, machines, process):
            whole = Import(machines, ITEMS, "items/some.ndjson")
            receive_uploads(whole.event)
            chunks = machines.manifest(plan_import(whole.given()))
            lives = iter([second, None])
            process.live(first)
            for entry in chunks:
                repeated(lambda entry=entry: import_chunk(entry), lambda: process.live(next(lives)))
            calls = process.calls
            process.live()
            finish_import(whole.given())
            job = whole.job()
            return calls, items_left(aws), job["counts"], machines.errors(job)

    calls, *clean = run(None, None)
    assert [row[:2] for row in clean[0]] == [("a", "2"), ("b", "3"), ("c", "4"), ("e", "7")]
    assert clean[1] == {"rows": 7, "created": 4, "updated": 0, "unchanged": 2, "failed": 1}
    for point in range(1, calls + 1):
        assert list(run(point, max(1, point % 5))[1:]) == clean, point


def test_a_file_that_is_sent_again_after_a_kill_at_any_call_gives_the_same_people(clean, held_clock):
    for point in range(1, clean["calls"] + 1):
        with mortal_stage() as (aws, machines, process):
            process.live(point)
            with pytest.raises(Killed):
                Import(machines).begin()
            process.live()
            again = Import(machines)
            again.run()
            assert again.job()["status"] == "finished", point
            assert who_there_is(aws) == clean["people"], point
