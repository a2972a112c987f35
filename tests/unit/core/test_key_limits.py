"""What fits into a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.model import NAME_KEY_BYTES, folded_name, name_beginning, named
from chalicelib.core.aws.key_limits import SORT_BYTES, cut
from chalicelib.profile.rules import ID_LIMIT, NAME_LIMIT

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
GROWING = st.text(st.sampled_from("\ufdfa\ufdfb\u0390\u1e9e\u0130\u0149e\u0301 \U0001f600"), max_size=NAME_LIMIT)


@given(TEXTS, st.integers(0, 40))
def test_a_cut_text_is_as_much_of_its_beginning_as_there_is_room_for(text, limit):
    kept = cut(text, limit)
    assert text.startswith(kept)
    assert len(kept.encode()) <= limit
    assert kept == text or len(text[: len(kept) + 1].encode()) > limit


@pytest.mark.slow
@given(TEXTS.map(lambda text: text[:NAME_LIMIT]) | GROWING)
def test_whatever_a_name_becomes_its_key_fits_and_its_beginning_finds_it(name):
    key = named("u" * ID_LIMIT, name)["name_key"]
    assert key is None or 1 <= len(key.encode()) <= SORT_BYTES
    assert key is None or key.startswith(name_beginning(name))


@given(TEXTS)
def test_a_name_that_fits_is_kept_whole(name):
    folded = folded_name(name)
    if len(folded.encode()) <= NAME_KEY_BYTES:
        assert name_beginning(name) == folded
