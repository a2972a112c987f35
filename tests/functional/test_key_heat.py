"""Which keys real requests and their events write: none that all of them share, but those that are known and sharded.

By counts; what follows from them at a rate of requests is in docs/scaling.md and `python -m benchmarks scaling`.
"""

from __future__ import annotations

import pytest

from benchmarks.scaling import heat, operations
from chalicelib.accounts.model import DIRECTORY_SHARDS
from chalicelib.events.store import FEED_SHARDS
from chalicelib.insights.store import TALLIES

PEOPLE = 24
FEW = 0.5
SHARED = {
    "deliveries": 1,  # of one webhook, whose endpoint takes less: four requests at a time
    "history/feed-index": FEED_SHARDS,
    "insights/tally": TALLIES,  # once for each batch of events
    "users/created-index": DIRECTORY_SHARDS,
}
"""The places whose keys many share, and how many keys they have."""
SPREAD = {
    *("users/age-index", "users/name-index"),  # as many keys as there are ages, and beginnings of names
    *(f"{table}/changes-index" for table in ("users", "sessions", "items")),
    "guards/flights of a window",
    "guards/mails of a window",
}
"""Places with so many keys that chance says whether few runs hit each its own."""


@pytest.fixture
def day():
    """What each operation of a day did: requests of different people from different networks, in one moment."""
    with operations.site() as at:
        visits = operations.visits(PEOPLE)
        operations.everyday(at, visits)
        operations.asked_by_others(at, visits)
        yield at.found


def check(found):
    """Hold the places that these operations write, and whose keys are few, to those that are expected."""
    shared: dict[str, int] = {}
    for watched in found:
        for each in heat.heat([watched], {watched.operation: 1.0}, few=FEW):
            if each.keys is not None and each.writes > 0:
                shared[str(each.place)] = max(each.keys, shared.get(str(each.place), 0))
    assert shared.keys() - SPREAD == SHARED.keys()
    assert {place for place in SHARED if shared[place] > SHARED[place]} == set()
    assert {place for place in shared.keys() & SPREAD if shared[place] <= max(SHARED.values())} == set()


@pytest.mark.slow
def test_no_key_is_written_by_all_requests_but_those_that_are_sharded(day):
    assert {watched.operation for watched in day} == heat.EVERYDAY.keys()
    check(day)


@pytest.mark.slow
def test_a_flood_from_one_network_writes_nothing_once_its_limits_are_used_up():
    few = dict.fromkeys(("registrations_per_hour", "sign_ins_per_hour", "sign_ins_at_once"), operations.LIMIT)
    with operations.site(**few) as at:
        operations.flood(at, operations.visits(PEOPLE, network="203.0.113.7"))
        assert [watched.operation for watched in at.found] == list(operations.FLOOD)
        assert [access for watched in at.found for access in watched.accesses if access.writes] == []


@pytest.mark.slow
def test_no_key_of_an_import_is_written_for_each_row_but_those_that_are_sharded():
    with operations.site() as at:
        operations.import_people(at, operations.visits(4 * PEOPLE))
        rows = next(watched for watched in at.found if watched.operation == "row of an import")
    check([rows])


def test_the_busiest_of_many_makes_few_of_all_requests():
    assert heat.busiest(1, 0.8) == 1
    assert heat.busiest(2, 1) == pytest.approx(2 / 3)
    assert 0.01 < heat.busiest() < 0.02
