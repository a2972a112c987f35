"""Exports: everybody, and back again."""

from __future__ import annotations

import json

import pytest

from chalicelib.bulk.export import export_segment, finish_export
from chalicelib.bulk.export import start_export as start
from chalicelib.jobs import jobs
from tests.functional.importing import Machines, people
from tests.functional.serial import one_call_at_a_time


@pytest.fixture
def machines(aws, held_clock):
    with one_call_at_a_time():
        yield Machines(aws)


PEOPLE = [
    {
        "id": "ann-1",
        "email": "Ann@example.com",
        "email_verified": True,
        "name": "Ann Ünal",
        "birthdate": "1990-02-03",
        "age": 36,
        "locale": "de",
        "attributes": {"team": ["blue", 1.5, None]},
        "metadata": {"plan": 7},
    },
    {"id": "b", "email": "b@example.com", "email_verified": False, "age": 7},
    {"id": "c", "name": "=陈伟", "email_verified": False},
]

KEPT = (
    "schema",
    "version",
    "created_at",
    "updated_at",
    "changed_by",
    "request_id",
    "traceparent",
    "changed_hour",
    "import_job",
    "import_row",
)


def as_lines(rows: list[dict]) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def start_export(file_format: str = "ndjson", *, credentials: bool = False, **filters: object) -> dict:
    return start(file_format, credentials=credentials, filters=filters)


def export(
    machines: Machines, file_format: str = "ndjson", *, credentials: bool = False, **filters: object
) -> dict:
    job = start_export(file_format, credentials=credentials, **filters)
    (given,) = [each for each in machines.started("export") if each["job"] == job["id"]]
    return machines.run_export(given)


@pytest.mark.slow
def test_an_export_holds_everybody_as_an_import_takes_them(machines, aws):
    machines.drop(as_lines(PEOPLE))
    aws.put("users", {"id": "gone", "schema": 1, "version": 2, "deleted_at": "2026-03-01T12:00:00.000Z"})
    job = export(machines)
    assert (job["status"], job["counts"]) == ("finished", {"rows": 3})
    rows = [json.loads(line) for line in aws.objects("work")[job["file"]].decode().split("\n") if line]
    assert sorted(rows, key=lambda row: row["id"]) == PEOPLE


@pytest.mark.slow
def test_an_export_imported_into_an_empty_stage_gives_equal_people(machines, aws):
    machines.drop(as_lines(PEOPLE))
    before = people(aws)
    job = export(machines)
    exported = aws.objects("work")[job["file"]]
    for table in ("users", "credentials"):
        for row in aws.rows(table):
            aws.session.client("dynamodb").delete_item(
                TableName=f"rollcall-test-{table}", Key={"id": {"S": row["id"]}}
            )
    again = machines.drop(exported)
    assert again["counts"]["created"] == 3
    for name, person in people(aws).items():
        assert {field: value for field, value in person.items() if field not in KEPT} == {
            field: value for field, value in before[name].items() if field not in KEPT
        }


@pytest.mark.slow
def test_who_has_roles_or_is_disabled_is_exported_so_and_not_imported_by_the_unprivileged(machines, aws):
    machines.drop(as_lines([{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bea"}]))
    ann, bea = sorted(aws.rows("users"), key=lambda row: row["id"])
    aws.put("users", {**ann, "roles": ["admin"]})
    aws.put("users", {**bea, "status": "disabled"})
    exported = export(machines)
    job = machines.drop(aws.objects("work")[exported["file"]])
    assert sorted(field for _, field, _ in machines.errors(job)) == ["roles", "status"]


def test_nobody_is_exported_as_an_empty_file(machines, aws):
    job = export(machines)
    assert (job["status"], job["counts"], job["bytes"]) == ("finished", {"rows": 0}, 0)
    assert aws.objects("work")[job["file"]] == b""


def test_a_segment_run_twice_counts_once(machines, aws):
    machines.drop(as_lines(PEOPLE))
    job = start_export()
    (given,) = machines.started("export")
    for segment in [*given["segments"], *given["segments"]]:
        export_segment(segment)
    assert finish_export(given) == finish_export(given) == {"job": job["id"], "status": "finished"}
    assert jobs().get(job["id"])["counts"] == {"rows": 3}


def test_an_export_that_lacks_a_segment_fails(machines):
    job = start_export()
    (given,) = machines.started("export")
    assert jobs().get(job["id"])["status"] == "waiting"
    export_segment(given["segments"][0])
    assert jobs().get(job["id"])["status"] == "running"
    finish_export({**given, "error": {"Error": "States.Timeout", "Cause": "secret"}})
    assert jobs().get(job["id"])["reason"] == "a step failed for good (States.Timeout)"
    other = start_export()
    given = next(each for each in machines.started("export") if each["job"] == other["id"])
    assert finish_export(given)["status"] == "failed"
