"""How many events a second the consumer of the read model writes: `python -m benchmarks read_model`.

A tenth of the events are changes of people, who are read in this process, a fifth are of items, the others are
sessions that start and end. The messages are a full batch each, into a PostgreSQL of this machine. The CPU time is the
consumer's alone, the time of the clock has PostgreSQL's too.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from contextlib import redirect_stdout
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks import null_aws
from tests.environment import ENVIRONMENT
from tools import postgresql

if TYPE_CHECKING:
    from chalicelib.events import Event

PEOPLE = 2000
BATCHES = 12

AWAY_SECONDS, EVENTS_A_SECOND = 600, 500
"""Of the backlog that is written when the database is back."""


def main(arguments: list[str]) -> int:
    """Print what one process takes."""
    argparse.ArgumentParser(prog="python -m benchmarks read_model", description=__doc__).parse_args(arguments)
    if why := postgresql.missing():
        print(why)
        return 1
    os.environ.update(ENVIRONMENT | {"READ_MODEL": "postgres"})
    with null_aws.running(), postgresql.running() as server:
        events, cpu, seconds = _measured(server)
    backlog = AWAY_SECONDS * EVENTS_A_SECOND
    print(f"{events / cpu:,.0f} events a second of CPU, {events / seconds:,.0f} by the clock with PostgreSQL")
    print(f"a backlog of {backlog:,} takes {backlog / (events / seconds):.0f} s")
    return 0


def _measured(server: postgresql.Server) -> tuple[int, float, float]:
    """How many events were written, in how many seconds of this process's CPU, and of the clock."""
    from chalicelib.core.aws import clients
    from chalicelib.core.names import READ_MODEL_SECRET, Names
    from chalicelib.core.wiring import READ_MODEL_MESSAGES
    from chalicelib.read_model.consumer import apply_events
    from tests.postgresql.stories import people
    from tests.unit.events import images

    name = Names(ENVIRONMENT["STAGE"]).of(READ_MODEL_SECRET)
    clients.client("secretsmanager").create_secret(Name=name, SecretString=server.secret())
    batches = [_batch(number, READ_MODEL_MESSAGES) for number in range(BATCHES)]
    stored = {f"U{user}": images.user(id=f"U{user}", version=2) for user in range(PEOPLE)}
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), people(stored):
        apply_events(batches[0])
        cpu, started = time.process_time(), time.monotonic()
        for batch in batches[1:]:
            apply_events(batch)
    return (BATCHES - 1) * READ_MODEL_MESSAGES, time.process_time() - cpu, time.monotonic() - started


def _batch(number: int, size: int) -> dict[str, Any]:
    from chalicelib.core import wire
    from tests.functional.streams import queue_event

    chance = random.Random(number)
    events: list[Event] = []
    while len(events) < size:
        events += _happened(chance, f"{number}-{len(events)}")
    return queue_event("read-model", map(wire.to_json, events[:size]))


def _happened(chance: random.Random, key: str) -> list[Event]:
    """The events of something that somebody did."""
    from chalicelib.core import clock
    from chalicelib.events.change import events_of
    from tests.unit.events import images

    user_id = f"U{chance.randrange(PEOPLE)}"
    moment = clock.timestamp(clock.now() - timedelta(seconds=chance.randrange(86400)))
    stamps: dict[str, Any] = {"updated_at": moment, "created_at": moment}
    what = chance.random()
    changes: list[tuple[str, Any, Any]]
    if what < 0.15:
        before = images.user(id=user_id, **stamps)
        changes = [("users", before, {**before, "version": 2, "name": f"Ada {key}"})]
    elif what < 0.45:
        changes = [("items", None, images.item(user_id=user_id, item_key=key, **stamps))]
    else:
        started = images.session(id=f"S{key}", user_id=user_id, **stamps)
        ended = {**started, "version": 2, "deleted_at": moment, "reason": "signed_out"}
        changes = [("sessions", None, started), ("sessions", started, ended)]
    return [
        event
        for table, old, new in changes
        for event in events_of(table, old, new, False, public_url=ENVIRONMENT["PUBLIC_URL"])
    ]
