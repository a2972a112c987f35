"""The read model made anew: the same rows as the consumer's, whatever happens meanwhile."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.jobs import ENDED, jobs
from chalicelib.read_model.answers import answer
from chalicelib.read_model.database import database
from chalicelib.read_model.maintenance import maintain
from chalicelib.read_model.operating import operate
from chalicelib.read_model.rebuild import lifecycle
from chalicelib.read_model.rebuild.model import FILLING
from tests.metering import metered
from tests.postgresql.consuming import TABLES, change, consume, rows, texts
from tests.postgresql.rebuilding import (
    CANARY,
    NOW,
    finished,
    populate,
    recorded,
    removed,
    run_a_step,
    run_pages,
    run_steps,
    schemas,
    segment_events,
)
from tests.unit.events.images import AT, LATER, item, session, user

pytestmark = pytest.mark.usefixtures("held")

ASKED = [table for table in TABLES if table != "tombstones"]


def test_has_what_the_consumer_wrote(read_model):
    consume(populate())
    before = rows(read_model)
    job = lifecycle.start("rebuild")
    run_pages(job)
    ended = finished(job)
    assert rows(read_model) == before
    assert {name: bool(number) for name, number in ended["counts"].items()} == dict.fromkeys(FILLING, True)
    assert schemas(read_model) == {"rollcall"}


def test_has_views_that_were_counted_already(read_model):
    consume(populate())
    job = lifecycle.start("rebuild")
    run_pages(job)
    with read_model.transaction(read_only=True) as transaction:
        assert transaction.value("SELECT sum(sign_ins) FROM sign_ins") == len(rows(read_model)["sessions"])


def test_fills_what_is_empty_and_replaces_what_is_wrong(read_model):
    happened = populate()
    job = lifecycle.start("rebuild")
    run_pages(job)
    made = rows(read_model)
    assert len(made["people"]) == 7
    assert made["memberships"]
    with read_model.transaction() as transaction:
        transaction.run("UPDATE people SET name = 'by hand'")
        transaction.run("DELETE FROM events")
    job = lifecycle.start("rebuild")
    run_pages(job)
    assert rows(read_model) == made
    consume(happened)
    assert rows(read_model) == made


@pytest.mark.slow
@pytest.mark.parametrize("step", ["prepare", "people", "swap"])
def test_what_changes_meanwhile_is_in_both(read_model, step):
    """Before the first page of a step: somebody comes and changes, somebody is removed whom the stage had before. What
    goes on between any two pages is in `test_rebuild_meanwhile`."""
    gone = user(id="GONE", name=CANARY, attributes={"note": CANARY})
    happened = [
        *populate(),
        *recorded(change("users", None, gone)),
        *recorded(change("items", None, item(user_id="GONE", value=CANARY))),
    ]
    consume(happened)
    late = []

    def change_some(job):
        if job["reached"]["step"] == step and not late:
            late.extend(recorded(_changes(gone)))
            consume(late)

    job = lifecycle.start("rebuild")
    run_steps(job, between=change_some)
    finished(job)
    after = rows(read_model)
    assert CANARY not in str(after)
    (new,) = [row for row in after["people"] if row["id"] == "NEW"]
    assert (new["name"], new["last_sign_in_at"]) == ("changed meanwhile", "2026-03-01T12:00:00+00:00")
    consume([*happened, *late])
    assert rows(read_model) == after


def _changes(gone):
    new = user(id="NEW", name="new")
    changed = {**new, "version": 2, "updated_at": LATER, "name": "changed meanwhile"}
    return [
        *change("users", None, new),
        *change("users", new, changed),
        *change("sessions", None, session(id="SNEW", user_id="NEW")),
        *change("users", gone, removed("GONE")),
    ]


def test_that_an_older_version_began_is_given_up_and_stops_no_event(read_model):
    """A newer version's events have columns that the tables of the older one lack."""
    consume(populate())
    job = lifecycle.start("rebuild")

    def age(now):
        if now["reached"]["step"] == "items":
            with read_model.transaction(schema="rollcall_next") as transaction:
                transaction.script(
                    "DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations);"
                    "ALTER TABLE people DROP COLUMN locale"
                )
            database().close()
            consume(change("users", None, user(id="NEW")))

    run_steps(job, between=age)
    ended = jobs().get(job["id"])
    assert (ended["status"], ended["reason"]) == ("failed", "the tables that it was filling are gone")
    assert "NEW" in [row["id"] for row in rows(read_model)["people"]]
    assert schemas(read_model) == {"rollcall"}


def test_whoever_is_removed_leaves_the_tables_that_it_replaced(read_model):
    """Somebody reads those for hours, so that they cannot be dropped."""
    consume(populate())
    gone = user(id="GONE", name=CANARY, attributes={"note": CANARY})
    consume(change("users", None, gone))
    with read_model.transaction() as transaction:
        transaction.script("ALTER SCHEMA rollcall RENAME TO rollcall_old")
    operate({"do": "migrate"})
    consume(change("users", None, gone))
    assert answer({"question": "erased", "user": "GONE"})["rows"] > 0
    consume(change("users", gone, removed("GONE")))
    assert CANARY not in texts(read_model, "rollcall_old")
    assert answer({"question": "erased", "user": "GONE"}) == {"removed": True, "rows": 0}
    maintain()
    assert schemas(read_model) == {"rollcall"}


def test_has_what_was_recorded_late_while_it_read_the_history(read_model):
    """Its message came to the consumer before the rebuild began: nobody else will write it to the new tables."""
    consume(populate())
    late = change("users", None, user(id="LATE"))
    consume(late)

    def record(job):
        if "after" in (job["reached"]["cursor"] or {}):
            recorded(late)

    job = lifecycle.start("rebuild")
    run_steps(job, between=record)
    finished(job)
    assert late[0]["id"] in [row["id"] for row in rows(read_model)["events"]]


def test_waits_for_nothing_where_one_event_of_many_was_recorded_late(read_model):
    on_time = {"created_at": NOW, "updated_at": NOW}
    for number in range(9):
        recorded(change("users", None, user(id=f"U{number}", **on_time)))
    recorded(change("users", None, user(id="LATE", created_at=AT, updated_at=AT)))
    job = lifecycle.start("rebuild")
    waits = 0
    while (now := jobs().get(job["id"]))["status"] not in ENDED:
        waits += "waits" in (now["reached"]["cursor"] or {})
        assert waits < 3, "it waits for half an hour"
        clock.tick(seconds=20)
        run_a_step(job)
    finished(job)


def test_reads_the_history_by_as_many_calls_whenever_the_first_person_came(read_model):
    populate()

    def calls():
        with metered() as meter:
            run_pages(lifecycle.start("rebuild"))
        return {name: meter.calls[name] for name in ("Query", "Scan")}

    few = calls()
    change("users", None, user(id="FIRST", created_at="2025-03-01T12:00:00.000Z"))
    assert calls() == few
    assert len(rows(read_model)["people"]) == 8


def test_leaves_out_what_the_history_has_not_deleted_yet(read_model):
    populate()
    recorded(
        {**event, "time": "2024-01-01T12:00:00.000Z"}
        for event in change("users", None, user(id="OLD", created_at="2024-01-01T12:00:00.000Z"))
    )
    run_pages(lifecycle.start("rebuild"))
    assert {row["time"][:4] for row in rows(read_model)["events"]} == {"2026"}


def test_has_members_who_entered_before_the_history_begins(read_model):
    """`segments` alone has them: the events of that are over."""
    change("users", None, user(id="U1"))
    segment_events("U1")
    for purpose in ("rebuild", "verify"):
        job = lifecycle.start(purpose)
        run_pages(job)
        assert finished(job).get("differences", {}) == {}
    ((member, left_at),) = [(row["user_id"], row["left_at"]) for row in rows(read_model)["memberships"]]
    assert (member, left_at) == ("U1", "2026-03-01T12:05:00+00:00")
