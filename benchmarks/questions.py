"""`python -m benchmarks questions`: the questions of docs/questions.md over a large read model, in a PostgreSQL of this
machine. Each is asked a few times, and the median counts."""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.large_read_model import SECONDS, fill
from chalicelib.read_model.views import refresh
from tests.postgresql.questions import ORDERS, ask, questions
from tools import postgresql

if TYPE_CHECKING:
    from chalicelib.read_model.database import Database
    from tests.postgresql.questions import Question

PEOPLE, EVENTS = 1_000_000, 5_000_000
AT_MOST = 2.0
"""Seconds of an answer."""

TIMES = 3
NOW = "timestamptz '2026-11-29T12:00:00Z'"
"""Shortly before the last events, and late in a month."""

_MORE = """
INSERT INTO shop.orders SELECT 'U' || lpad(CAST(n * 7919 % {people} AS text), 9, '0'), n % 90,
    timestamptz '2026-12-01Z' - n % 200 * interval '1 day' FROM generate_series(CAST(1 AS bigint), {people}) AS n;
INSERT INTO identities SELECT id, 'I' || id, 'provider-' || coalesce(age, 0) % 4, created_at FROM people
    WHERE source = 'connection';
INSERT INTO memberships
    SELECT 'S' || luck % 10, id, 1, updated_at, CASE WHEN luck % 3 = 0 THEN updated_at END
    FROM people CROSS JOIN LATERAL abs(hashtext(id)) AS luck WHERE luck % 5 > 0;
INSERT INTO events (id, time, type, subject, version, bulk, data, previous, sessions_ended)
    SELECT 'users:' || id || ':9:0',
        greatest(updated_at, timestamptz '2026-11-30Z' - luck % 60 * interval '1 day'),
        CASE luck % 5 WHEN 0 THEN 'consent.granted' WHEN 1 THEN 'consent.revoked' ELSE 'user.updated' END,
        id, 9, false, jsonb_build_object('consent', jsonb_build_object('client', 'app-' || luck % 7)),
        jsonb_build_object('attributes', jsonb_build_object('plan', 'free')), false
    FROM people CROSS JOIN LATERAL abs(hashtext(id || 'x')) AS luck
    WHERE luck % 4 = 0 AND updated_at < timestamptz '2026-11-30Z';
INSERT INTO events (id, time, type, subject, version, bulk, session_id, data, sessions_ended)
    SELECT 'sessions:' || id || ':2:1', started_at + interval '1 hour', 'session.reuse_detected', user_id, 2, false, id,
        '{{}}', false
    FROM sessions WHERE hashtext(id) % 5000 = 0 AND started_at < timestamptz '2026-11-30Z'
"""
"""What the large read model has none of. Times stay within the months that have a partition."""


def main(arguments: list[str]) -> int:
    """Print how long each takes; 0 where each takes AT_MOST."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks questions", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help="in the read model (%(default)s)")
    parser.add_argument("--events", type=int, default=EVENTS, help="about so many (%(default)s)")
    asked = parser.parse_args(arguments)
    if why := postgresql.missing():
        print(why)
        return 1
    with postgresql.running() as server:
        database = fill(server, "large", people=asked.people, events=asked.events)
        complete(database, asked.people)
        slowest = max(map(measured, [database] * len(questions()), questions()))
        database.close()
    return int(slowest > AT_MOST)


def complete(database: Database, people: int) -> None:
    """Add what some questions are about, and count the views."""
    with database.transaction(seconds=SECONDS) as transaction:
        transaction.script(f"{ORDERS};{_MORE.format(people=people)}")
    with database.transaction(seconds=SECONDS) as transaction:
        transaction.script("ANALYZE")
    began = time.perf_counter()
    refresh(database)
    print(f"  {time.perf_counter() - began:8.2f} s  to count the views anew, which happens once an hour")


def measured(database: Database, question: Question) -> float:
    """The seconds of its answer, and a line that says them."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        rows = ask(database, question, now=NOW)
        times.append(time.perf_counter() - began)
    taken = statistics.median(times)
    print(f"  {taken:8.2f} s  {question.number:2}. {question.title} ({len(rows)} rows)", flush=True)
    return taken
