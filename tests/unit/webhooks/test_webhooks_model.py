"""When a delivery is tried again, what answers mean, and what is sent."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.webhooks.model import (
    LONGEST_DELAY,
    SCHEDULE,
    delivery_id,
    next_delay,
    payload,
    verdict,
    wants,
)

EVENT = {
    "specversion": "1.0",
    "id": "users:U1:3:0",
    "source": "https://rollcall.example",
    "type": "user.updated",
    "subject": "U1",
    "time": "2026-03-01T12:00:00.123Z",
    "data": {"user": {"id": "U1", "name": "Zoë"}},
}


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        ([], True),
        (["user.updated"], True),
        (["user.*"], True),
        (["session.*", "user.updated"], True),
        (["user.deleted"], False),
        (["session.*"], False),
        (["use.*"], False),
        (["user"], False),
    ],
)
def test_which_events_a_webhook_wants(types, wanted):
    assert wants(types, "user.updated") is wanted


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(200, "delivered"), (204, "delivered"), (299, "delivered"), (410, "gone")]
    + [(status, "failed") for status in (101, 301, 302, 304, 308, 400, 401, 404, 409, 429, 500, 502, 503, 599)],
)
def test_what_a_status_means(status, meaning):
    assert verdict(status) == meaning


@pytest.mark.slow
@given(st.text(), st.integers(1, len(SCHEDULE)))
def test_delays_follow_the_schedule_give_or_take_a_tenth(delivery, failures):
    delay = next_delay(delivery, failures)
    assert SCHEDULE[failures - 1] * 0.9 <= delay <= SCHEDULE[failures - 1] * 1.1


def test_delays_of_deliveries_that_failed_together_come_apart():
    assert len({next_delay(f"D{number}", 3) for number in range(100)}) == 100


def test_the_schedule_ends():
    assert next_delay("D1", len(SCHEDULE)) is not None
    assert next_delay("D1", len(SCHEDULE) + 1) is None
    assert next_delay("D1", len(SCHEDULE) + 1, "60") is None


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("3600", 3600),
        ("Sun, 01 Mar 2026 13:00:00 GMT", 3600),
        ("Sun, 01 Mar 2026 13:00:00", 3600),
        ("Sun, 01 Mar 2026 14:00:00 +0100", 3600),
        ("99999999999999999999999", 86400),
        ("Sun, 01 Mar 2099 13:00:00 GMT", 86400),
    ],
)
def test_retry_after_puts_the_next_attempt_off(held_clock, retry_after, seconds):
    assert next_delay("D1", 1, retry_after) == timedelta(seconds=seconds)


ABSURD = [
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -99999999999999",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    f"Mon, {'9' * 5000} Jan 2026 00:00:00 GMT",
    f"Mon, 01 Jan 2026 00:00:00 +{'9' * 5000}",
    "Mon, 01 Jan , 00:00:00 GMT",
    ", , , , ,",
    "1 Jan 1:1:99999999999 +",
]


@pytest.mark.parametrize(
    "retry_after",
    ["", "1", "-5", "soon", "１２", "1e9", "Sun, 01 Mar 2026 11:00:00 GMT", "Sun, 99 Foo 2026", *ABSURD],
    ids=lambda text: ascii(text[:40]),
)
def test_retry_after_never_hurries(held_clock, retry_after):
    assert next_delay("D1", 2, retry_after) == next_delay("D1", 2)


DATE_PARTS = """Mon, Mon , 01 31 0 -1 Jan Foo 2026 9999 1 99999999999999 \u0661 00:00:00 99:99:99 1:1:99999999999 ::
    1.1.1 GMT +0000 -2359 +99999999999 + -"""

DATES = st.lists(st.sampled_from(DATE_PARTS.split()), max_size=8).map(" ".join)
"""Dates, nearly, and nothing like it."""


@given(st.text(max_size=40) | DATES, st.integers(1, len(SCHEDULE) + 3))
def test_no_retry_after_breaks_or_holds_longer_than_a_day(retry_after, failures):
    delay = next_delay("D1", failures, retry_after)
    assert delay is None or delay <= LONGEST_DELAY * 1.1


def test_ids_of_deliveries_sort_by_time_and_are_safe_in_urls_and_signatures():
    later = {**EVENT, "time": "2026-03-01T12:00:00.124Z"}
    other = {**EVENT, "id": "users:U1:3:1"}
    assert delivery_id(EVENT) == delivery_id(dict(EVENT)) != delivery_id(other)
    assert max(delivery_id(EVENT), delivery_id(other)) < delivery_id(later)
    assert delivery_id(EVENT).isalnum()
    assert len(delivery_id({**EVENT, "id": "users:o'connor.x/y:3:0"})) == 26


def test_what_is_sent_is_the_event_and_the_standards_timestamp():
    sent = json.loads(payload(EVENT))
    assert sent == {**EVENT, "timestamp": EVENT["time"]}
    assert "Zoë".encode() in payload(EVENT)


@given(st.integers(19_000, 21_000))
def test_every_payload_is_below_twenty_thousand_bytes(size):
    sent = payload({**EVENT, "data": {"padding": "x" * size}})
    link = "https://rollcall.example/users/U1?at=2026-03-01T12:00:00.123Z"
    assert len(sent) < 20_000
    assert json.loads(sent)["id"] == EVENT["id"]
    assert json.loads(sent)["data"] in (
        {"padding": "x" * size},
        {"data_omitted": True, "reason": "size", "link": link},
    )
