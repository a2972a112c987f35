"""Depth is counted alike for lists and objects, and for any depth that a parser lets through."""

from __future__ import annotations

import pytest

from chalicelib.core.json_depth import is_deeper


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 16, 100, 100_000])
@pytest.mark.parametrize(
    "wrap", [lambda value: [value, 1], lambda value: {"b": 1, "a": value}], ids=["list", "object"]
)
def test_depth_is_counted_exactly(wrap, depth):
    value = 1
    for _ in range(depth):
        value = wrap(value)
    assert not is_deeper(value, depth)
    assert is_deeper(value, depth - 1)


@pytest.mark.parametrize("value", [None, 1, "a", [], {}])
def test_what_holds_nothing_is_flat(value):
    assert not is_deeper(value, 1)
