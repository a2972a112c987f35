"""Pages of long jobs, erasures among them, and jobs that nobody finishes."""

from __future__ import annotations

import json

import pytest

from chalicelib import items
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.aws.dynamo import from_item
from chalicelib.core.errors import Transient
from chalicelib.items import ItemWrite
from chalicelib.job_runner.expiry import fail_abandoned_jobs
from chalicelib.job_runner.job_pages import run_job_pages
from chalicelib.jobs import jobs, queue_page
from chalicelib.privacy.erasure import erase_page
from tests.functional.faults import failing
from tests.functional.serial import one_call_at_a_time


@pytest.fixture(autouse=True)
def _one_at_a_time(aws, held_clock):
    with one_call_at_a_time():
        yield


def rows_about(aws, user_id: str) -> None:
    """A person's rows in every domain that an erasure visits."""
    now = clock.timestamp()
    stamps = {"schema": 1, "version": 1, "created_at": now, "updated_at": now, "expires_at": clock.epoch() + 9_999}
    aws.put(
        "sessions", {"id": f"S-{user_id}", "user_id": user_id, "person_version": 1, "agent": "personal", **stamps}
    )
    items.apply(ItemWrite(user_id=user_id, item_key="k", item_id="W", item_value="personal", at=now))
    mail = {"id": f"M-{user_id}", "user_id": user_id, "template": "confirm_registration", "to": "personal"}
    aws.put("mail", {**mail, **stamps})
    event = {
        "specversion": "1.0",
        "id": "e",
        "type": "user.updated",
        "subject": user_id,
        "data": {"name": "personal"},
    }
    aws.put(
        "history",
        {
            "subject": user_id,
            "at": f"{now}#e",
            "event": json.dumps(event),
            "type": "user.updated",
            "id": "e",
            "recorded_at": f"{now}#e",
            "feed_shard": "2026-03-01T12#0",
        },
    )


def run_all(aws) -> int:
    """Run pages until none is queued: how many there were."""
    count = 0
    while records := aws.take("jobs"):
        count += len(records)
        run_job_pages({"Records": records})
    return count


@pytest.mark.slow
def test_an_erasure_leaves_nothing_personal_in_any_table(aws):
    for user_id in ("U1", "U2"):
        rows_about(aws, user_id)
    jobs().create("erasure", "J1", subject="U1")
    queue_page("J1", "erasure", {"table": "credentials"})
    assert run_all(aws) == 10
    job = jobs().get("J1")
    assert job["status"] == "finished"
    assert {table: rows for table, rows in job["counts"].items() if rows} == dict.fromkeys(
        ("sessions", "items", "mail", "history"), 1
    )
    for table in ("sessions", "items", "mail", "history"):
        holding = {
            row.get("user_id") or row.get("subject") for row in aws.rows(table) if "personal" in json.dumps(row)
        }
        assert holding == {"U2"}, table
    assert {row["id"] for row in aws.rows("mail")} == {"M-U2"}
    assert aws.take("jobs-dlq") == []


@pytest.mark.slow
def test_a_page_that_is_not_through_comes_again(aws):
    stamps = {"version": 1, "created_at": clock.timestamp(), "item_id": "W", "at": clock.timestamp()}
    rows = [from_item({"user_id": "U1", "item_key": f"k{number}", **stamps}) for number in range(101)]
    for start in range(0, len(rows), 25):
        requests = [{"PutRequest": {"Item": row}} for row in rows[start : start + 25]]
        aws.session.client("dynamodb").batch_write_item(RequestItems={"rollcall-test-items": requests})
    jobs().create("erasure", "J1", subject="U1")
    page = erase_page("J1", {"table": "items"})
    assert page == {"table": "items", "counts": {"items": 100}}
    assert erase_page("J1", page) == {"table": "mail", "counts": {"items": 101}}
    assert ["deleted_at" in row for row in aws.rows("items")] == [True] * 101


def test_a_page_of_a_job_that_ended_or_was_never_made_does_nothing(aws):
    jobs().create("replay", "J1")
    jobs().change("J1", status="cancelled")
    queue_page("J1", "replay", {})
    queue_page("J2", "erasure", {"table": "sessions"})
    records = aws.take("jobs")
    with telemetry.recording() as calls:
        run_job_pages({"Records": records})
    assert calls.names == ["GetItem", "GetItem"]


def test_what_is_no_page_is_parked_and_its_neighbour_goes_on(aws):
    jobs().create("erasure", "J1", subject="U1")
    bad = [
        {},
        [],
        7,
        {"job": "J1", "kind": "import", "page": {}},
        {"job": "J1", "kind": "erasure", "page": {"table": "cats"}},
    ]
    for body in bad:
        clients.send("jobs", json.dumps(body))
    queue_page("J1", "erasure", {"table": "history"})
    run_all(aws)
    assert len(aws.take("jobs-dlq")) == len(bad)
    assert jobs().get("J1")["status"] == "finished"


def test_a_throttled_page_comes_again(aws):
    jobs().create("erasure", "J1", subject="U1")
    queue_page("J1", "erasure", {"table": "items"})
    event = {"Records": aws.take("jobs")}
    with (
        failing("dynamodb", "Query", "ThrottlingException"),
        pytest.raises(Transient, match="1 records of jobs must come again"),
    ):
        run_job_pages(event)
    assert aws.bodies("jobs") == []
    run_job_pages(event)
    page = {"table": "mail", "counts": {"items": 0}}
    assert aws.bodies("jobs") == [{"job": "J1", "kind": "erasure", "page": page}]


@pytest.mark.slow
def test_jobs_that_nobody_finishes_fail_after_a_day(held_clock):
    for kind in ("import", "export"):
        for status in ("waiting", "running", "finished"):
            jobs().create(kind, f"{kind}-{status}-old")
            if status != "waiting":
                jobs().change(f"{kind}-{status}-old", status=status)
    jobs().create("replay", "replay-old")
    held_clock.tick(hours=23)
    jobs().create("import", "import-waiting-new")
    held_clock.tick(hours=2)
    fail_abandoned_jobs()
    fail_abandoned_jobs()
    reasons = {"waiting": "it was not begun within a day", "running": "it did not finish within a day"}
    for kind in ("import", "export"):
        for status, reason in reasons.items():
            job = jobs().get(f"{kind}-{status}-old")
            assert (job["status"], job["reason"]) == ("failed", reason)
        assert jobs().get(f"{kind}-finished-old")["status"] == "finished"
    assert jobs().get("replay-old")["status"] == jobs().get("import-waiting-new")["status"] == "waiting"
