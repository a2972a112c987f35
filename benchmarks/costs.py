"""`python -m benchmarks costs`: the CPU that `rollcall cost` counts with, as the table of `tools/cost/times.py`.

Each runs in this process at a null AWS, hashing as a stage does. CPU time, so that a busy machine changes little.
"""

from __future__ import annotations

import argparse
import os
from contextlib import redirect_stdout
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

from benchmarks import null_aws
from benchmarks.gateway import call
from benchmarks.measuring import medians, microseconds
from tests.cloud.strangers import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FEW, MANY = 1, 11
"""Records in a batch, of which the share of each is told."""

TIMES, ROUNDS, SECONDS = 30, 5, 60.0

PEOPLE = 12
"""Who sign in by turns: of each, a process takes a hundred sessions an hour (`sessions.session_limits`)."""

Runs = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Print the lines of the table."""
    argparse.ArgumentParser(prog="python -m benchmarks costs", description=__doc__).parse_args(arguments)
    os.environ.update(UNLIMITED)  # one client asks for more than any may
    with null_aws.running() as aws, open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        requests, batches = _requests(), _batches()
        runs = requests | {
            f"{name} × {size}": run for name, sizes in batches.items() for size, run in sizes.items()
        }
        aws.canned()
        for run in runs.values():
            run()
        found = _medians(runs)
    for name in requests:
        print(f'    "{name}": ({found[name]:.1f}, 0.0),')
    for name in batches:
        few, many = found[f"{name} × {FEW}"], found[f"{name} × {MANY}"]
        each = max(0.0, (many - few) / (MANY - FEW))
        print(f'    "{name}": ({max(0.0, few - each * FEW):.1f}, {each:.2f}),')
    return 0


def _medians(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Milliseconds of CPU of each."""
    measured = {name: lambda run=run: microseconds(run, TIMES) / 1000 for name, run in runs.items()}
    return medians(measured, rounds=ROUNDS, seconds=SECONDS)


def _requests() -> Runs:
    from tests.builders import PASSWORD, a_user

    asking = [{"email": f"ada{n}@maths.example", "password": PASSWORD} for n in range(PEOPLE)]
    for credentials in asking:
        a_user(**credentials)
    tokens = [call("POST", "/sessions", credentials) for credentials in asking]
    known = [{**credentials, "device": given["device"]} for credentials, given in zip(asking, tokens, strict=True)]
    new_device, old_device = cycle(asking), cycle(known)
    refresh_token, access_token = tokens[0]["refresh_token"], tokens[0]["access_token"]
    new = {"email": "new@maths.example", "password": PASSWORD}
    return {
        "POST /users": lambda: call("POST", "/users", new),
        "POST /sessions": lambda: call("POST", "/sessions", next(new_device)),
        "POST /sessions, on a known device": lambda: call("POST", "/sessions", next(old_device)),
        "POST /sessions/refresh": lambda: call("POST", "/sessions/refresh", {"refresh_token": refresh_token}),
        "GET /me": lambda: call("GET", "/me", token=access_token),
        "PATCH /me": lambda: call("PATCH", "/me", {"name": "Ada King"}, token=access_token),
    }


def _batches() -> dict[str, dict[int, Callable[[], object]]]:
    from chalicelib.core import wire
    from chalicelib.events.change import events_of
    from tests import system
    from tests.environment import ENVIRONMENT
    from tests.functional.streams import queue_event, stream_event
    from tests.unit.events.images import session, user

    rows = {
        "users": [user(id=f"U{n}") for n in range(MANY)],
        "sessions": [session(id=f"S{n}", user_id=f"U{n}") for n in range(MANY)],
    }
    url = ENVIRONMENT["PUBLIC_URL"]
    started = [
        wire.to_json(events_of("sessions", None, row, False, public_url=url)[0]) for row in rows["sessions"]
    ]

    def sizes(handler: str, event: Callable[[int], Any]) -> dict[int, Callable[[], object]]:
        handed = {size: event(size) for size in (FEW, MANY)}
        return {size: partial(system.invoke, handler, handed[size]) for size in handed}

    def changed(table: str) -> Callable[[int], Any]:
        return lambda size: stream_event(table, *((None, row) for row in rows[table][:size]))

    def queued(queue: str) -> Callable[[int], Any]:
        return lambda size: queue_event(queue, started[:size])

    return {
        "on_user_change, person": sizes("on_user_change", changed("users")),
        "on_session_change, session": sizes("on_session_change", changed("sessions")),
        "on_history, session": sizes("on_history", queued("history")),
        "on_user_event, session": sizes("on_user_event", queued("insights")),
        "on_webhook, session": sizes("on_webhook", queued("webhooks")),
    }
