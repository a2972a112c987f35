"""What an item write must hold to."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.items.model import DEPTH, VALUE_BYTES, ItemWrite, as_json, moment_after, storable, winners

GOOD = {
    "user_id": "U1",
    "item_id": "W1",
    "item_key": "theme",
    "item_value": {"dark": True},
    "at": "2026-03-01T12:00:00Z",
}

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("item_key", "", "1 to 255"),
        ("item_key", "a" * 256, "1 to 255"),
        ("item_key", "../x", "1 to 255"),
        ("item_key", "a/b", "1 to 255"),
        ("item_key", "a\n", "1 to 255"),
        ("item_key", 7, "string"),
        ("item_id", "a b", "1 to 255"),
        ("user_id", "", "person's id"),
        ("user_id", "a\x00", "person's id"),
        ("user_id", "a#b", "person's id"),
        ("at", "2026-03-01T12:00:00", "with an offset"),
        ("at", "yesterday", "with an offset"),
        ("at", "0001-01-01T00:00:00+14:00", "with an offset"),
        ("at", "1969-12-31T23:59:59Z", "1970"),
        ("at", "2026-03-01T12:05:01Z", "5 minutes ahead"),
        ("item_value", float("nan"), "NaN"),
        ("item_value", "\ud800", "surrogate"),
        ("item_value", "x" * VALUE_BYTES, "at most"),
        ("item_value", "é" * (VALUE_BYTES // 2), "at most"),
        ("item_value", nested(DEPTH + 1), "nested"),
        ("item_value", nested(10_000), "nested"),
        ("colour", "red", "Extra"),
        ("deleted", True, "must be null"),
        ("deleted", "perhaps", "boolean"),
    ],
)
def test_a_wrong_field_is_named(field, value, complaint, held_clock):
    with pytest.raises(ValidationError) as raised:
        ItemWrite.model_validate({**GOOD, field: value})
    (error,) = raised.value.errors()
    assert error["loc"] == (field,)
    assert complaint in error["msg"]


@pytest.mark.parametrize("field", GOOD)
def test_no_field_may_be_missing(field, held_clock):
    with pytest.raises(ValidationError) as raised:
        ItemWrite.model_validate({name: value for name, value in GOOD.items() if name != field})
    assert [error["loc"] for error in raised.value.errors()] == [(field,)]


def test_a_deletion_has_no_value(held_clock):
    for deleted in (True, "true"):
        assert ItemWrite.model_validate({**GOOD, "item_value": None, "deleted": deleted}).deleted is True


@given(st.permutations([("11:00:00", "A"), ("11:00:01", "B"), ("11:00:01", "C"), ("11:00:00", "D")]))
def test_of_writes_to_one_key_the_later_wins_then_the_greater_id(order):
    writes = [
        ItemWrite(user_id="U1", item_key=key, item_id=item_id, item_value=1, at=f"2026-01-01T{at}Z")
        for key in ("a", "b")
        for at, item_id in order
    ]
    assert {write.item_key: write.item_id for write in winners(writes)} == {"a": "C", "b": "C"}


@pytest.mark.parametrize(
    ("given_at", "kept"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T13:00:00.1239+01:00", "2026-03-01T12:00:00.123Z"),
        ("2026-03-01T12:05:00Z", "2026-03-01T12:05:00.000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_kept_in_one_form(given_at, kept, held_clock):
    assert ItemWrite.model_validate({**GOOD, "at": given_at}).at == kept


@pytest.mark.parametrize("key", ["a", "7", "theme.v2", "a~b:c@d-e_f", "~"])
def test_keys_are_names(key, held_clock):
    assert ItemWrite.model_validate({**GOOD, "item_key": key}).item_key == key


def test_the_greatest_value_passes():
    assert storable("x" * (VALUE_BYTES - 2))
    assert storable(nested(DEPTH))


@given(JSON_VALUES)
def test_any_json_is_stored_exactly(value):
    assert json.loads(as_json(storable(value))) == value


@pytest.mark.parametrize(
    ("stored_at", "chosen"),
    [
        (None, "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T11:59:59.999Z", "2026-03-01T12:00:00.000Z"),
        ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.001Z"),
        ("2026-03-01T12:04:59.999Z", "2026-03-01T12:05:00.000Z"),
    ],
)
def test_a_write_made_now_comes_after_what_is_stored(stored_at, chosen, held_clock):
    assert moment_after(stored_at) == chosen
