"""Exports: everybody, and back again."""

from __future__ import annotations

import csv
import io
import json

import pyotp
import pytest

from chalicelib import passwords
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.exports.export import export_segment, finish_export
from chalicelib.exports.export import start_export as start
from chalicelib.exports.routes import exports
from chalicelib.imports.routes import imports as routes
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from tests.builders import PASSWORD, a_person, an_admin
from tests.functional.apps import ApiClient
from tests.functional.importing import StateMachines, people
from tests.functional.vendor_files import BCRYPT, BCRYPT_PASSWORD, TOTP
from tests.functional.visitors import Visitor

OWN = passwords.hashed(PASSWORD)
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
    "factors_change",
    "factors_changed_at",
)


def as_lines(rows: list[dict]) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def start_export(file_format: str = "ndjson", *, credentials: bool = False, **filters: object) -> dict:
    return start(file_format, credentials=credentials, filters=filters)


def export(
    state_machines: StateMachines, file_format: str = "ndjson", *, credentials: bool = False, **filters: object
) -> dict:
    job = start_export(file_format, credentials=credentials, **filters)
    (given,) = [each for each in state_machines.started("export") if each["job"] == job["id"]]
    return state_machines.run_export(given)


@pytest.mark.slow
def test_an_export_holds_everybody_as_an_import_takes_them(state_machines, aws):
    state_machines.drop(as_lines(PEOPLE))
    aws.put("users", {"id": "gone", "schema": 1, "version": 2, "deleted_at": "2026-03-01T12:00:00.000Z"})
    job = export(state_machines)
    assert (job["status"], job["counts"]) == ("finished", {"rows": 3})
    rows = [json.loads(line) for line in aws.objects("work")[job["file"]].decode().split("\n") if line]
    assert sorted(rows, key=lambda row: row["id"]) == PEOPLE


STAFF = [
    {**PEOPLE[0], "password_hash": BCRYPT, "totp_secret": TOTP, "roles": ["admin"]},
    {**PEOPLE[1], "password_hash": BCRYPT, "status": "disabled"},
    {**PEOPLE[2], "attributes": {"formula": "=1+1", "quote": '"', "lines": "a\r\nb,c"}},
    {"id": "d", "name": "'=Dov", "age": 7, "email": "d@example.com", "password_hash": OWN},
]


def import_privileged(state_machines: StateMachines, data: bytes) -> dict:
    """Import as an administrator who is none of those that the stage is said to have."""
    an_admin(id="A1")
    api = ApiClient(routes, exports)
    api.sign_in("A1", "admin", second_factor=True)
    key = api.call("POST", "/imports", {"privileged": True}).body["upload"]["fields"]["key"]
    receive_uploads({"Records": [state_machines.upload(data, key)]})
    job = state_machines.run_import(state_machines.waiting())
    drop_row(state_machines.aws, "users", "A1")
    return job


def drop_row(aws, table: str, row_id: str) -> None:
    aws.session.client("dynamodb").delete_item(TableName=f"rollcall-test-{table}", Key={"id": {"S": row_id}})


@pytest.mark.slow
@pytest.mark.parametrize("file_format", ["ndjson", "csv"])
def test_an_export_imported_into_an_empty_stage_gives_equal_people_who_sign_in(state_machines, aws, file_format):
    assert import_privileged(state_machines, as_lines(STAFF))["counts"]["failed"] == 0
    before, secrets = people(aws), hashes(aws)
    job = export(state_machines, file_format, credentials=True)
    exported = aws.objects("work")[job["file"]]
    for table in ("users", "credentials"):
        for row in aws.rows(table):
            drop_row(aws, table, row["id"])
    again = import_privileged(state_machines, exported)
    assert (again["counts"]["created"], again["counts"]["failed"]) == (4, 0), state_machines.errors(again)
    assert hashes(aws) == secrets
    for name, person in people(aws).items():
        assert {field: value for field, value in person.items() if field not in KEPT} == {
            field: value for field, value in before[name].items() if field not in KEPT
        }
    assert Visitor().enter("d@example.com", PASSWORD).status == 201
    assert Visitor().enter("b@example.com", BCRYPT_PASSWORD).status == 401
    otp = pyotp.TOTP(TOTP).at(clock.epoch())
    body = {"email": "ann@example.com", "password": BCRYPT_PASSWORD}
    assert Visitor().call("POST", "/sessions", body).body["factors"] == ["totp"]
    assert Visitor().call("POST", "/sessions", {**body, "otp": otp}).status == 201


def hashes(aws) -> dict[str, str]:
    return {row["id"]: row["hash"] for row in aws.rows("credentials") if "hash" in row}


@pytest.mark.slow
def test_no_cell_of_an_export_is_run_by_a_spreadsheet(state_machines, aws):
    state_machines.drop(
        as_lines([{"id": "a", "name": "=cmd()"}, {"id": "b", "name": "'+1"}, {"id": "c", "name": "Cem"}])
    )
    job = export(state_machines, "csv")
    table = list(csv.DictReader(io.StringIO(aws.objects("work")[job["file"]].decode())))
    assert {row["id"]: row["name"] for row in table} == {"a": "'=cmd()", "b": "''+1", "c": "Cem"}
    assert not {"password_hash", "totp_secret"} & table[0].keys()


@pytest.mark.slow
def test_an_export_without_credentials_holds_none(state_machines, aws):
    state_machines.drop(as_lines([{"email": "a@example.com", "password_hash": BCRYPT, "totp_secret": TOTP}]))
    with telemetry.recording() as calls:
        job = export(state_machines)
    assert BCRYPT.encode() not in aws.objects("work")[job["file"]]
    assert TOTP.encode() not in aws.objects("work")[job["file"]]
    assert "BatchGetItem" not in calls.names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "abcd"),
        ({"min_age": 8}, "bc"),
        ({"max_age": 8}, "ab"),
        ({"min_age": 8, "max_age": 8}, "b"),
        ({"role": "support"}, "b"),
        ({"status": "disabled"}, "c"),
        ({"created_after": "2026-03-01T12:00:00.000Z"}, "abcd"),
        ({"created_after": "2026-03-01T12:00:00.001Z"}, ""),
        ({"created_before": "2026-03-01T12:00:00.000Z"}, ""),
        ({"created_before": "2026-03-01T12:00:00.001Z", "min_age": 9}, "c"),
    ],
)
def test_filters_hold_together(state_machines, aws, filters, found):
    for person in (
        a_person(id="a", age=7),
        a_person(id="b", age=8, roles=["support"]),
        a_person(id="c", age=9, status="disabled"),
        a_person(id="d"),
    ):
        aws.put("users", person)
    job = export(state_machines, **filters)
    rows = [json.loads(line) for line in aws.objects("work")[job["file"]].decode().split("\n") if line]
    assert "".join(sorted(row["id"] for row in rows)) == found


@pytest.mark.slow
@pytest.mark.parametrize("credentials", [False, True])
def test_everybody_leaves_with_a_recent_second_factor_only(state_machines, aws, held_clock, credentials):
    """The link too, whatever became of the proof that the export was begun with."""
    api = ApiClient(routes, exports)
    api.sign_in("A1", "admin")
    assert api.call("POST", "/exports", {"credentials": credentials}).status == 401
    api.sign_in("A1", "admin", second_factor=True)
    asked = {
        "credentials": credentials,
        "format": "csv",
        "min_age": 7,
        "created_after": "2026-01-01T00:00:00+01:00",
    }
    begun = api.call("POST", "/exports", asked)
    assert begun.status == 202
    assert (begun.body["credentials"], begun.body["format"]) == (credentials, "csv")
    assert begun.body["filters"] == {"min_age": 7, "created_after": "2025-12-31T23:00:00.000Z"}
    state_machines.run_export(state_machines.started("export")[0])
    path = f"/exports/{begun.body['id']}"
    assert "users.csv?" in api.call("GET", path).body["link"]
    held_clock.tick(seconds=301)
    assert (api.call("GET", path).status, api.call("GET", path).body["link"]) == (200, None)


@pytest.mark.slow
def test_who_has_roles_or_is_disabled_is_exported_so_and_not_imported_by_the_unprivileged(state_machines, aws):
    state_machines.drop(as_lines([{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bea"}]))
    ann, bea = sorted(aws.rows("users"), key=lambda row: row["id"])
    aws.put("users", {**ann, "roles": ["admin"]})
    aws.put("users", {**bea, "status": "disabled"})
    exported = export(state_machines)
    job = state_machines.drop(aws.objects("work")[exported["file"]])
    assert sorted(field for _, field, _ in state_machines.errors(job)) == ["roles", "status"]


@pytest.mark.slow
def test_a_record_that_lacks_what_every_person_has_keeps_nobody_from_being_exported(state_machines, aws):
    for person in (a_person(id="ann-1"), {"id": "odd"}):
        aws.put("users", person)
    job = export(state_machines, status="active")
    rows = [json.loads(line) for line in aws.objects("work")[job["file"]].decode().split("\n") if line]
    assert {row["id"] for row in rows} == {"ann-1", "odd"}


@pytest.mark.slow
def test_nobody_is_exported_as_an_empty_file(state_machines, aws):
    job = export(state_machines)
    assert (job["status"], job["counts"], job["bytes"]) == ("finished", {"rows": 0}, 0)
    assert aws.objects("work")[job["file"]] == b""


@pytest.mark.slow
def test_a_segment_run_twice_counts_once(state_machines, aws):
    state_machines.drop(as_lines(PEOPLE))
    job = start_export()
    (given,) = state_machines.started("export")
    for segment in [*given["segments"], *given["segments"]]:
        export_segment(segment)
    assert finish_export(given) == finish_export(given) == {"job": job["id"], "status": "finished"}
    assert jobs().get(job["id"])["counts"] == {"rows": 3}


@pytest.mark.slow
def test_an_export_that_lacks_a_segment_fails(state_machines):
    job = start_export()
    (given,) = state_machines.started("export")
    assert jobs().get(job["id"])["status"] == "waiting"
    export_segment(given["segments"][0])
    assert jobs().get(job["id"])["status"] == "running"
    finish_export({**given, "error": {"Error": "States.Timeout", "Cause": "secret"}})
    assert jobs().get(job["id"])["reason"] == "a step failed for good (States.Timeout)"
    other = start_export()
    given = next(each for each in state_machines.started("export") if each["job"] == other["id"])
    assert finish_export(given)["status"] == "failed"


@pytest.mark.slow
def test_an_export_for_another_system_is_one_document_and_says_what_it_leaves_out(state_machines, aws):
    """It is written in segments of which most are empty here, and joined by commas."""
    import_privileged(state_machines, as_lines(STAFF))
    api = ApiClient(routes, exports)
    api.sign_in("A1", "admin", second_factor=True)
    begun = api.call("POST", "/exports", {"format": "firebase", "credentials": True})
    assert begun.status == 202, begun.body
    job = state_machines.run_export(state_machines.started("export")[0])
    seen = api.call("GET", f"/exports/{begun.body['id']}").body
    assert (seen["file_name"], seen["counts"]) == (f"users-{begun.body['id']}.json", {"rows": 4})
    assert f"{seen['file_name']}%22" in seen["link"]
    assert seen["left_out"][:2] == [{"name": "age", "rows": 3}, {"name": "attributes", "rows": 2}]
    assert {"name": "password_hash (argon2id)", "rows": 1} in seen["left_out"]
    users = json.loads(aws.objects("work")[job["file"]])["users"]
    assert {user["localId"]: "passwordHash" in user for user in users} == {
        "ann-1": True,
        "b": True,
        "c": False,
        "d": False,
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"format": "okta"},
        {"format": "auth0", "credentials": True, "hashes": "BCRYPT"},
        {"format": "cognito", "hashes": "BCRYPT"},
        {"format": "firebase", "credentials": True, "hashes": "MD5"},
    ],
)
def test_an_export_that_no_file_can_be_is_not_begun(aws, asked):
    api = ApiClient(routes, exports)
    api.sign_in("A1", "admin", second_factor=True)
    answer = api.call("POST", "/exports", asked)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == ["hashes" if "hashes" in asked else "format"]
