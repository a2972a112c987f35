"""A high limit is counted in several rows, which together allow just as much."""

from __future__ import annotations

import pytest

from chalicelib.limits.spread import row_of

KEYS = [f"k{number}" for number in range(2000)]


@pytest.mark.parametrize("limit", [0, 1, 8, 32])
def test_a_low_limit_is_one_row(limit):
    assert {row_of(key, limit, of_a_row=32) for key in KEYS} == {("", limit)}


@pytest.mark.parametrize("limit", [33, 64, 1000, 1001])
def test_the_rows_of_a_high_limit_allow_just_that_and_none_more_than_its_share(limit):
    rows = dict(row_of(key, limit, of_a_row=32) for key in KEYS)
    assert sum(rows.values()) == limit
    assert max(rows.values()) <= 32
    assert len(rows) == -(-limit // 32)


def test_a_key_is_always_counted_in_the_same_row():
    assert row_of("k1", 1000, of_a_row=32) == row_of("k1", 1000, of_a_row=32)
