"""What happens while the read model is made anew: people change, are removed, and read."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.jobs import jobs
from chalicelib.read_model.database import Database, options_of
from chalicelib.read_model.rebuild import lifecycle
from chalicelib.read_model.rebuild.job_page import run_page
from tests.postgresql.consuming import change, consume, rows, texts
from tests.postgresql.crashing import Meanwhile
from tests.postgresql.rebuilding import (
    CANARY,
    finished,
    populate,
    recorded,
    removed,
    run_a_step,
    run_pages,
    run_steps,
    schemas,
)
from tests.postgresql.stories import CANARY as STORIED
from tests.postgresql.stories import PEOPLE, Story
from tests.unit.events.images import item, user

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("held")]


@pytest.mark.parametrize("is_last_removed", [False, True], ids=["people change", "all are removed"])
def test_a_story_that_goes_on_between_every_two_pages(read_model, is_last_removed):
    story = Story(random.Random(5)).go_on(80)
    told = 0

    def go_on(*, consumes=True):
        nonlocal told
        new, told = story.changes[told:], len(story.changes)
        for table, record, _ in new:
            clients.table(table).put(record)
        happened = recorded(event for _, _, events in new for event in events)
        if consumes:
            consume(happened)

    go_on(consumes=False)

    def meanwhile(job):
        if is_last_removed and job["reached"]["step"] == "derived":
            for user_id in PEOPLE:
                story._remove(user_id)
        story.go_on(4)
        go_on()

    job = lifecycle.start("rebuild")
    run_steps(job, between=meanwhile)
    finished(job)
    made = rows(read_model)
    if is_last_removed:
        assert STORIED not in texts(read_model)
    with read_model.transaction() as transaction:
        transaction.script(f"TRUNCATE {', '.join(made)}")
    consume(story.events())
    assert rows(read_model) == made


@pytest.mark.parametrize("step", ["people", "items", "events", "sessions"])
def test_whoever_is_removed_between_the_reading_and_the_writing_leaves_nothing(read_model, server, step):
    gone = user(id="GONE", name=CANARY, attributes={"note": CANARY})
    recorded([*change("users", None, gone), *change("items", None, item(user_id="GONE", value=CANARY))])
    removal = []

    def remove():
        removal.extend(recorded(change("users", gone, removed("GONE"))))
        consume(removal)

    job = lifecycle.start("rebuild")
    while jobs().get(job["id"])["reached"]["step"] != step:
        run_a_step(job)
        clock.tick(seconds=3600)
    interrupted = Meanwhile(options_of(server.secret("rollcall_test")), remove)
    run_page(job["id"], {"turn": jobs().get(job["id"])["turn"]}, seconds=0, connected=lambda: interrupted)
    interrupted.close()
    assert removal
    run_pages(job)
    finished(job)
    assert CANARY not in texts(read_model)


def test_whoever_reads_never_sees_an_empty_or_half_a_table(read_model, server):
    consume(populate())
    whole = {table: len(found) for table, found in rows(read_model).items()}
    job = lifecycle.start("rebuild")
    over, seen = Event(), []

    def read():
        reader = Database(options_of(server.secret("rollcall_test")))
        while not over.is_set():
            with reader.transaction(read_only=True) as transaction:
                seen.append({name: transaction.value(f"SELECT count(*) FROM {name}") for name in whole})
        reader.close()

    with ThreadPoolExecutor(2) as readers:
        reading = [readers.submit(read) for _ in range(2)]
        try:
            run_steps(job)
        finally:
            over.set()
    assert [each.result() for each in reading] == [None, None]
    finished(job)
    assert schemas(read_model) == {"rollcall"}
    assert seen
    assert [each for each in seen if each != whole] == []
