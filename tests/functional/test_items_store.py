"""Who wins: the later `at`, then the greater `item_id`, whatever the order of arrival."""

from __future__ import annotations

import itertools
import random

import pytest

from chalicelib import items
from chalicelib.core import context, telemetry
from chalicelib.core.errors import PreconditionFailed
from chalicelib.core.parallel import in_parallel
from chalicelib.items import ItemWrite
from tests.functional.serial import one_call_at_a_time

KEYS = {"user_id": "U1", "item_key": "theme"}


def write(item_id: str, at: str, value: object = 1, key: str = "theme", user: str = "U1") -> ItemWrite:
    return ItemWrite(user_id=user, item_key=key, item_id=item_id, item_value=value, at=f"2026-03-01T{at}Z")


@pytest.mark.slow
def test_every_order_of_arrival_ends_alike(aws, held_clock):
    writes = [
        write("A", "11:00:00", "old"),
        write("B", "11:00:01", "tied, lower id"),
        write("C", "11:00:01", "tied, higher id"),
        write("C", "11:00:01", "tied, higher id"),
    ]
    for number, order in enumerate(itertools.permutations(writes)):
        for one in order:
            items.apply(one.model_copy(update={"user_id": f"U{number}"}))
    finals = {(row["item_id"], row["at"], items.value_of(row)) for row in aws.rows("items")}
    assert finals == {("C", "2026-03-01T11:00:01.000Z", "tied, higher id")}


def test_the_same_write_again_changes_nothing(aws, held_clock):
    assert items.apply(write("A", "11:00:00"))
    (before,) = aws.rows("items")
    held_clock.tick(seconds=1)
    assert not items.apply(write("A", "11:00:00"))
    assert not items.apply(write("A", "11:30:00", "another value under the same id"))
    assert aws.rows("items") == [before]


def test_what_a_row_holds(aws, held_clock):
    with context.working_for("R1", "S1"):
        items.apply(write("A", "11:00:00", {"naïve": [1, 2.5, None]}))
    held_clock.tick(seconds=1)
    items.apply(write("B", "11:00:01", "x"))
    (row,) = aws.rows("items")
    assert row == {
        **KEYS,
        "schema": 1,
        "version": 2,
        "item_id": "B",
        "at": "2026-03-01T11:00:01.000Z",
        "value": '"x"',
        "size": 3,
        "sha256": "ba2df4903a2c14e86dc3bcca58911b44ac1d2514b7227bf6eb08cfb978f55a1b",
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:01.000Z",
        "changed_hour": row["changed_hour"],
        "changed_by": "",
        "request_id": "",
        "traceparent": "",
    }


def test_a_deleted_item_stays_deleted_for_what_is_older(aws, held_clock):
    items.apply(write("A", "11:00:00", "personal"))
    assert items.items().delete("U1", "theme")
    assert not items.apply(write("B", "11:59:59"))
    assert items.items().get("U1", "theme") is None
    (tombstone,) = aws.rows("items")
    assert tombstone["version"] == 2
    assert tombstone["deleted_at"] == "2026-03-01T12:00:00.000Z"
    assert not {"value", "size", "sha256"} & tombstone.keys()
    held_clock.tick(seconds=2)
    assert items.apply(write("C", "12:00:01", "again"))
    (row,) = aws.rows("items")
    assert row["version"] == 3
    assert not {"deleted_at", "expires_at"} & row.keys()


def test_a_deletion_beats_a_write_from_a_clock_ahead(aws, held_clock):
    ahead = write("A", "12:04:00")
    items.apply(ahead)
    items.items().delete("U1", "theme")
    assert not items.apply(ahead)
    assert items.items().get("U1", "theme") is None


def test_a_write_now_beats_a_write_from_a_clock_ahead(aws, held_clock):
    items.apply(write("A", "12:04:00"))
    stored = items.items().put("U1", "theme", "mine")
    assert stored["at"] == "2026-03-01T12:04:00.001Z"
    assert items.value_of(items.items().get("U1", "theme")) == "mine"


def test_versions_guard_writes_and_deletions(aws, held_clock):
    first = items.items().put("U1", "theme", 1)
    second = items.items().put("U1", "theme", 2, version=first["version"])
    with pytest.raises(PreconditionFailed):
        items.items().put("U1", "theme", 3, version=first["version"])
    with pytest.raises(PreconditionFailed):
        items.items().put("U1", "absent", 3, version=1)
    with pytest.raises(PreconditionFailed):
        items.items().delete("U1", "theme", version=first["version"])
    assert items.items().delete("U1", "theme", version=second["version"])
    with pytest.raises(PreconditionFailed):
        items.items().put("U1", "theme", 4, version=second["version"] + 1)


def test_a_write_and_a_deletion_cost_what_they_must(aws, held_clock):
    with telemetry.recording() as calls:
        items.items().put("U1", "theme", 1)
        items.items().put("U2", "theme", 1)
        items.apply(write("A", "11:00:00", key="other"))
    assert calls.names == ["UpdateItem"] * 3
    with telemetry.recording() as calls:
        items.items().delete("U1", "theme")
    assert calls.names == ["GetItem", "PutItem"]


def test_erasure_leaves_no_value(aws, held_clock):
    for number in range(3):
        items.apply(write("A", "11:00:00", "personal", key=f"k{number}"))
    items.apply(write("A", "11:00:00", "another's", user="U2"))
    with one_call_at_a_time():
        assert items.erase("U1").done
    left = [row for row in aws.rows("items") if "value" in row]
    assert [row["user_id"] for row in left] == ["U2"]
    with telemetry.recording() as calls:
        assert items.erase("U1").done
    assert calls.names == ["Query"]


@pytest.mark.slow
def test_concurrent_writes_end_as_the_rule_says(aws, held_clock):
    chosen = random.Random(7)
    writes = [
        write(
            f"W{number:04}", f"11:{chosen.randrange(60):02}:{chosen.randrange(60):02}", number, f"k{number % 10}"
        )
        for number in range(100)
    ]
    sent = writes + chosen.sample(writes, 30)
    chosen.shuffle(sent)
    with one_call_at_a_time():
        in_parallel(items.apply, sent, 16)
    winners = {}
    for one in sorted(writes, key=lambda one: (one.at, one.item_id)):
        winners[one.item_key] = (one.item_id, one.item_value)
    assert {row["item_key"]: (row["item_id"], items.value_of(row)) for row in aws.rows("items")} == winners
