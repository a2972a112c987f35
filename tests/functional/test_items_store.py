"""Who wins: the later `at`, then the greater `item_id`, whatever the order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import items
from chalicelib.core import context
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import PreconditionFailed
from chalicelib.core.ids import new_id
from chalicelib.items import ItemWrite
from tests.functional.serial import one_call_at_a_time

KEYS = {"user_id": "U1", "item_key": "theme"}


def write(item_id: str, at: str, value: object = 1, key: str = "theme", user: str = "U1") -> ItemWrite:
    return ItemWrite(user_id=user, item_key=key, item_id=item_id, item_value=value, at=f"2026-03-01T{at}Z")


def deletion(item_id: str, at: str) -> ItemWrite:
    return write(item_id, at, None).model_copy(update={"deleted": True})


WRITES = [
    write("A", "11:00:00", "old"),
    write("B", "11:00:01", "tied, lower id"),
    write("C", "11:00:01", "tied, higher id"),
    deletion("D", "11:00:01"),
    write("E", "11:00:02", "again"),
    deletion("F", "11:00:03"),
]


@pytest.mark.slow
@given(st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_arrival_ends_as_the_rule_names(aws, held_clock, data):
    """The rule, said once more: the latest `at`, then the greatest `item_id`, whatever else arrived and how often."""
    user = new_id()
    chosen = data.draw(st.lists(st.sampled_from(WRITES), min_size=1, max_size=8))
    for one in chosen:
        items.apply(one.model_copy(update={"user_id": user}))
    last = max(chosen, key=lambda one: (one.at, one.item_id))
    row = clients.table("items").get({"user_id": user, "item_key": "theme"})
    assert (row["at"], row["item_id"], "deleted_at" in row) == (last.at, last.item_id, last.deleted)
    assert (items.value_of(row) if "value" in row else None) == last.item_value


def test_a_try_again_for_the_same_request_is_told_what_the_first_was(aws, held_clock):
    with context.working_for("R1"):
        assert items.apply(write("A", "11:00:00"))
        assert items.apply(write("A", "11:00:00"))
    with context.working_for("R2"):
        assert not items.apply(write("A", "11:00:00"))
        assert items.apply(write("B", "11:00:01"))
    with context.working_for("R1"):
        assert not items.apply(write("A", "11:00:00"))


def test_of_many_writes_to_a_key_only_the_winner_costs_a_call(aws, held_clock):
    many = [write(f"W{number}", f"11:00:0{number % 7}") for number in range(9)]
    with one_call_at_a_time(), telemetry.recording() as calls:
        won = items.apply_all([*many, write("W0", "10:00:00", key="other")])
    assert calls.names == ["UpdateItem"] * 2
    assert [number for number, did in enumerate(won) if did] == [6, 9]


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
    with pytest.raises(PreconditionFailed, match="another version of this item"):
        items.items().put("U1", "theme", 3, version=first["version"])
    with pytest.raises(PreconditionFailed, match="another version of this item"):
        items.items().put("U1", "absent", 3, version=1)
    with pytest.raises(PreconditionFailed, match="another version of this item"):
        items.items().delete("U1", "theme", version=first["version"])
    assert items.items().delete("U1", "theme", version=second["version"])
    with pytest.raises(PreconditionFailed, match="another version of this item"):
        items.items().put("U1", "theme", 4, version=second["version"] + 1)


@pytest.mark.slow
def test_a_write_and_a_deletion_cost_what_they_must(aws, held_clock):
    with telemetry.recording() as calls:
        items.items().put("U1", "theme", 1)
        items.items().put("U2", "theme", 1)
        items.apply(write("A", "11:00:00", key="other"))
    assert calls.names == ["UpdateItem"] * 3
    with telemetry.recording() as calls:
        items.items().delete("U1", "theme")
    assert calls.names == ["GetItem", "UpdateItem"]


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
