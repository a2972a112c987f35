"""A stage is watched and operated by the program: figures, dead letters, keys, settings."""

from __future__ import annotations

import pytest

from chalicelib.core.aws import clients
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of
from tests.functional.operated import functions, measured
from tests.functional.program import Program
from tests.functional.test_operations import park
from tests.functional.visitors import visitor

ADMIN = "root@example.com"


@pytest.fixture
def program(aws, chalice_client, tmp_path, held_clock):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Program(chalice_client, tmp_path)
    program.run("login", answers=(ADMIN, PASSWORD))
    with functions(rotate_signing_key=lambda _: None):
        yield program


@pytest.fixture
def quiet():
    """Nothing was measured, and no alarm rings."""
    with measured({}):
        yield


@pytest.mark.slow
def test_a_stage_with_nothing_parked_is_well(program, quiet):
    done = program.run("status")
    assert done.status == 0, done.err
    assert "deliveries" in done.out
    assert "not looked at" in done.out
    assert program.run("status", "--json").document["health"]["status"] == "ok"


@pytest.mark.slow
def test_dead_letters_make_a_status_of_their_own(program, quiet):
    park("mail", "one", "two")
    done = program.run("status")
    assert (done.status, "2 dead letters" in done.err) == (6, True)


@pytest.mark.slow
def test_figures_are_shown(program, quiet):
    done = program.run("operations")
    assert (done.status, "oldest" in done.out) == (0, True)
    assert "queues" in program.run("operations", "--json").document


@pytest.mark.slow
def test_dead_letters_are_listed_opened_and_tried_again(program, aws):
    park("mail", "one", "two")
    listed = program.run("dead-letters", "list")
    assert "no such thing" in listed.out
    assert "mail: 2" in listed.out
    letter = program.run("dead-letters", "list", "mail", "--json").document
    assert program.run("dead-letters", "show", "mail", letter["id"], "--json").document["body"] in {"one", "two"}
    assert program.run("dead-letters", "redrive", "mail", answers=("n",)).status == 2
    assert program.run("dead-letters", "redrive", "mail", "--yes").status == 0
    assert len(aws.take("mail")) == 2
    assert "empty" in program.run("dead-letters", "redrive", "mail", "--yes").err
    assert program.run("dead-letters", "list", "nothing").status == 4


def test_what_cannot_be_recovered_stays_and_is_a_status_of_its_own(program):
    clients.send("invocations-dlq", '{"requestContext": {"functionArn": "arn:x:function:nothing-of-ours"}}')
    done = program.run("dead-letters", "redrive", "invocations", "--yes")
    assert (done.status, "kept" in done.out) == (6, True)


def test_an_alarm_that_rings_is_a_status_of_its_own(program):
    with measured({}, alarms={"mail-age": "ALARM"}):
        done = program.run("status")
    assert (done.status, "alarm mail-age" in done.out) == (6, True)


@pytest.mark.slow
def test_keys_are_listed_and_rotated_by_a_second_factor(program):
    assert "signing-key" in program.run("keys", "list").out
    refused = program.run("keys", "rotate", "signing-key", "--yes", answers=(PASSWORD,))
    assert (refused.status, "second factor" in refused.err) == (3, True)
    app = app_of(visitor(ADMIN))
    program.run("login", answers=(ADMIN, PASSWORD, app.code()))
    done = program.run("keys", "rotate", "signing-key", "--yes", "--json")
    assert (done.status, done.document["name"]) == (0, "signing-key"), done.err


@pytest.mark.slow
def test_settings_are_shown_without_what_is_secret(program):
    shown = program.run("settings")
    assert "PUBLIC_URL" in shown.out
    assert program.run("settings", "--json").document["name"]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 200])
def test_the_output_keeps_to_its_width(program, quiet, columns):
    park("mail", "one")
    for command in (["status"], ["operations"], ["settings"]):
        shown = program.run(*command, columns=columns)
        assert max(map(len, shown.lines)) <= columns, shown.out
