"""Events are sent again by the program: a preview, an agreement, progress, and steering."""

from __future__ import annotations

import json

import pytest

from tests import system
from tests.builders import PASSWORD, a_user
from tests.functional.program import Program
from tests.functional.test_cli_events import record

ADMIN = "root@example.com"
DAY = ("--from", "2026-03-01", "--to", "2026-03-02")


@pytest.fixture
def program(aws, chalice_client, tmp_path, held_clock):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Program(chalice_client, tmp_path)
    program.run("login", answers=(ADMIN, PASSWORD))
    for number in range(3):
        record(number, "session.started" if number else "user.updated")
    held_clock.tick(seconds=20)
    program.waiting = lambda: system.consume("jobs", {"Records": aws.take("jobs")})
    return program


@pytest.mark.slow
def test_it_says_how_many_they_are_before_it_asks(program):
    refused = program.run("events", "replay", *DAY, answers=("n",))
    assert (refused.status, "3 events" in refused.err) == (2, True)
    assert program.run("events", "replays", "--json").out == ""


@pytest.mark.slow
def test_they_are_sent_and_watched_to_the_end(program):
    done = program.run("events", "replay", *DAY, "--yes", "--json")
    assert (done.status, done.document["status"], done.document["published"]) == (0, "finished", 3)
    assert done.document["id"] in program.run("events", "replays").out


@pytest.mark.slow
def test_a_group_is_its_types(program):
    assert (
        program.run("events", "replay", *DAY, "--type", "session.*", "--yes", "--json").document["published"] == 2
    )
    (asked,) = [
        json.loads(each.body) for each in program.requests if each.url.endswith("/events/replay") and each.body
    ]
    assert {kind.partition(".")[0] for kind in asked["types"]} == {"session"}
    assert program.run("events", "replay", *DAY, "--type", "nothing.*").status == 2


@pytest.mark.slow
def test_nothing_to_send_is_said(program):
    assert program.run("events", "replay", "--from", "2026-02-01", "--to", "2026-02-02", "--yes").status == 4


def test_a_replay_is_held_resumed_and_ended(program):
    program.waiting = lambda: None
    begun = program.client.http.post(
        "/events/replay",
        headers={"Authorization": f"Bearer {token(program)}", "Content-Type": "application/json"},
        body=json.dumps({"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}).encode(),
    ).json_body
    assert program.run("events", "pause", begun["id"], "--json").document["status"] == "paused"
    assert program.run("events", "cancel", begun["id"]).out.strip().endswith("cancelled")
    assert program.run("events", "resume", begun["id"]).status == 1


def token(program):
    return json.loads((program.home / ".config/rollcall/local.json").read_text("utf-8"))["access_token"]
