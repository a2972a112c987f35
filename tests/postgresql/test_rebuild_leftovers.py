"""A rebuild whose pages come no more, or that crashed: it ends, another may begin, and nothing of it is left."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.jobs import jobs
from chalicelib.read_model.database import BUILDING, OLD
from chalicelib.read_model.maintenance import maintain
from chalicelib.read_model.migrating import migrate
from chalicelib.read_model.rebuild import lifecycle
from chalicelib.read_model.rebuild.tables import NEW
from tests.postgresql.consuming import consume, make_queues, rows
from tests.postgresql.rebuilding import a_page, populate, run_a_step, run_pages, schemas


@pytest.fixture(autouse=True)
def queues(held):
    make_queues()


def status(job):
    return jobs().get(job["id"])["status"]


@pytest.mark.parametrize("steps", [0, 2], ids=["before its first page", "while it fills"])
def test_a_dead_one_is_failed_after_an_hour_and_its_turn_is_free(read_model, steps):
    job = lifecycle.start("rebuild")
    for _ in range(steps):
        run_a_step(job)
    clock.tick(seconds=3500)
    maintain()
    assert status(job) in {"waiting", "running"}
    with pytest.raises(Conflict, match=job["id"]):
        lifecycle.start("verify")
    clock.tick(seconds=200)
    maintain()
    ended = jobs().get(job["id"])
    assert (ended["status"], ended["reason"]) == ("failed", "no page of it was run for an hour")
    assert schemas(read_model) == {"rollcall"}
    run_pages(lifecycle.start("rebuild"))
    assert jobs().latest("rebuild")["status"] == "finished"


def test_its_page_that_comes_late_does_nothing(read_model):
    consume(populate())
    job = lifecycle.start("rebuild")
    run_a_step(job)
    clock.tick(seconds=3700)
    maintain()
    before = rows(read_model)
    consume([a_page(jobs().get(job["id"]))])
    assert (status(job), rows(read_model), schemas(read_model)) == ("failed", before, {"rollcall"})


def test_what_crashes_have_left_is_dropped_but_not_what_is_being_filled(read_model):
    for schema in (NEW, BUILDING, OLD):
        migrate(read_model, schema)
    maintain()
    assert schemas(read_model) == {"rollcall"}
    run_a_step(lifecycle.start("rebuild"))
    maintain()
    assert schemas(read_model) == {"rollcall", BUILDING}
