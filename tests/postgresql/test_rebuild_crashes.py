"""A rebuild that crashes wherever it can, whose pages come twice, or whose database is killed: the same rows."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.errors import Conflict, Postponed, Unavailable
from chalicelib.jobs import ENDED, jobs
from chalicelib.read_model.database import database, options_of
from chalicelib.read_model.rebuild import lifecycle
from chalicelib.read_model.rebuild.job_page import run_page
from chalicelib.read_model.rebuild.model import CLAIM_SECONDS, STEPS
from tests.functional.faults import Crash, crashing
from tests.postgresql.consuming import consume, rows
from tests.postgresql.crashing import Crashing
from tests.postgresql.rebuilding import (
    a_page,
    finished,
    populate,
    run_a_step,
    run_pages,
    run_steps,
    schemas,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("held")]


@pytest.fixture
def expected(read_model):
    """The rows that there are to be: the consumer has written them."""
    consume(populate())
    return rows(read_model)


def crashes(job, connected):
    """Run a page of one step in a process that ends in a crash, if it does. Its claim is over then."""
    try:
        run_page(job["id"], {"turn": jobs().get(job["id"])["turn"]}, seconds=0, connected=lambda: connected)
    except Crash:
        return True
    finally:
        clock.tick(seconds=CLAIM_SECONDS + 1)
    return False


EVERY = {"prepare": 12}
"""Most statements of this step are those of migrations, which have a test of their own."""


def test_a_crash_after_every_statement_and_commit(read_model, server, expected):
    """What comes after one comes before the next."""
    crashing_one = Crashing(options_of(server.secret("rollcall_test")), 0, after=True)
    seen = {}
    job = lifecycle.start("rebuild")
    while (now := jobs().get(job["id"]))["status"] not in ENDED:
        number = 1
        while crashes(job, crashing_one.at(number)):
            number += EVERY.get(now["reached"]["step"], 1)
        seen[now["reached"]["step"]] = number - 1
    crashing_one.close()
    finished(job)
    assert (rows(read_model), schemas(read_model)) == (expected, {"rollcall"})
    assert {step for step, number in seen.items() if number} == set(STEPS) - {"comparison"}


def test_crashes_before_and_after_what_every_page_writes(read_model, expected):
    def crash(job):
        for service, operation, skip in (
            ("sqs", "SendMessage", 0),
            ("dynamodb", "UpdateItem", 0),  # the claim
            ("dynamodb", "UpdateItem", 1),  # the progress
        ):
            for after in (False, True):
                with crashing(service, operation, after=after, skip=skip):
                    crashes(job, database())

    job = lifecycle.start("rebuild")
    run_pages(job, between=crash)
    finished(job)
    assert (rows(read_model), schemas(read_model)) == (expected, {"rollcall"})


def test_every_page_twice(read_model, expected):
    job = lifecycle.start("rebuild")
    run_pages(job, times=2)
    finished(job)
    assert rows(read_model) == expected


KILLED = {"in a migration": ("prepare", 12), "while it fills": ("people", 5), "in the swap": ("swap", 5)}


@pytest.mark.parametrize(("step", "number"), KILLED.values(), ids=KILLED)
def test_the_database_is_killed(read_model, server, expected, step, number):
    killed = []

    def kill(job):
        if job["reached"]["step"] == step and not killed:
            killed.append(job)
            options = options_of(server.secret("rollcall_test"))
            assert crashes(job, Crashing(options, number, after=True, crash=server.kill))
            with pytest.raises(Postponed):
                run_a_step(job)
            server.start()
            assert rows(read_model) == expected

    job = lifecycle.start("rebuild")
    run_steps(job, between=kill)
    finished(job)
    assert killed
    assert (rows(read_model), schemas(read_model)) == (expected, {"rollcall"})


def test_a_page_of_which_another_is_run_comes_again(read_model):
    job = lifecycle.start("rebuild")
    with pytest.raises(Conflict):
        lifecycle.start("rebuild")
    jobs().change(job["id"], claimed_until=clock.epoch() + 1)
    with pytest.raises(Unavailable):
        run_a_step(job)


@pytest.mark.parametrize("step", ["prepare", "memberships", "indexes", "derived", "views", "swap"])
def test_cancelled_before_any_step_it_leaves_the_tables_as_they_were(read_model, expected, step):
    job = lifecycle.start("rebuild")
    while jobs().get(job["id"])["reached"]["step"] != step:
        run_a_step(job)
        clock.tick(seconds=3600)
    with read_model.transaction() as transaction:
        transaction.run("UPDATE people SET name = 'as it was'")
    lifecycle.cancel(job["id"])
    consume([a_page(jobs().get(job["id"]))])
    assert {row["name"] for row in rows(read_model)["people"]} == {"as it was"}
    assert schemas(read_model) == {"rollcall"}
