"""The same rows, whatever the order of messages, however often they come, and whatever breaks on the way."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.core.errors import Unavailable
from chalicelib.read_model.consumer import rows_of, taken
from chalicelib.read_model.database import BUILDING, LIVE, Database, options_of
from chalicelib.read_model.migrating import migrate
from chalicelib.read_model.writing import apply
from tests.functional.faults import Crash
from tests.postgresql.consuming import TABLES, consume, rows, texts
from tests.postgresql.crashing import Crashing
from tests.postgresql.stories import CANARY, Story, deliveries, people

MARCH = clock.parse("2026-03-02T12:00:00.000Z")

each_story = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@pytest.fixture(autouse=True)
def stage(read_model):
    with clock.held(MARCH):
        yield


def a_story(seed, steps=100):
    return Story(random.Random(seed)).go_on(steps)


def empty(read_model, *schemas):
    for schema in schemas or (LIVE,):
        with read_model.transaction(schema=schema) as transaction:
            transaction.script(f"TRUNCATE {', '.join(TABLES)}")


def in_order(read_model, story):
    """The rows of a run in which nothing goes wrong: every event once, in its order, when all has happened."""
    empty(read_model)
    with people({key: row for (table, key), row in story.now.items() if table == "users"}):
        consume(story.events())
    return rows(read_model)


@pytest.mark.slow
@each_story
@given(seed=st.integers(0, 2**32))
def test_shuffled_repeated_and_cut_anywhere(read_model, seed):
    story = a_story(seed)
    expected = in_order(read_model, story)
    empty(read_model)
    stored = {}
    with people(stored):
        for batch in deliveries(story, stored, random.Random(seed), 5):
            consume(batch)
    assert rows(read_model) == expected


@pytest.mark.slow
@each_story
@given(seed=st.integers(0, 2**32))
def test_says_what_happened(read_model, seed):
    story = a_story(seed)
    found = in_order(read_model, story)
    there = {
        (table, key): row
        for (table, key), row in story.now.items()
        if (row["id"] if table == "users" else row["user_id"]) not in story.removed
    }
    living = [(table, row) for (table, _), row in there.items() if "deleted_at" not in row]
    assert {row["id"]: row["name"] for row in found["people"]} == {
        row["id"]: row["name"] for table, row in living if table == "users"
    }
    assert {(row["user_id"], row["id"]) for row in found["identities"]} == {
        (row["id"], identity["id"])
        for table, row in living
        if table == "users"
        for identity in row.get("identities", ())
    }
    assert {(row["user_id"], row["key"], row["value"][1]) for row in found["items"]} == {
        (row["user_id"], row["item_key"], int(row["value"].split(",")[1].rstrip("]")))
        for table, row in living
        if table == "items"
    }
    assert {row["id"] for row in found["sessions"]} == {key for table, key in there if table == "sessions"}
    assert {(row["user_id"], row["left_at"] is None) for row in found["memberships"]} == {
        (row["user_id"], "left_at" not in row) for table, row in living if table == "segments"
    }


@pytest.mark.slow
@each_story
@given(seed=st.integers(0, 2**32))
def test_nothing_about_the_removed_is_left_in_any_order(read_model, seed):
    story = a_story(seed)
    for user_id in story.now.copy():
        if user_id[0] == "users":
            story._remove(user_id[1])
    migrate(read_model, BUILDING)
    with read_model.transaction(schema=BUILDING) as transaction:
        transaction.script("CREATE TABLE IF NOT EXISTS rebuild_state AS SELECT true AS derives")
    empty(read_model, LIVE, BUILDING)
    stored = {}
    with people(stored):
        for batch in deliveries(story, stored, random.Random(seed), 2):
            consume(batch)
    assert CANARY not in texts(read_model) + texts(read_model, BUILDING)
    assert (
        len(rows(read_model)["events"]) == len(story.events()) == len(rows(read_model, schema=BUILDING)["events"])
    )


@pytest.mark.slow
@each_story
@given(seed=st.integers(0, 2**32))
def test_nothing_comes_back_of_whom_only_dynamodb_knows_to_be_removed(read_model, seed):
    """As after a read model was made anew: their own events are over, and one of a session is redriven."""
    story = a_story(seed)
    empty(read_model)
    stored = {key: row for (table, key), row in story.now.items() if table == "users"}
    late = [event for event in story.events() if event["subject"] in story.removed and event["id"][0] != "u"]
    with people(stored):
        consume(late)
    assert CANARY not in texts(read_model)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_statement_twice(read_model, server, after):
    story = a_story(7, steps=120)
    expected = in_order(read_model, story)
    options = options_of(server.secret("rollcall_test"))
    batches = [taken(event) for event in story.events()]
    with people({key: row for (table, key), row in story.now.items() if table == "users"}):
        written = rows_of(batches)
    crashes = 0
    for number in range(1, 100):
        empty(read_model)
        for _ in range(2):
            crashing = Crashing(options, number, after=after)
            try:
                apply(crashing, written)
            except Crash:
                crashes += 1
            crashing.close()
        apply(read_model, written)
        assert rows(read_model) == expected
        if crashes < 2 * number:
            break
    assert crashes >= 30


@pytest.mark.slow
@pytest.mark.parametrize("number", [3, 8])
def test_the_database_killed_in_the_middle_of_a_batch(read_model, server, number):
    story = a_story(8, steps=120)
    expected = in_order(read_model, story)
    empty(read_model)
    with people({key: row for (table, key), row in story.now.items() if table == "users"}):
        written = rows_of([taken(event) for event in story.events()])
    crashing = Crashing(options_of(server.secret("rollcall_test")), number, after=True, crash=server.kill)
    with pytest.raises(Crash):
        apply(crashing, written)
    crashing.close()
    with pytest.raises(Unavailable):
        apply(read_model, written)
    server.start()
    apply(read_model, written)
    assert rows(read_model) == expected


@pytest.mark.slow
def test_several_that_write_at_once(read_model, server):
    story = a_story(9, steps=200)
    expected = in_order(read_model, story)
    empty(read_model)
    with people({key: row for (table, key), row in story.now.items() if table == "users"}):
        batches = [
            rows_of([taken(event) for event in batch]) for batch in deliveries(story, {}, random.Random(9), 3)
        ]
    databases = [Database(options_of(server.secret("rollcall_test"))) for _ in range(4)]

    def write(number):
        for batch in batches[number::4]:
            apply(databases[number], batch)
        databases[number].close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(write, range(4)))
    assert rows(read_model) == expected
