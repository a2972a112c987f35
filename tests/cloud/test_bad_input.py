"""Bad input: a clear error or a parked record with its reason, and unharmed neighbours."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.cloud.people import register
from tests.cloud.stage import eventually
from tests.cloud.test_main_job import finished_import, now
from tools import cloud

GOOD = {"email": "good@example.org", "name": "Good"}


def a_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.json", json.dumps([GOOD]))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("broken.json", b'[{"email": "a@example.org"}, {"email": ', "bracket or a quote is missing"),
        ("zipped.json", a_zip(), "zip"),
        ("empty.json", b"", "empty"),
        ("image.json", b"\x89PNG\r\n\x1a\n\x00\x00", ""),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_with_the_reason(deployed, name, body, said):
    deployed.drop(f"imports/{name}", body)
    job = finished_import(deployed, f"imports/{name}")
    assert job["status"] == "failed"
    assert said.lower() in job["reason"].lower()


def test_an_unknown_column_is_a_row_error_and_neighbours_go_on(deployed):
    rows = [{"email": "n1@example.org"}, {"email": "n2@example.org", "shoe_size": 43}, {"email": "n3@example.org"}]
    deployed.drop("imports/unknown.json", json.dumps(rows).encode())
    job = finished_import(deployed, "imports/unknown.json")
    assert (job["status"], job["counts"]["created"], job["counts"]["failed"]) == ("finished", 2, 1)
    errors = deployed.admin.call("GET", f"/imports/{job['id']}/errors").body
    assert "shoe_size" in json.dumps(errors)


def test_sending_a_file_again_changes_nothing(deployed):
    body = json.dumps([{"email": "same@example.org", "name": "Same"}, {"name": "No Address", "age": 5}]).encode()
    deployed.drop("imports/same-1.json", body)
    assert finished_import(deployed, "imports/same-1.json")["counts"]["created"] == 2
    before = {row["id"]: row["version"] for row in deployed.rows("users")}
    deployed.drop("imports/same-2.json", body)
    assert finished_import(deployed, "imports/same-2.json")["counts"]["created"] == 0
    assert {row["id"]: row["version"] for row in deployed.rows("users")} == before


def test_an_import_by_form_can_upsert(deployed):
    deployed.drop(
        "imports/upsert.json", json.dumps([{"email": "up@example.org", "name": "Before", "age": 1}]).encode()
    )
    finished_import(deployed, "imports/upsert.json")
    asked = deployed.admin.call("POST", "/imports", {"mode": "upsert"}).body
    rows = [{"email": "up@example.org", "name": "After", "age": 2}, {"email": "new@example.org", "name": "New"}]
    deployed.post_form(asked["upload"], json.dumps(rows).encode())

    def done():
        job = deployed.admin.call("GET", f"/imports/{asked['id']}").body
        return job if job["status"] in {"finished", "failed"} else None

    job = eventually(done, "the import by form", seconds=60)
    assert (job["counts"]["updated"], job["counts"]["created"]) == (1, 1)
    (found,) = deployed.admin.call("GET", "/users?email=up@example.org").body["items"]
    assert (found["name"], found["age"]) == ("After", 2)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(deployed):
    deployed.drop("imports/dry.json", json.dumps([{"email": "dry@example.org", "name": "Dry"}]).encode())
    finished_import(deployed, "imports/dry.json")
    asked = deployed.admin.call("POST", "/imports", {"dry_run": True}).body
    rows = [{"email": "dry@example.org", "name": "Other"}, {"email": "never@example.org", "name": "Never"}]
    deployed.post_form(asked["upload"], json.dumps(rows).encode())

    def done():
        job = deployed.admin.call("GET", f"/imports/{asked['id']}").body
        return job if job["status"] in {"finished", "failed"} else None

    counts = eventually(done, "the dry run", seconds=60)["counts"]
    assert (counts["created"], counts["failed"]) == (1, 1)
    assert deployed.admin.call("GET", "/users?email=never@example.org").body["items"] == []


def test_a_file_of_items_is_stored(deployed):
    user_id = register(deployed, "filed@example.com").call("GET", "/me").body["id"]
    rows = [
        {"user_id": user_id, "item_id": str(n), "item_key": f"k{n}", "item_value": n, "at": now()}
        for n in range(3)
    ]
    deployed.drop("items/some.ndjson", "\n".join(map(json.dumps, rows)).encode())
    job = finished_import(deployed, "items/some.ndjson")
    assert job["counts"]["failed"] == 0
    assert len([row for row in deployed.rows("items") if row["user_id"] == user_id]) == 3


@pytest.mark.parametrize("queue", ["mail", "history", "insights", "webhooks", "deliveries", "items", "jobs"])
def test_a_poisoned_message_is_parked_with_its_reason(deployed, queue):
    marker = f"poison for {queue}"
    deployed.send(queue, {"marker": marker})
    parked = deployed.receive(f"{queue}-dlq", containing=marker)
    assert parked["MessageAttributes"]["reason"]["StringValue"]


@pytest.mark.parametrize("table", ["users", "sessions", "items", "jobs", "clients", "intents"])
def test_a_change_that_is_no_record_of_ours_is_parked_by_its_keys(deployed, table):
    """Written behind the app's back: without a version it can be no event, an intent without a purpose no mail."""
    keys = {"items": ("user_id", "item_key"), "jobs": ("id", "part")}.get(table, ("id",))
    values = {name: {"S": "job" if name == "part" else f"poison-{table}"} for name in keys}
    cloud.client("dynamodb").put_item(TableName=deployed.stage.names.of(table), Item=values)
    parked = json.loads(deployed.receive("streams-dlq", containing=f"poison-{table}")["Body"])
    assert parked["reason"]
    assert parked["source"] == f"stream:{table}"


def test_an_event_from_elsewhere_is_refused(deployed):
    from tools.console import Problem

    for function in ("on_upload", "on_history", "on_user_change"):
        with pytest.raises(Problem, match=f"{function} failed: not an event of "):
            deployed.invoke(function, {"Records": [{"eventSource": "aws:elsewhere", "body": "{}"}]})


def test_garbage_on_the_topics_is_parked(deployed):
    from tests.cloud.test_operations import publish

    publish(deployed, "mail-feedback", "not json: garbage-feedback")
    assert json.loads(deployed.receive("invocations-dlq")["Body"])


def test_api_gateway_passes_our_problem_documents(deployed):
    broken = deployed.anyone.call("POST", "/users", {"email": "not an address", "password": "short", "shoe": 1})
    assert broken.status == 422
    assert broken.headers["Content-Type"].startswith("application/problem+json")
    assert {"email", "password", "shoe"} <= {error["field"] for error in broken.body["errors"]}
    assert deployed.anyone.call("GET", "/me").status == 401
    assert register(deployed, "plain@example.com").call("GET", "/users").status == 403
