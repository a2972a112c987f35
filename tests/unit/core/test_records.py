"""What every streamed record carries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core import clock, context
from chalicelib.core.aws import records
from chalicelib.core.settings import settings

pytestmark = pytest.mark.usefixtures("held_clock")


def test_a_new_record_says_when_by_whom_and_in_which_request_and_trace():
    with context.working_for("R1", "U9", "00-ab-cd-01"):
        record = records.new(id="U1", name="Ada")
    assert record == {
        "schema": 1,
        "version": 1,
        "id": "U1",
        "name": "Ada",
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "changed_by": "U9",
        "request_id": "R1",
        "traceparent": "00-ab-cd-01",
        "changed_hour": record["changed_hour"],
    }


def test_changes_of_an_hour_are_spread_over_all_shards():
    hours = {records.change_stamp(key=f"U{n}")["changed_hour"] for n in range(200)}
    assert hours == {f"2026-03-01T12#{shard}" for shard in range(records.SWEEP_SHARDS)}


def test_a_tombstone_holds_nothing_of_the_record_but_its_age_and_next_version():
    record = records.new(id="U1", email="canary@mail.example", version=7)
    clock.tick(hours=1)
    tombstone = records.tombstone(record)
    assert tombstone["version"] == 8
    assert tombstone["created_at"] == record["created_at"]
    assert tombstone["deleted_at"] == tombstone["updated_at"] == "2026-03-01T13:00:00.000Z"
    assert "canary" not in str(tombstone)


@pytest.mark.parametrize("history_days", [1, 365, 3650])
def test_a_tombstone_outlives_the_history_of_its_record(history_days):
    with settings.held(history_days=history_days):
        person = records.new(id="U1")
        ends = datetime.fromtimestamp(records.tombstone(person)["expires_at"], UTC)
    assert ends - clock.now() >= timedelta(days=max(400, history_days + 35))


@pytest.mark.parametrize(
    ("item", "live"),
    [
        (None, False),
        ({}, True),
        ({"deleted_at": "2026-03-01T12:00:00.000Z"}, False),
        ({"expires_at": 1}, False),
        ({"expires_at": 4_000_000_000}, True),
    ],
)
def test_a_record_is_live_until_it_is_deleted_or_past_its_time(item, live):
    assert records.is_live(item) is live


def test_a_record_ends_with_its_second():
    item = {"expires_at": clock.epoch() + 1}
    assert records.is_live(item)
    clock.tick(seconds=1)
    assert not records.is_live(item)


def test_nobody_is_known_outside_of_any_work():
    assert context.current() == context.Context()
    with context.working_for("R1", "U1"):
        with context.working_for("R2"):
            assert context.current() == context.Context("R2", "")
        assert context.current() == context.Context("R1", "U1")
    assert context.current() == context.Context()
