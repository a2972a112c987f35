"""Batches are as few as they can be in their order, and none is above what its carrier takes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.aws.packing import SNS_BYTES, batches, message_bytes


@given(st.lists(st.integers(min_value=1, max_value=300)), st.integers(1, 12))
def test_nothing_is_lost_or_moved_and_no_batch_is_too_large_or_could_take_the_next_thing(sizes, most):
    made = list(batches(sizes, int, limit=100, most=most))
    assert [size for batch in made for size in batch] == sizes
    assert all(len(batch) <= most and (sum(batch) <= 100 or len(batch) == 1) for batch in made)
    for batch, following in pairwise(made):
        assert len(batch) == most or sum(batch) + following[0] > 100


def test_a_message_counts_its_attributes_too():
    assert message_bytes("ü") == 2
    assert message_bytes("ü", {"type": "user.updated"}) == 2 + len("type" + "String" + "user.updated")
    assert SNS_BYTES == 262_144
