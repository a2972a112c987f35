"""`Database.batch_get` against a client that answers within DynamoDB's limits, and not always whole:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.core.aws.dynamo import Database, from_item
from chalicelib.core.errors import Unavailable
from tests.conftest import NOW

KEYS_AT_ONCE = 100


class Client:
    """Holds items, answers at most `at_once` of them in a call, and leaves the others unprocessed."""

    def __init__(self, items: dict[str, list[dict]], at_once: int = KEYS_AT_ONCE) -> None:
        self.items = {
            (table, json.dumps(from_item(key), sort_keys=True)): {**key, "size": 1}
            for table, keys in items.items()
            for key in keys
        }
        self.at_once = at_once
        self.calls: list[int] = []
        self.asked_at: list[float] = []

    def batch_get_item(self, RequestItems, **_):  # noqa: N803 - as boto3 calls it
        asked = [(table, key) for table, part in RequestItems.items() for key in part["Keys"]]
        places = [(table, json.dumps(key, sort_keys=True)) for table, key in asked]
        assert 1 <= len(places) <= KEYS_AT_ONCE
        assert len(set(places)) == len(places)
        self.calls.append(len(places))
        self.asked_at.append(clock.running())
        read = [(place[0], self.items[place]) for place in places[: self.at_once] if place in self.items]
        return {
            "Responses": {
                name: [from_item(item) for table, item in reversed(read) if table == name] for name in RequestItems
            },
            "UnprocessedKeys": {
                name: {**RequestItems[name], "Keys": [key for _, key in left]}
                for name, left in itertools.groupby(asked[self.at_once :], key=lambda each: each[0])
            },
        }


def read(client: Client, keys: list[tuple[str, dict]]) -> list[dict | None]:
    database = Database(client)
    return database.batch_get([(database.table(table), key) for table, key in keys])


NAMES = st.sampled_from("abcdefgh")
SINGLE = st.tuples(st.just("users"), st.fixed_dictionaries({"id": NAMES}))
PAIRS = st.tuples(st.just("history"), st.fixed_dictionaries({"subject": NAMES, "at": NAMES}))


@pytest.mark.slow
@given(st.lists(SINGLE | PAIRS, max_size=30), st.sets(NAMES), st.integers(4, 100))
def test_items_come_in_the_order_of_their_keys_however_they_are_answered(keys, there, at_once):
    held = {
        "users": [{"id": name} for name in there],
        "history": [{"at": at, "subject": name} for name in there for at in "abcd"],
    }
    client = Client(held, at_once)
    expected = [{**key, "size": 1} if key in held[table] else None for table, key in keys]
    with clock.held(NOW):
        assert read(client, keys) == expected


def test_a_thousand_keys_and_their_repetitions_are_asked_for_once_each_a_hundred_at_a_time():
    keys = [("users", {"id": str(number % 1000)}) for number in range(1500)]
    client = Client({"users": [key for _, key in keys]})
    assert [item["id"] for item in read(client, keys)] == [key["id"] for _, key in keys]
    assert client.calls == [KEYS_AT_ONCE] * 10


def test_no_keys_need_no_call():
    client = Client({})
    assert read(client, []) == []
    assert client.calls == []


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    __hash__ = str.__hash__
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)


def test_the_work_grows_with_the_number_of_keys_and_no_faster():
    keys = [("users", {"id": Counted(number)}) for number in range(1000)]
    client = Client({"users": [{"id": str(number)} for number in range(1000)]})
    Counted.comparisons = 0
    assert None not in read(client, keys)
    assert Counted.comparisons <= 4 * len(keys)


def test_what_an_answer_has_no_room_for_is_asked_for_again_after_a_pause(held_clock):
    keys = [("users", {"id": str(number)}) for number in range(KEYS_AT_ONCE)]
    client = Client({"users": [key for _, key in keys]}, at_once=40)
    assert [item["id"] for item in read(client, keys)] == [key["id"] for _, key in keys]
    assert client.calls == [100, 60, 20]
    first, second, third = client.asked_at
    assert first < second < third


def test_pauses_differ_so_that_many_do_not_come_back_at_once(held_clock):
    waits = set()
    for _ in range(5):
        client = Client({}, at_once=1)
        read(client, [("users", {"id": "a"}), ("users", {"id": "b"})])
        waits.add(round(client.asked_at[1] - client.asked_at[0], 6))
    assert len(waits) > 1


def test_keys_that_stay_unread_are_told_as_unavailable_within_seconds(held_clock):
    client = Client({}, at_once=0)
    with pytest.raises(Unavailable, match="left keys unread"):
        read(client, [("users", {"id": "a"})])
    assert len(client.calls) > 1
    assert client.asked_at[-1] - client.asked_at[0] < 5
