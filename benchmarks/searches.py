"""How long searches of many people take: `python -m benchmarks searches [--people 1000000] [--events 5000000]`.

A mixed set of filters and orders, each several times, in a PostgreSQL of this machine. It takes some minutes to fill.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.large_read_model import END, fill
from chalicelib.core import clock
from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.search import Search, order
from tools import postgresql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.read_model.database import Database

SEARCHES = (
    ("", "-created_at"),
    ("", "name"),
    ("", "-last_sign_in_at"),
    ("ada", "-created_at"),
    ("ada lovelace", "name"),
    ('"ada lovelace"', "-updated_at"),
    ("bo", "-created_at"),
    ("kowalska", "-updated_at"),
    ("ada acme.example", "-created_at"),
    ("d4711.example", "email"),
    ("email = ada300007@acme.example", "id"),
    ("email : @acme.example", "name"),
    ("email_domain = acme.example", "-last_sign_in_at"),
    ("name : love age in (20, 30, 40)", "-email"),
    ("age = 30", "-created_at"),
    ("age = 18..30 locale = de", "-created_at"),
    ("birthdate = 1990-01-01..1990-01-31", "birthdate"),
    ("created_at = 2026-06-01..2026-06-02", "name"),
    ("last_sign_in_at >= -7d", "-last_sign_in_at"),
    ("last_sign_in_at = null", "-created_at"),
    ("age > 30 last_sign_in_at >= -7d attributes.plan = pro email_domain = acme.example", "-created_at"),
    ("attributes.plan = enterprise", "-created_at"),
    ('attributes.city = "City 42"', "-created_at"),
    ("attributes.score > 990", "-created_at"),
    ("attributes.plan : enter status = disabled", "-created_at"),
    ("metadata.tier = 2", "-created_at"),
    ("metadata.tier != null", "email"),
    ("roles = admin", "-created_at"),
    ("roles = support status = disabled", "name"),
    ("status = disabled", "-last_sign_in_at"),
    ("not status = active or roles != null", "-created_at"),
    ("items = cart items = settings", "-created_at"),
    ("source = import version = 7", "source"),
    ("segment = vip", "-created_at"),
    ("identities.connection = google", "-created_at"),
    ("(ada or grace) (attributes.plan = enterprise or roles = admin) not status = disabled", "-created_at"),
    ("locale != en email_verified = false", "-updated_at"),
    ("xyzzy", "-created_at"),
)
"""Filters and orders as people would write them. None takes longer than a moment."""

MEASURED = 7
LIMIT = 51
"""Rows: a result page, and one to see whether another follows."""

ADMIN = ("admin",)


def measured(database: Database, q: str, sort: str) -> list[float]:
    """The milliseconds of each answer, but for the first."""
    took = []
    for _ in range(1 + MEASURED):
        start = time.perf_counter()
        condition, parameters = to_sql(parse(q, roles=ADMIN), now=clock.parse(END))
        Search(condition, parameters, *order(sort, ADMIN)).rows(database, LIMIT)
        took.append(1000 * (time.perf_counter() - start))
    return took[1:]


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks searches")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    options = parser.parse_args(arguments)
    with postgresql.running() as server:
        measure(fill(server, "large", people=options.people, events=options.events))


def measure(database: Database) -> None:
    """Measure every search, and print what each took."""
    everything = []
    for q, sort in SEARCHES:
        took = measured(database, q, sort)
        everything += took
        print(f"{statistics.median(took):8.1f} ms {max(took):8.1f} at most  {json.dumps(q)}, by {sort}")
    print(f"p50 {statistics.median(everything):.1f} ms, p95 {percentile(everything, 0.95):.1f} ms")
