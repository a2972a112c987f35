"""What an erasure finds of accounts: credentials, and what was asked with somebody's address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import accounts
from chalicelib.accounts import removal
from chalicelib.accounts.routes import accounts as routes
from chalicelib.core import clock, retention
from chalicelib.core.aws import clients
from chalicelib.directory.routes import directory
from chalicelib.intents.store import intents, new_intent
from chalicelib.job_runner.job_pages import run_job_pages
from infra import stage as stages
from infra.storage import resources
from tests.builders import PASSWORD, a_user, an_admin
from tests.conftest import NOW
from tests.functional.apps import ApiClient
from tests.functional.pages import run_jobs, without_delays
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import queue_event
from tests.functional.visitors import mailed

pytestmark = pytest.mark.usefixtures("held_clock")

ADDRESSES = ("ada@maths.example", "ADA@Maths.example", "bea@maths.example")


@pytest.fixture
def api(aws):
    a_user(id="U1", email="Ada@maths.example", password=PASSWORD)
    return ApiClient(routes, directory)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/users", "/users/resend-confirmation", "/password-resets"])
def test_what_was_asked_with_the_address_is_found_by_a_digest(aws, api, path):
    for address in ADDRESSES:
        given = {"email": address} | ({"password": PASSWORD} if path == "/users" else {})
        assert api.call("POST", path, given).status == 202
    mailed(aws)
    page = removal.first_job_page(accounts.people().get("U1"))
    assert "ada" not in repr(page).lower()
    assert accounts.erase_intents("U1", page["address"]) == (2, True)
    assert accounts.erase_intents("U1", page["address"]) == (0, True)
    assert {row["email"] for row in aws.rows("intents")} == {"bea@maths.example"}


def test_an_address_that_was_asked_for_and_never_taken_goes_with_who_asked(aws, api):
    api.sign_in("U1", user=accounts.people().get("U1"))
    assert api.call("PUT", "/me/email", {"email": "new@maths.example"}).status == 202
    mailed(aws)
    assert accounts.erase_intents("U1", None) == (1, True)
    assert aws.rows("intents") == []


@pytest.mark.slow
def test_a_hundred_at_a_time(aws, api):
    for _ in range(101):
        intent = new_intent("reset", "ada@maths.example", "ada@maths.example", seconds=60)
        intents().write(intent)
        intents().list_under(intent, "ada@maths.example")
    address = removal.first_job_page(accounts.people().get("U1"))["address"]
    assert accounts.erase_intents("U1", address) == (100, False)
    assert accounts.erase_intents("U1", address) == (1, True)


@pytest.mark.slow
def test_the_receipt_says_what_goes_when_and_the_erasure_says_what_went(aws, api):
    an_admin(id="ROOT", email="root@maths.example")
    api.sign_in("ROOT", "admin")
    with one_call_at_a_time(), without_delays():
        receipt = api.call("DELETE", "/users/U1").body
        told = {name: receipt[name] for name in ("person", "requested_at", "erased_by")}
        assert told == {"person": "U1", "requested_at": at(0), "erased_by": at(seconds=3600)}
        assert receipt["expires_by"] == {
            "idempotency_records": at(1),
            "uploads": at(7),
            "reports": at(30),
            "dead_letters": at(28),
            "backups": at(35),
        }
        path = f"/erasures/{receipt['id']}"
        before = api.call("GET", path).body
        assert (before["status"], before["counts"], before["finished_at"]) == ("waiting", {}, None)
        assert receipt.items() <= before.items()
        clock.tick(minutes=2)
        run_jobs(aws)
    after = api.call("GET", path).body
    assert (after["status"], after["finished_at"]) == ("finished", clock.timestamp())
    assert set(after["counts"]) == {
        *("credentials", "factors", "identities", "grants", "intents", "sessions", "items", "mail"),
        *("deliveries", "history"),
    }
    api.sign_in("ROOT", "support")
    assert api.call("GET", path).status == 403
    api.sign_in("ROOT", "admin")
    assert api.call("GET", "/erasures/none").status == 404


def test_the_promised_days_are_those_of_the_templates():
    """With the day on which an expired object stays as a noncurrent version."""
    made = resources(stages.load("prod"))
    for bucket, longest in {"UploadsBucket": 7, "UploadsCopyBucket": 7, "WorkBucket": 30}.items():
        rules = made[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
        days = [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule]
        (noncurrent,) = (
            rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
            for rule in rules
            if "NoncurrentVersionExpiration" in rule
        )
        assert max(days) + noncurrent == longest
    tables = [one["Properties"] for one in made.values() if one["Type"] == "AWS::DynamoDB::Table"]
    assert all(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for table in tables)
    assert max(retention.DEAD_LETTER_DAYS, retention.WORK_DAYS, retention.UPLOADS_DAYS) <= 30


def at(days: int = 0, **time: int) -> str:
    return clock.timestamp(NOW + timedelta(days=days, **time))


def test_a_password_that_came_back_is_deleted(aws, api):
    assert accounts.erase_credentials("U1") == (1, True)
    assert accounts.erase_credentials("U1") == (0, True)
    assert [row["id"] for row in aws.rows("credentials")] == ["email#ada@maths.example"]
    assert clients.table("credentials").get({"id": "password#U1"}) is None


@pytest.mark.parametrize(
    "counts",
    [{"x": 1}, {"items": "all"}, {"items": 1.5}, {"items": None}, {"items": -1}, {"items": 10**40}, ["items"]],
)
def test_no_message_writes_into_a_receipt_what_no_erasure_counts(aws, api, counts):
    api.sign_in("A1", "admin")
    receipt = api.call("DELETE", "/users/U1").body
    forged = {"job": receipt["id"], "kind": "erasure", "page": {"table": "history", "counts": counts}}
    run_job_pages(queue_event("jobs", [forged]))
    assert len(aws.take("jobs-dlq")) == 1
    erasure = api.call("GET", f"/erasures/{receipt['id']}")
    assert (erasure.status, erasure.body["counts"]) == (200, {})
