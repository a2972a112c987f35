"""The steps of imports and exports, invoked by somebody who may invoke functions and nothing else."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.aws import objects
from chalicelib.core.errors import Conflict, Malformed
from chalicelib.exports.export import export_segment
from chalicelib.exports.routes import exports
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.finish import finish_import
from chalicelib.imports.plan import plan_import
from chalicelib.imports.routes import imports
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from tests.builders import a_user, an_admin
from tests.functional.apps import ApiClient
from tests.functional.faults import failing
from tests.functional.importing import StateMachines, people

FORGED = json.dumps([{"name": "Mallory", "email": "mallory@example.net", "roles": ["admin"]}]).encode()


@pytest.fixture
def api(aws):
    an_admin(id="A1", name="One")
    client = ApiClient(imports, exports)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def dropped(state_machines: StateMachines, data: bytes) -> dict:
    """A file in the bucket, as a step is told of it."""
    s3 = state_machines.upload(data, "imports/mallory.json")["s3"]
    return {"bucket": s3["bucket"]["name"], "key": s3["object"]["key"], "version": s3["object"]["versionId"]}


def test_no_file_is_planned_for_a_privileged_job_but_the_one_of_its_form(state_machines, api, aws):
    job_id = api.call("POST", "/imports", {"privileged": True}).body["id"]
    with pytest.raises(Malformed, match="no such file came"):
        plan_import({"job": job_id, **dropped(state_machines, FORGED), "kind": "users"})
    assert jobs().get(job_id)["status"] == "waiting"
    assert "Mallory" not in {row.get("name") for row in aws.rows("users")}


@pytest.mark.slow
def test_nothing_is_planned_but_the_file_that_came_as_what_its_job_says(state_machines, api, aws):
    made = api.call("POST", "/imports", {"privileged": True}).body
    receive_uploads({"Records": [state_machines.upload(b'[{"name": "Ann"}]', made["upload"]["fields"]["key"])]})
    given = state_machines.waiting()
    with pytest.raises(Malformed, match="no such file came"):
        plan_import({**given, **dropped(state_machines, FORGED)})
    state_machines.run_import({**given, "kind": "items"})
    assert {person["name"] for person in people(aws).values()} == {"One", "Ann"}
    assert jobs().get(made["id"])["status"] == "finished"


@pytest.mark.slow
def test_no_retry_is_begun_that_nobody_uploaded(state_machines, aws):
    job = state_machines.drop(b'[{"name": ""}]')
    with pytest.raises(Malformed, match="no such file came"):
        plan_import({"job": job["id"], "run": "R1", **dropped(state_machines, FORGED), "kind": "users"})
    assert jobs().get(job["id"]) == job


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"options": {"mode": "create", "dry_run": False, "privileged": True}},
        {"actor": "A1"},
        {"key": "imports/other/chunks/00001.rows"},
        {"job": "other"},
        {"chunk": 2},
        {"mac": "1.x"},
        {"mac": None},
    ],
    ids=repr,
)
def test_no_chunk_is_read_or_imported_with_other_rights_than_its_plan_wrote(state_machines, aws, change):
    receive_uploads({"Records": [state_machines.upload(FORGED.replace(b', "roles": ["admin"]', b""))]})
    (entry,) = state_machines.manifest(plan_import(state_machines.waiting()))
    objects.put("imports/other/chunks/00001.rows", b"")
    with failing("s3", "GetObject", "AccessDenied"), pytest.raises(Malformed, match="only this stage itself"):
        import_chunk({**entry, **change})
    assert aws.rows("users") == []
    assert import_chunk(entry)["counts"]["created"] == 1


@pytest.mark.slow
def test_no_segment_is_written_once_its_export_has_ended(state_machines, api, aws):
    a_user(id="U1", email="ada@maths.example", name="Ada")
    job_id = api.call("POST", "/exports", {"format": "ndjson", "credentials": True}).body["id"]
    (given,) = state_machines.started("export")
    state_machines.run_export(given)
    before = aws.objects("work")
    for segment in (0, 1):
        with pytest.raises(Conflict, match="has finished"):
            export_segment({"job": job_id, "segment": segment, "segments": 1})
    assert aws.objects("work") == before


def test_a_job_that_was_ended_by_somebody_takes_no_file_any_more(state_machines, api, aws):
    made = api.call("POST", "/imports", {"privileged": True}).body
    finish_import({"job": made["id"], "error": {"Error": "forged"}})
    receive_uploads({"Records": [state_machines.upload(FORGED, made["upload"]["fields"]["key"])]})
    for given in state_machines.started():
        plan_import(given)
    assert "Mallory" not in {row.get("name") for row in aws.rows("users")}
