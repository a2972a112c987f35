"""An import that crashes before or after any of its AWS calls, once or twice, ends as one that never did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.core import clock
from chalicelib.imports.model import ROW_BYTES
from chalicelib.jobs import jobs
from tests.conftest import NOW
from tests.simulation.process import CrashAt
from tests.simulation.sources import Failed, settle
from tests.simulation.stage import simulated

if TYPE_CHECKING:
    from tests.cloudlike import Cloud
    from tests.simulation.stage import Stage

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
    *[NOBODY] * 1994,
    {"email": "gil@example.com", "name": "Gil"},
    {"email": "Ann@example.com", "name": "Ann again"},
    {"name": "Hana"},
]
FILE = b"[" + b",\n".join(json.dumps(row).encode() for row in ROWS) + b"]"


HANDLERS = ("on_upload", "plan_import", "import_chunk", "finish_import")


class Import:
    """One upload of a file, and the steps of its state machine."""

    def __init__(self, stage: Stage, data: bytes = FILE, key: str = "imports/users.json", **metadata: str) -> None:
        self.stage = stage
        record = stage.state_machines.upload(data, key, **metadata)
        self.event = {"Records": [record]}
        self.version = record["s3"]["object"]["versionId"]

    def run(self) -> dict[str, Any]:
        """Run every step, again where it failed, as AWS and operators do: the job at the end."""
        uploads = self.stage.sources["on_upload"]
        uploads.send(self.event)
        settle(uploads)
        while self.stage.queues["invocations-dlq"].messages:
            self.stage.redrive()
            settle(uploads)
        given = self._given()
        plan = self.stage.invoke("plan_import", given)
        for entry in self.stage.state_machines.manifest(plan):
            self.stage.invoke("import_chunk", entry)
        self.stage.invoke("finish_import", given)
        return jobs().get(given["job"])

    def run_until_it_crashes(self) -> None:
        """Run every step once. Raises Failed where one crashes."""
        functions = self.stage.functions
        functions["on_upload"].invoke(self.event)
        given = self._given()
        plan = functions["plan_import"].invoke(given)
        for entry in self.stage.state_machines.manifest(plan):
            functions["import_chunk"].invoke(entry)
        functions["finish_import"].invoke(given)

    def _given(self) -> dict[str, Any]:
        return next(each for each in self.stage.state_machines.started() if each["version"] == self.version)


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
    """What an import that never crashes leaves behind, and the calls of the longest invocation of each handler."""
    with clock.held(NOW), simulated() as stage:
        job = Import(stage).run()
        return {
            "calls": {handler: stage.process.longest[handler] for handler in HANDLERS},
            "people": who_there_is(stage.cloud),
            "counts": job["counts"],
            "errors": stage.state_machines.errors(job),
        }


def test_the_clean_run_is_worth_comparing_with(clean):
    assert clean["counts"] == {"rows": 2004, "created": 7, "updated": 0, "unchanged": 0, "failed": 1997}
    assert len(clean["people"]) == 7
    assert [person["password"] for person in clean["people"] if person["password"]] == [HASH]
    assert min(clean["calls"].values()) > 2


@pytest.mark.slow
@pytest.mark.parametrize("before_it", [True, False])
def test_steps_that_crash_twice_and_are_repeated_leave_what_a_clean_run_leaves(clean, held_clock, before_it):
    for number in range(1, max(clean["calls"].values()) + 1):
        crashes = CrashAt(number, before_it=before_it), CrashAt(number + 1 + number % 7)
        with simulated() as stage, stage.process.suffering(*crashes):
            job = Import(stage).run()
            assert crashes[0].crashed.keys() == {name for name, calls in clean["calls"].items() if calls >= number}
            assert who_there_is(stage.cloud) == clean["people"], number
            assert (job["status"], job["counts"]) == ("finished", clean["counts"]), number
            assert stage.state_machines.errors(job) == clean["errors"], number


@pytest.mark.slow
def test_a_file_that_is_sent_again_after_a_crash_gives_the_same_people(clean, held_clock):
    points = [(handler, 1 + number) for handler, calls in clean["calls"].items() for number in range(calls)]
    for handler, number in points:
        with simulated() as stage:
            with (
                stage.process.suffering(CrashAt(number, (handler,))),
                pytest.raises(Failed, match=handler),
            ):
                Import(stage).run_until_it_crashes()
            assert Import(stage).run()["status"] == "finished", (handler, number)
            assert who_there_is(stage.cloud) == clean["people"], (handler, number)


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


def items_of(*crashes: CrashAt) -> tuple[Any, int]:
    """The items and the report that their import leaves, and the calls of its longest chunk."""
    shown = ("item_key", "item_id", "value", "at", "version")
    with simulated() as stage, stage.process.suffering(*crashes):
        job = Import(stage, ITEMS, "items/some.ndjson").run()
        rows = sorted(tuple(row.get(name) for name in shown) for row in stage.rows("items"))
        return (rows, job["counts"], stage.state_machines.errors(job)), stage.process.longest["import_chunk"]


@pytest.mark.slow
def test_items_of_chunks_that_crash_twice_are_those_of_a_clean_run(held_clock):
    clean, calls = items_of()
    assert [row[:2] for row in clean[0]] == [("a", "2"), ("b", "3"), ("c", "4"), ("e", "7")]
    assert clean[1] == {"rows": 7, "created": 4, "updated": 0, "unchanged": 2, "failed": 1}
    for number in range(1, calls + 1):
        crashes = CrashAt(number, ("import_chunk",)), CrashAt(1 + number % 5, ("import_chunk",), before_it=True)
        assert items_of(*crashes)[0] == clean, number
        assert crashes[0].crashed, number
