"""People in a read model: from a request to DynamoDB, its stream, a topic, a queue and a network to PostgreSQL."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

from tools import operate
from tools.rehearse.people import expect, register
from tools.rehearse.reading import NOT_REHEARSED
from tools.rehearse.steps import Failed, Skipped, step

if TYPE_CHECKING:
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

SOUGHT = "success+sought@simulator.amazonses.com"

MINUTES = 1
"""Within which a change is in the tables; on a quiet day it takes a second or two."""


@step(
    needs=("administrator",),
    minutes=2,
    look="docs/read-model.md, and the logs of operate_read_model, on_read_model and query_read_model",
)
def a_person_is_found_in_sql(rehearsal: Rehearsal) -> Evidence:
    """Whoever registers is found in SQL within a minute, and after their removal no more.

    The functions reach the database through the stage's network, over TLS whose certificate and name they verify, make
    its tables, write each event and answer searches. What waits while the database is away is not shown: nobody here
    can take the owner's database away.
    """
    if not rehearsal.stage.read_model:
        raise Skipped(NOT_REHEARSED)
    migrated = operate.invoke(rehearsal.stage, "operate_read_model", {"do": "migrate"})
    if "refused" in migrated:
        raise Failed(f"the tables were not made: {migrated['detail']}")
    person = expect(register(rehearsal, SOUGHT).call("GET", "/me"), 200, what="GET /me")["id"]
    return {
        "version": migrated["version"],
        "seconds_until_found": _seconds_until(rehearsal, person, is_there=True),
        "seconds_until_gone": _remove(rehearsal, person),
    }


def _remove(rehearsal: Rehearsal, person: str) -> float:
    expect(rehearsal.admin.call("DELETE", f"/users/{person}"), 202, 204, what="removing a person")
    return _seconds_until(rehearsal, person, is_there=False)


def _seconds_until(rehearsal: Rehearsal, person: str, *, is_there: bool) -> float:
    """How long a search takes to find the person, or to find them no more. Raises Failed above `MINUTES`."""
    started = rehearsal.now()
    what = "that a person is found by a search" if is_there else "that a removed person is found no more"
    rehearsal.until(
        lambda: (person in _found(rehearsal, person)) is is_there,
        what,
        MINUTES,
        f"the log group /aws/lambda/{rehearsal.names.of('on_read_model')}",
    )
    return round(rehearsal.now() - started, 1)


def _found(rehearsal: Rehearsal, person: str) -> set[Any]:
    query = urllib.parse.urlencode({"q": f"id = {person}"})
    answer = expect(rehearsal.admin.call("GET", f"/people/search?{query}"), 200, what="a search")
    return {each["id"] for each in answer["items"]}
