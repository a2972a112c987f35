"""The warm path: CPU of one request, or of one event on its way, with the AWS client and with it taken off.

Each is measured twice in a process of its own: against the null AWS over HTTP, whose work is another process's, and
with the calls answered in this process by what the client returned before. So the ratio says how much of it is ours.
Password hashes are left out, because `benchmarks.hashing` is about them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.gateway import answered, bearing, call, event
from benchmarks.measuring import Aside, Measured, medians, microseconds
from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.event_bus.envelope import Event

    Runs = dict[str, tuple[Callable[[], object], int, int]]
    """What is run, how often in a round, and how many requests or events that is."""

ROOT = Path(__file__).parents[1]
CHEAP = {"ARGON2_MEMORY_KIB": "8", "ARGON2_PASSES": "1", "FAILED_SIGN_IN_MILLISECONDS": "0"}

PAGE = 50
BATCH = 100
"""Messages of an SQS batch."""

ROUNDS = 9
SECONDS = 30.0
"""Of one of the two ways."""

HELD_TO = {
    "GET /me": (250, 1000),
    "POST /sessions": (1000, None),
    f"GET /users?age=30, {PAGE} people": (None, 3000),
    "an event in history": (None, 300),
}
"""Microseconds: at most without the AWS client, and with it."""

PASSWORD = "violet otter sings at noon"


def measure() -> list[Measured]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.warm_path"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    lines = [Measured(what, off, on, "us") for what, (off, on) in found.items()]
    for what, (most_off, most_on) in HELD_TO.items():
        off, on = found[what]
        if most_off is not None:
            lines.append(Measured(f"{what}, held to", off, most_off, "us", at_most=1))
        if most_on is not None:
            lines.append(Measured(f"{what}, in all, held to", on, most_on, "us", at_most=1))
    return lines


def main() -> None:
    """Measure in this process, and print the microseconds of each: without the AWS client and with it."""
    from benchmarks import null_aws

    os.environ.update(ENVIRONMENT | CHEAP)
    with null_aws.running() as aws:
        from benchmarks.null_aws.taken_off import taken_off
        from chalicelib.passwords.schemes import argon2

        aside = Aside()
        argon2.derived = aside.timed(argon2.derived)
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            prepared = _prepared()
            aws.canned()
            on = _medians(prepared, aside)
            with taken_off(aside):
                off = _medians(prepared, aside)
    print(json.dumps({what: (off[what], on[what]) for what in on}))


def _medians(runs: Runs, aside: Aside) -> dict[str, float]:
    for run, _, _ in runs.values():
        run()
    return medians(
        {what: partial(_each, *how, aside) for what, how in runs.items()}, rounds=ROUNDS, seconds=SECONDS
    )


def _each(run: Callable[[], object], times: int, of: int, aside: Aside) -> float:
    return microseconds(run, times, aside) / of


def _prepared() -> Runs:
    """Everything that is measured, in a stage that has what it needs."""
    from chalicelib.core.wiring import INSIGHTS_MESSAGES
    from chalicelib.events.history import record_history
    from chalicelib.events.stream_changes import publish_changes
    from chalicelib.insights.counting import count_events
    from chalicelib.webhooks.fanout import fan_out
    from tests.builders import a_user
    from tests.functional.streams import stream_event

    with_role = a_user(email="root@example.org", password=PASSWORD, roles=["admin"])
    persons = [a_user(email=f"p{n}@example.org", password=PASSWORD, name=f"Ada {n}", age=30) for n in range(PAGE)]
    administrator = _signed_in(with_role["email"])["access_token"]
    tokens = _signed_in(persons[0]["email"])
    _webhook()
    changes = stream_event(
        "users", *((None, {**person, "source": "import"}) for person in persons * (BATCH // PAGE))
    )
    imported = _queue_event("history", [_imported(person, 0) for person in persons for _ in range(BATCH // PAGE)])
    counted = [
        _queue_event("insights", _fresh(persons[0], number)[:INSIGHTS_MESSAGES]) for number in range(ROUNDS * 4)
    ]
    fanned = [_queue_event("webhooks", _fresh(persons[0], 900 + number)[:10]) for number in range(ROUNDS * 4)]
    # Of one person, a process lets a hundred sessions begin in an hour.
    by_turns = cycle([_sign_in(person["email"]) for person in persons])
    names, counts, fans = count(), cycle(counted), cycle(fanned)
    return {
        "GET /me": (partial(answered, event("GET", "/me", bearing(tokens["access_token"]))), 100, 1),
        "PATCH /me": (
            lambda: call("PATCH", "/me", {"name": f"Ada {next(names)}"}, token=tokens["access_token"]),
            50,
            1,
        ),
        "POST /sessions": (lambda: answered(next(by_turns)), PAGE, 1),
        "POST /sessions/refresh": (
            lambda: call("POST", "/sessions/refresh", {"refresh_token": tokens["refresh_token"]}),
            50,
            1,
        ),
        "POST /users": (
            lambda: call("POST", "/users", {"email": f"new{next(names)}@example.org", "password": PASSWORD}),
            20,
            1,
        ),
        f"GET /users?age=30, {PAGE} people": (
            lambda: call("GET", "/users", token=administrator, query={"age": "30", "limit": str(PAGE)}),
            10,
            1,
        ),
        "a change published": (lambda: publish_changes("users", changes), 3, BATCH),
        "an event in history": (lambda: record_history(imported), 3, BATCH),
        "an event in insights": (lambda: count_events(next(counts)), 3, INSIGHTS_MESSAGES),
        "an event to one webhook": (lambda: fan_out(next(fans)), 3, 10),
    }


def _signed_in(email: str) -> Any:
    return json.loads(answered(_sign_in(email)))


def _sign_in(email: str) -> dict[str, Any]:
    return event("POST", "/sessions", body=json.dumps({"email": email, "password": PASSWORD}))


def _webhook() -> None:
    from chalicelib.webhooks.store import webhooks

    webhooks().create("W1", url="https://receiver.example/", types=[], description="", secrets=[])


def _imported(person: Any, number: int) -> Event:
    """The event of a person who was imported; each number makes another one."""
    from chalicelib.events.change import events_of

    (event,) = events_of(
        "users", None, {**person, "source": "import"}, False, public_url=ENVIRONMENT["PUBLIC_URL"]
    )
    return {**event, "id": f"users:{person['id']}:1:{number}"}


def _fresh(person: Any, batch: int) -> list[Event]:
    return [_imported(person, batch * BATCH + number) for number in range(BATCH)]


def _queue_event(queue: str, events: list[Event]) -> dict[str, Any]:
    from chalicelib.core import wire
    from tests.functional.streams import queue_event

    return queue_event(queue, map(wire.to_json, events))


if __name__ == "__main__":
    main()
