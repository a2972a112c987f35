"""Imports and exports over HTTP."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.settings import settings
from chalicelib.exports.routes import exports
from chalicelib.imports.chunk import import_chunk
from chalicelib.imports.plan import plan_import
from chalicelib.imports.routes import imports as routes
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from tests.functional.apps import ApiClient, declared
from tests.functional.importing import CHUNK, people, wide


@pytest.fixture
def api(state_machines):
    client = ApiClient(routes, exports)
    client.sign_in("A1", "admin", second_factor=True)
    return client


def lines(*rows: object) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


@pytest.mark.slow
def test_an_import_is_made_uploaded_watched_and_its_errors_read(api, state_machines, aws):
    made = api.call("POST", "/imports", {"mode": "upsert"})
    assert made.status == 201
    job_id, form = made.body["id"], made.body["upload"]
    assert form["fields"]["key"].startswith(f"imports/{job_id}/")
    assert made.body["source"] == f"imports/{job_id}"
    assert settings().bucket("uploads") in form["url"]
    assert (made.body["status"], made.body["options"]) == ("waiting", {"mode": "upsert", "dry_run": False})
    assert api.call("GET", f"/imports/{job_id}/errors").status == 409
    receive_uploads(
        {"Records": [state_machines.upload(lines({"name": "Ann"}, {"name": ""}), form["fields"]["key"])]}
    )
    state_machines.run_import(state_machines.waiting())
    watched = api.call("GET", f"/imports/{job_id}").body
    assert watched["status"] == "finished"
    assert watched["counts"] == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "failed": 1}
    assert (watched["format"], watched["total"], watched["has_errors"]) == ("JSON lines", 2, True)
    errors = api.call("GET", f"/imports/{job_id}/errors").body
    assert errors == {
        "items": [
            {
                "line": 2,
                "field": "name",
                "reason": "must have 1 to 200 characters",
                "row": {"_ref": "row 1.2", "name": ""},
            }
        ],
        "next": None,
    }
    assert people(aws)["Ann"]["changed_by"] == "A1"
    assert people(aws)["Ann"]["request_id"] == made.headers["X-Request-Id"]
    job = jobs().get(job_id)
    assert (job["changed_by"], job["request_id"]) == ("A1", made.headers["X-Request-Id"])
    for suffix in ("csv", "ndjson"):
        report = api.call("GET", f"/imports/{job_id}/errors?format={suffix}")
        assert report.status == 303
        assert f"imports/{job_id}/errors.{suffix}?" in report.headers["Location"]


def test_an_import_is_called_what_its_file_is_called(api):
    made = api.call("POST", "/imports", {"file_name": "people \u202egpj.csv"})
    assert (made.status, made.body["source"]) == (201, "people gpj.csv")
    assert [each["source"] for each in api.call("GET", "/imports").body["items"]] == [made.body["source"]]
    refused = api.call("POST", "/imports", {"file_name": "x" * 256})
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "file_name")


def test_an_uploads_form_limits_size_key_and_time(api, held_clock):
    import base64

    form = api.call("POST", "/imports", {}).body["upload"]
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    assert ["content-length-range", 1, 1024**3] in policy["conditions"]
    assert {"key": form["fields"]["key"]} in policy["conditions"]


@pytest.mark.slow
def test_progress_adds_up_while_an_import_runs(api, state_machines, held_clock):
    rows = [wide({"email": f"p{number}@example.com"}) for number in range(2 * CHUNK)]
    receive_uploads({"Records": [state_machines.upload(b"\n".join(rows))]})
    given = state_machines.waiting()
    first, _ = state_machines.manifest(plan_import(given))
    held_clock.tick(seconds=10)
    import_chunk(first)
    watched = api.call("GET", f"/imports/{given['job']}").body
    assert (watched["status"], watched["total"]) == ("running", 2 * CHUNK)
    assert watched["counts"]["created"] == CHUNK
    assert (watched["rate"], watched["seconds_left"]) == (CHUNK / 10, 10)


@pytest.mark.slow
def test_an_import_without_faults_has_no_errors(api, state_machines):
    job = state_machines.drop(lines({"name": "Ann"}))
    assert api.call("GET", f"/imports/{job['id']}/errors").body == {"items": [], "next": None}


def test_imports_are_listed_newest_first(api, state_machines, held_clock):
    made = []
    for _ in range(3):
        made.append(api.call("POST", "/imports", {}).body["id"])
        held_clock.tick(seconds=1)
    page = api.call("GET", "/imports?limit=2").body
    rest = api.call("GET", f"/imports?limit=2&cursor={page['next']}").body
    assert [job["id"] for job in page["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


@pytest.mark.slow
def test_an_export_is_started_watched_and_downloaded(api, state_machines, aws):
    state_machines.drop(lines({"name": "Ann", "age": 7}, {"email": "b@example.com"}))
    begun = api.call("POST", "/exports")
    assert (begun.status, begun.body["link"]) == (202, None)
    (given,) = state_machines.started("export")
    assert given["job"] == begun.body["id"]
    state_machines.run_export(given)
    watched = api.call("GET", f"/exports/{given['job']}").body
    assert (watched["status"], watched["counts"]) == ("finished", {"rows": 2})
    assert watched["bytes"] == len(aws.objects("work")[f"exports/{given['job']}/users.ndjson"])
    assert f"exports/{given['job']}/users.ndjson?" in watched["link"]
    assert [job["id"] for job in api.call("GET", "/exports").body["items"]] == [given["job"]]


def test_the_same_export_request_starts_one(api, state_machines):
    answers = [api.call("POST", "/exports", Idempotency_Key="once").body["id"] for _ in range(2)]
    assert answers == [given["job"] for given in state_machines.started("export")] * 2


def test_only_administrators_do_anything_in_bulk(api):
    bulk = declared(routes, exports)
    routed = [(route.method, route.path.replace("{job_id}", "x")) for route in bulk]
    for who, status in ((("U1",), 403), (("U1", "support"), 403), (("U1", "service"), 403), (None, 401)):
        api.sign_in(*who) if who else api.sign_out()
        for method, path in routed:
            assert api.call(method, path, {} if method == "POST" else None).status == status


def test_what_is_not_there_is_not_found(api, state_machines):
    jobs().create("export", "E1")
    for path in ("/imports/none", "/imports/none/errors", "/imports/E1", "/exports/none"):
        assert api.call("GET", path).status == 404


def test_a_bad_request_names_its_fields(api):
    answer = api.call(
        "POST", "/imports", {"mode": "merge", "content": "cats", "dry_run": "maybe", "privileges": True}
    )
    assert {error["field"] for error in answer.body["errors"]} == {"mode", "content", "dry_run", "privileges"}


@pytest.mark.slow
def test_the_key_of_a_form_is_told_in_its_answer_only(api, state_machines, aws, caplog):
    """Who reads of a job, by whatever door, cannot put its file."""
    api.sign_in("A1", "admin", second_factor=True)
    made = api.call("POST", "/imports", {"privileged": True}).body
    secret = made["upload"]["fields"]["key"].rpartition("/")[2]
    seen = [api.call("GET", path).body for path in ("/imports", f"/imports/{made['id']}")]
    assert secret not in json.dumps([seen, {**made, "upload": None}, aws.rows("jobs")], default=str)
    receive_uploads({"Records": [state_machines.upload(b'[{"name": ""}]', made["upload"]["fields"]["key"])]})
    job = state_machines.run_import(state_machines.waiting())
    form = api.call("POST", f"/imports/{job['id']}/retry").body["upload"]
    retrys = form["fields"]["key"].rpartition("/")[2]
    seen = [api.call("GET", path).body for path in ("/imports", f"/imports/{job['id']}")]
    told = json.dumps([seen, aws.rows("jobs"), caplog.text], default=str)
    assert (secret in told, retrys in told) == (False, False)
    assert len(retrys) == len(secret) == 22
