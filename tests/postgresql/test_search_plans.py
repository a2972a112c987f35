"""At a million people, no search reads the whole table: PostgreSQL says so itself.

The planner takes twenty thousand rows for a million: what it knows of their values is of shares, and it reckons with
the number of rows that its catalog has. To read the whole table is cheaper then than it would be: its pages are few.
"""

from __future__ import annotations

import pytest

from benchmarks.large_read_model import END, fill
from benchmarks.searches import SEARCHES
from chalicelib.core import clock
from chalicelib.read_model.filters import parse, to_sql
from chalicelib.read_model.filters.fields import fields_for
from chalicelib.read_model.search import PLANNED, Search, order

pytestmark = pytest.mark.slow

ADMIN = ("admin",)
ROWS, BELIEVED = 20_000, 1_000_000
SORTABLE = [name for name, field in fields_for(ADMIN).items() if field.is_sortable]


@pytest.fixture(scope="module")
def large(server):
    database = fill(server, "large", people=ROWS, events=3 * ROWS)
    server.psql("-d", "large", "-c", f"UPDATE pg_class SET reltuples = {BELIEVED} WHERE relname = 'people'")
    yield database
    database.close()


def plans(large, q, sort):
    """How PostgreSQL finds the first result page, a later one, and those who lack what people are sorted by."""
    condition, parameters = to_sql(parse(q, roles=ADMIN), now=clock.parse(END))
    asked = Search(condition, parameters, *order(sort, ADMIN))
    with large.transaction(read_only=True) as transaction:
        transaction.script(PLANNED)
        value = asked.field.sql
        highest = transaction.value(
            f"SELECT CAST({value} AS text) FROM people AS p WHERE {value} IS NOT NULL ORDER BY {value} DESC LIMIT 1"
        )
        after = {"now": END, "value": highest, "id": "U000010000"}
        for nulls, position in ((False, None), (False, after), (True, None), (True, after)):
            if nulls and not asked.field.nullable:
                continue
            start = {"id": after["id"]} if position else {}
            start |= {"value": highest} if position and not nulls else {}
            sql = asked.sql(nulls=nulls, after=position)
            rows = transaction.run(f"EXPLAIN {sql}", **parameters, **start, rows=51)
            yield "\n".join(line for (line,) in rows)


@pytest.mark.parametrize(("q", "sort"), SEARCHES, ids=lambda text: text or "all")
def test_a_search_uses_an_index(large, q, sort):
    for plan in plans(large, q, sort):
        assert "Seq Scan on people" not in plan, plan


@pytest.mark.parametrize("sort", [*SORTABLE, *(f"-{name}" for name in SORTABLE)])
def test_every_order_is_that_of_an_index(large, sort):
    first, second, *others = plans(large, "", sort)
    for plan in (first, second):
        assert "Sort" not in plan.partition("Limit")[2], plan
    for plan in (first, second, *others):
        assert "Seq Scan on people" not in plan, plan


def test_the_planner_believes_in_a_million(large):
    with large.transaction(read_only=True) as transaction:
        plan = transaction.run("EXPLAIN SELECT FROM people")
    assert f"rows={BELIEVED}" in plan[0][0]
