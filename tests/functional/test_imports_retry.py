"""Mended rows: sent again under the same job, with the secrets of the source."""

from __future__ import annotations

import csv
import io
import json

import pytest

from chalicelib.core.errors import Unavailable
from chalicelib.imports.plan import plan_import
from chalicelib.imports.routes import imports as routes
from chalicelib.imports.uploads import receive_uploads
from chalicelib.jobs import jobs
from tests.functional.apps import ApiClient
from tests.functional.importing import CHUNK, StateMachines, people, wide
from tests.functional.vendor_files import BCRYPT, BCRYPT_PASSWORD, TOTP
from tests.functional.visitors import Visitor


@pytest.fixture
def api(held_clock):
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


AUTH0 = [
    {"email": "ann at example.com", "password_hash": BCRYPT, "user_metadata": {"a": 1},
     "mfa_factors": [{"totp": {"secret": TOTP}}]},
    {"email": "bea@example.com", "password_hash": "$2b$31$x", "app_metadata": {}},
    {"email": "cem@example.com"},
    {"email": "dov@example.com", "user_metadata": [1]},
]  # fmt: skip


def array(rows: list[dict]) -> bytes:
    return b"[" + b",\n".join(json.dumps(row).encode() for row in rows) + b"]"


def send(state_machines: StateMachines, api: ApiClient, job: dict, rows: list[dict]) -> dict:
    """Send mended rows with the request, and run the retry to its end: the job."""
    answer = api.call("POST", f"/imports/{job['id']}/retry", {"rows": rows})
    assert (answer.status, answer.body["upload"]) == (202, None), answer.body
    key = max(key for key in state_machines.aws.objects("uploads") if f"{job['id']}/retries/" in key)
    receive_uploads({"Records": [state_machines.upload(state_machines.aws.objects("uploads")[key], key)]})
    (given,) = [each for each in state_machines.started() if each["key"] == key]
    return state_machines.run_import(given)


@pytest.mark.slow
def test_mended_rows_are_taken_under_the_same_job_with_the_secrets_of_the_source(
    state_machines, api, aws, held_clock
):
    job = state_machines.drop(array(AUTH0))
    assert job["counts"] == {"rows": 4, "created": 1, "updated": 0, "unchanged": 0, "failed": 3}
    ann, bea, dov = state_machines.report(job)
    assert "password" not in json.dumps([ann, dov])
    held_clock.tick(seconds=5)
    again = send(state_machines, api, job, [{**ann, "email": "ann@example.com"}, bea])
    assert again["id"] == job["id"]
    assert again["counts"] == {"rows": 4, "created": 2, "updated": 0, "unchanged": 0, "failed": 2}
    assert [row["_ref"] for row in state_machines.report(again)] == [dov["_ref"], bea["_ref"]]
    assert again["version"] > job["version"]
    made = people(aws)["ann@example.com"]
    assert (made["import_job"], made["attributes"], made["factors"]) == (job["id"], {"a": 1}, ["totp"])
    assert Visitor().enter("ann@example.com", BCRYPT_PASSWORD).body["factors"] == ["totp"]


@pytest.mark.slow
def test_rows_that_were_taken_stay_taken_however_often_they_are_sent(state_machines, api, aws, held_clock):
    job = state_machines.drop(array(AUTH0))
    ann, bea, dov = state_machines.report(job)
    mended = [{**ann, "email": "ann@example.com"}, {**bea, "password_hash": None}, {**dov, "attributes": {}}]
    done = send(state_machines, api, job, mended)
    assert done["counts"] == {"rows": 4, "created": 4, "updated": 0, "unchanged": 0, "failed": 0}
    before = (aws.rows("users"), aws.rows("credentials"))
    held_clock.tick(seconds=5)
    again = send(state_machines, api, job, mended)
    assert again["counts"] == done["counts"]
    assert (aws.rows("users"), aws.rows("credentials")) == before
    assert state_machines.report(again) == []
    assert api.call("GET", f"/imports/{job['id']}").body["has_errors"] is False


@pytest.mark.slow
def test_the_report_itself_is_a_file_that_can_be_mended_and_sent(state_machines, api, aws, held_clock):
    bad = [{"name": f"Person {number}", "age": -1} for number in range(2 * CHUNK)]
    job = state_machines.drop(b"[" + b",\n".join(map(wide, bad)) + b"]")
    assert (job["chunks"], job["counts"]["failed"]) == (2, 2 * CHUNK)
    report = aws.objects("work")[job["report"]["csv"]].decode()
    rows = list(csv.DictReader(io.StringIO(report)))
    assert rows[-1]["_ref"] == f"row 2.{2 * CHUNK}"
    for row in rows[1:]:
        row["age"] = row["age"].replace("'-1", "41")
    table = io.StringIO()
    writer = csv.DictWriter(table, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    form = api.call("POST", f"/imports/{job['id']}/retry").body["upload"]
    key = form["fields"]["key"]
    receive_uploads({"Records": [state_machines.upload(table.getvalue().encode(), key)]})
    (given,) = [each for each in state_machines.started() if each["key"] == key]
    done = state_machines.run_import(given)
    assert done["counts"] == {
        "rows": 2 * CHUNK,
        "created": 2 * CHUNK - 1,
        "updated": 0,
        "unchanged": 0,
        "failed": 1,
    }
    assert state_machines.errors(done) == [(1, "age", "must be a whole number from 0 to 150")]


@pytest.mark.slow
def test_a_row_that_stands_for_none_of_the_job_is_told_and_counts_nothing(state_machines, api, aws):
    job = state_machines.drop(array(AUTH0))
    strangers = [{"name": "Eve"}, {"_ref": "9-1", "name": "Eve"}, {"_ref": "1-99", "name": "Eve"}, {"_ref": "x"}]
    done = send(state_machines, api, job, strangers)
    assert done["counts"] == job["counts"]
    assert "Eve" not in people(aws)
    assert [field for _, field, _ in state_machines.errors(done)][3:] == ["_ref"] * 4


@pytest.mark.slow
def test_a_file_that_cannot_be_a_retry_leaves_the_job_as_it_was(state_machines, api):
    job = state_machines.drop(array(AUTH0))
    form = api.call("POST", f"/imports/{job['id']}/retry").body["upload"]
    receive_uploads({"Records": [state_machines.upload(b"PK\x03\x04", form["fields"]["key"])]})
    (given,) = [each for each in state_machines.started() if "run" in each]
    done = state_machines.run_import(given)
    assert (done["status"], done["counts"]) == ("finished", job["counts"])
    assert "a zip archive" in api.call("GET", f"/imports/{job['id']}").body["refused"]
    assert len(state_machines.report(done)) == 3


@pytest.mark.slow
def test_one_retry_waits_for_another(state_machines, api):
    job = state_machines.drop(array(AUTH0))
    keys = [api.call("POST", f"/imports/{job['id']}/retry").body["upload"]["fields"]["key"] for _ in range(2)]
    receive_uploads({"Records": [state_machines.upload(b"[]", key) for key in keys]})
    first, second = (next(each for each in state_machines.started() if each["key"] == key) for key in keys)
    plan_import(first)
    with pytest.raises(Unavailable, match="run"):
        plan_import(second)
    state_machines.run_import(first)
    assert state_machines.run_import(second)["status"] == "finished"


@pytest.mark.slow
def test_a_key_like_a_retrys_that_nobody_asked_for_is_a_plain_drop(state_machines, api, aws):
    api.sign_in("A1", "admin", second_factor=True)
    made = api.call("POST", "/imports", {"privileged": True}).body
    receive_uploads(
        {"Records": [state_machines.upload(b'[{"name": "A", "age": -1}]', made["upload"]["fields"]["key"])]}
    )
    job = state_machines.run_import(state_machines.waiting())
    sneaked = f"imports/{job['id']}/retries/01KJMMA2G0KD8PM2V0XHKZ8CQ3"
    receive_uploads(
        {"Records": [state_machines.upload(b'[{"_ref": "1-1", "name": "A", "roles": ["admin"]}]', sneaked)]}
    )
    other = state_machines.run_import(state_machines.waiting())
    assert other["id"] != job["id"]
    assert aws.rows("users") == []


@pytest.mark.slow
def test_there_is_nothing_to_retry_before_the_end_nor_of_a_trial(state_machines, api):
    jobs().create("import", "J1", content="users", options={"mode": "create", "dry_run": False})
    trial = state_machines.drop(array(AUTH0), dry_run="true")
    for job_id in ("J1", trial["id"]):
        assert api.call("POST", f"/imports/{job_id}/retry", {"rows": []}).status == 409
    assert api.call("POST", "/imports/none/retry", {"rows": []}).status == 404
