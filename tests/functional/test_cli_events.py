"""Events by the program: followed, filtered, and as lines of JSON."""

from __future__ import annotations

import pytest

from chalicelib.events.store import history
from tests.builders import PASSWORD, a_user
from tests.functional.program import Program
from tests.functional.test_events_feed import happened

ADMIN = "root@example.com"


@pytest.fixture
def program(aws, chalice_client, tmp_path, held_clock):
    a_user(email=ADMIN, password=PASSWORD, roles=["admin"])
    program = Program(chalice_client, tmp_path)
    program.run("login", answers=(ADMIN, PASSWORD))
    return program


def record(number, kind="user.updated", **changes):
    event = {**happened(number, kind), **changes}
    history().record([event], 365)
    return event["id"]


def ids(result):
    return [line.partition('"id": "')[2].partition('"')[0] for line in result.lines]


@pytest.mark.slow
def test_what_happened_is_shown_in_the_order_of_recording(program, held_clock):
    expected = [record(number) for number in range(3)]
    held_clock.tick(seconds=20)
    done = program.run("events", "tail", "--once", "--since", "2026-03-01", "--json")
    assert (done.status, ids(done)) == (0, expected)
    assert len(program.run("events", "tail", "--once", "--since", "2026-03-01").lines) == 3


@pytest.mark.slow
def test_what_happens_is_followed(program, held_clock):
    numbers = iter(range(10))

    def waiting():
        record(next(numbers))
        held_clock.tick(seconds=20)

    program.waiting = waiting
    done = program.run("events", "tail", "--since", "2026-03-01T12:00:00Z", "--count", "3", "--json")
    assert ids(done) == [f"users:U1:{number}:0" for number in range(3)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["user.updated"], [0]),
        (["session.*"], [1]),
        (["user.updated", "session.*"], [0, 1]),
        ([], [0, 1, 2]),
    ],
)
def test_types_and_groups_are_told_apart(program, held_clock, types, expected):
    made = [
        record(number, kind) for number, kind in enumerate(["user.updated", "session.started", "item.changed"])
    ]
    held_clock.tick(seconds=20)
    named = [option for kind in types for option in ("--type", kind)]
    done = program.run("events", "tail", "--once", "--since", "2026-03-01", "--json", *named)
    assert ids(done) == [made[number] for number in expected]


@pytest.mark.slow
def test_one_persons_events_are_followed_by_their_address(program, held_clock):
    ada = a_user(email="ada@example.com")
    record(1)
    own = record(2, subject=ada["id"])
    held_clock.tick(seconds=20)
    done = program.run(
        "events", "tail", "--once", "--since", "2026-03-01", "--person", "ada@example.com", "--json"
    )
    assert ids(done) == [own]


@pytest.mark.slow
def test_what_changed_is_said_in_a_line(program, held_clock):
    data = {"user": {"name": "Ada"}, "previous": {"name": "Eda"}, "changed": ["name"]}
    record(1, data=data)
    held_clock.tick(seconds=20)
    done = program.run("events", "tail", "--once", "--since", "2026-03-01")
    assert "name: Eda → Ada" in done.out
    assert '"changed": ["name"]' in program.run("events", "tail", "--once", "--since", "2026-03-01", "--data").out


def test_a_time_that_is_none_is_wrong_usage(program):
    done = program.run("events", "tail", "--since", "yesterday")
    assert (done.status, "10m" in done.err) == (2, True)


@pytest.mark.slow
def test_what_became_of_an_event_is_shown(program, held_clock):
    happened_id = record(1)
    shown = program.run("events", "journey", happened_id)
    assert (shown.status, "recorded" in shown.out) == (0, True)
    assert program.run("events", "journey", happened_id, "--json").document["event"]["id"] == happened_id
    assert program.run("events", "journey", "users:U9:1:0").status == 4
