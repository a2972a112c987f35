"""Persons who are removed: no row about them is left in the read model, and their erasure ends no sooner."""

from __future__ import annotations

import pytest

from chalicelib import accounts
from chalicelib.accounts import erasure_receipts
from chalicelib.accounts.removal import remove
from chalicelib.core import clock
from chalicelib.jobs import jobs
from chalicelib.privacy.reapply_erasures import reapply_erasures
from chalicelib.read_model.answers import answer
from chalicelib.read_model.consumer import apply_events
from tests.builders import a_user
from tests.functional.operated import functions
from tests.functional.pages import run_jobs, without_delays
from tests.functional.streams import queue_event
from tests.postgresql.consuming import QUEUE, away, change, consume, rows, texts
from tests.unit.events.images import item, session, user

MARCH = clock.parse("2026-03-01T12:10:00.000Z")


@pytest.fixture(autouse=True)
def stage(read_model):
    with clock.held(MARCH), without_delays(), functions(query_read_model=answer):
        yield


@pytest.fixture
def removed(stage, read_model):
    """The erasure of a person of whom everything is in the read model, but not that they were removed."""
    person = a_user(id="U1", email="ada@mail.example", name="Ada", attributes={"team": "blue"})
    consume([*change("users", None, person), *change("sessions", None, session()), *change("items", None, item())])
    assert "blue" in texts(read_model)
    return remove(person)


def erase_once(aws):
    """Run the pages that are queued now, each once, as far as they lead without waiting."""
    from chalicelib.job_runner.job_pages import run_job_pages

    for _ in range(20):
        for record in aws.take("jobs"):
            run_job_pages({"Records": [record]})


def status(job):
    return jobs().get(job["id"], "erasure")["status"]


def test_the_receipt_names_it(removed):
    assert "rows in the read model" in erasure_receipts.receipt(removed).erased_within_the_hour


def test_the_event_erases_them_and_the_erasure_sees_it(aws, read_model, removed):
    consume(change("users", user(), accounts.rows_of(["U1"])[0]))
    run_jobs(aws)
    assert status(removed) == "finished"
    assert aws.take(QUEUE) == []
    assert nothing_is_left(read_model)


def test_an_event_that_is_lost_does_not_matter(aws, read_model, removed):
    erase_once(aws)
    assert status(removed) == "waiting"
    for record in aws.take(QUEUE)[:1]:
        apply_events({"Records": [record]})
    erase_once(aws)
    assert status(removed) == "finished"
    assert nothing_is_left(read_model)


def test_a_database_that_is_away_holds_up_nothing_else(aws, server, read_model, removed):
    with away(server):
        erase_once(aws)
        assert status(removed) == "waiting"
        assert all("deleted_at" in row for row in aws.rows("items"))
    consume(change("users", user(), accounts.rows_of(["U1"])[0]))
    erase_once(aws)
    assert status(removed) == "finished"


def test_a_page_erases_nobody_who_is_there(aws, read_model):
    person = a_user(id="U1", email="ada@mail.example")
    consume(change("users", None, person))
    jobs().create("erasure", "E1", subject="U1")
    for job_id in ("E1", "none"):
        apply_events(queue_event(QUEUE, [{"job": job_id, "kind": "erasure", "page": {}}]))
    assert [row["id"] for row in rows(read_model)["people"]] == ["U1"]


def test_a_restored_read_model_is_erased_again(aws, read_model, removed):
    consume(change("users", user(), accounts.rows_of(["U1"])[0]))
    run_jobs(aws)
    with read_model.transaction() as transaction:
        transaction.script("DELETE FROM tombstones")
        transaction.script("INSERT INTO sessions (id, user_id, agent) VALUES ('S9', 'U1', 'blue')")
    reapply_erasures({})
    erase_once(aws)
    for record in aws.take(QUEUE)[:1]:
        apply_events({"Records": [record]})
    assert nothing_is_left(read_model)


def nothing_is_left(read_model):
    found = rows(read_model)
    return not any(
        found[table] for table in ("people", "identities", "sessions", "items", "memberships")
    ) and not any(word in texts(read_model) for word in ("ada", "Ada", "blue", "dark", "Firefox"))
