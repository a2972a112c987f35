"""The read model is made anew and checked by the program: it asks first, watches, and says what differs."""

from __future__ import annotations

import pytest

from chalicelib.core.settings import settings
from chalicelib.jobs import jobs
from tests.builders import PASSWORD, a_user
from tests.functional.program import Program

ADMIN = "root@example.com"


@pytest.fixture
def program(aws, chalice_client, tmp_path):
    with settings.held(read_model="postgres"):
        a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
        program = Program(chalice_client, tmp_path)
        program.run("login", answers=(ADMIN, PASSWORD))
        yield program


def ends(**changes):
    """What the function of the read model does meanwhile: it ends the latest job."""

    def end():
        latest = jobs().latest("rebuild")
        jobs().settle(latest["id"], **{"status": "finished", "differences": {}, **changes})

    return end


def test_it_asks_before_it_begins(program):
    assert program.run("read-model", "rebuild", answers=("n",)).status == 2
    assert jobs().latest("rebuild") is None


def test_a_rebuild_is_watched_to_its_end(program):
    program.waiting = ends()
    done = program.run("read-model", "rebuild", "--yes", "--json")
    assert (done.status, done.document["status"]) == (0, "finished")
    program.waiting = ends(status="failed", reason="somebody dropped it")
    failed = program.run("read-model", "rebuild", "--yes")
    assert (failed.status == 0, "somebody dropped it" in failed.err) == (False, True)


def test_a_check_fails_where_something_differs(program):
    program.waiting = ends(differences={"people": {"missing": 2, "waiting": 1}})
    found = program.run("read-model", "verify")
    assert (found.status, "2 rows differ" in found.err) == (1, True)
    assert program.run("read-model", "verify", "--mend").status == 0
