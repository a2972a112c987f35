"""The read model compared with DynamoDB: every kind of difference is found, and mended where that is wished."""

from __future__ import annotations

import pytest

from chalicelib.core.aws import clients
from chalicelib.read_model.rebuild import lifecycle
from chalicelib.read_model.rebuild.routes import rebuilds
from tests.functional.apps import ApiClient
from tests.postgresql.consuming import QUEUE, change, consume, rows
from tests.postgresql.rebuilding import finished, populate, recorded, run_pages
from tests.unit.events.images import item, user

AN_EVENT = """
INSERT INTO events (id, time, type, subject, version, bulk, sessions_ended)
VALUES ('users:U5:9:0', '2026-03-01T12:00:00Z', 'user.updated', 'U5', 9, false, false)
"""

PLANTED = {
    "a column by hand": ("UPDATE people SET age = 7 WHERE id = 'U1'", "people", "different", ["U1"]),
    "a person who is missing": ("DELETE FROM people WHERE id = 'U2'", "people", "missing", ["U2"]),
    "an older version": ("UPDATE people SET version = 1, name = 'Old' WHERE id = 'U3'", "people", "older", ["U3"]),
    "an identity of nobody": (
        "INSERT INTO identities VALUES ('U0', 'I0', 'C1', '2026-03-01T12:00:00Z')",
        "identities",
        "extra",
        ["U0", "I0"],
    ),
    "a session that did not end": (
        "UPDATE sessions SET ended_at = NULL, end_reason = NULL WHERE id = 'S1'",
        "sessions",
        "different",
        ["S1"],
    ),
    "an item that is missing": ("DELETE FROM items WHERE user_id = 'U4'", "items", "missing", ["U4", "theme"]),
    "a person in another segment": (
        "UPDATE memberships SET segment_id = 'G2'",
        "memberships",
        "extra",
        ["G2", "U4"],
    ),
    "an event by hand": ("UPDATE events SET actor = 'me' WHERE id = 'users:U5:1:0'", "events", "different", None),
    "an event that never was": (
        AN_EVENT,
        "events",
        "extra",
        None,
    ),
}


pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("held")]


def verified(*, mend=False, between=lambda _: None):
    job = lifecycle.start("verify", mend=mend)
    run_pages(job, between=between)
    return finished(job)


def test_finds_nothing_where_nothing_is_wrong(read_model):
    consume(populate())
    before = rows(read_model)
    job = verified(mend=True)
    assert (job["differences"], job["days"], job["listed"]) == ({}, [], [])
    assert rows(read_model) == before


@pytest.mark.parametrize(("sql", "table", "kind", "key"), PLANTED.values(), ids=PLANTED)
def test_finds_a_difference_and_mends_it(read_model, sql, table, kind, key):
    consume(populate())
    right = rows(read_model)
    with read_model.transaction() as transaction:
        transaction.run(sql)
    wrong = rows(read_model)
    job = verified()
    assert job["differences"][table][kind] == 1
    (listed,) = [row for row in job["listed"] if (row["table"], row["kind"]) == (table, kind)]
    assert key is None or listed["key"] == key
    assert [(day["table"], day["day"]) for day in job["days"]] == [(table, "2026-03-01")]
    assert rows(read_model) == wrong
    verified(mend=True)
    assert rows(read_model) == right


def test_what_waits_on_the_queue_is_not_wrong(read_model):
    """Everything is as old as the newest event that was consumed, or newer, while messages wait."""
    happened = populate()
    consume(happened[:1])

    def wait(_job):
        for _ in range(2):
            clients.send(QUEUE, "{}")

    job = verified(mend=True, between=wait)
    assert {kind for kinds in job["differences"].values() for kind in kinds} == {"waiting"}
    assert job["listed"] == []
    assert len(rows(read_model)["people"]) == 1


def test_what_is_newest_may_be_on_its_way(read_model):
    consume(populate())
    now = "2026-03-01T14:00:00.000Z"
    recorded(change("users", None, user(id="NEW", created_at=now, updated_at=now)))
    recorded(change("items", None, item(user_id="U1", item_key="new", at=now, updated_at=now)))
    assert verified()["differences"] == {
        "people": {"waiting": 1},
        "items": {"waiting": 1},
        "events": {"waiting": 3},
    }


def test_support_sees_no_keys_of_items_and_memberships(read_model):
    consume(populate())
    with read_model.transaction() as transaction:
        for table in ("people", "items", "memberships"):
            transaction.run(f"DELETE FROM {table}")
    job = verified()
    api = ApiClient(rebuilds)
    for role, some in (("admin", {"people", "items", "memberships"}), ("support", {"people"})):
        api.sign_in(role, role)
        shown = api.call("GET", f"/read-model/jobs/{job['id']}").body
        assert {row["table"] for row in shown["listed"]} == some
        assert shown["differences"]["memberships"]
