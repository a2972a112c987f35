"""Time and ids, which tests can hold still."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from chalicelib.core import clock, ids
from tests.conftest import NOW

MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1 < moment.year < 9999)


@given(MOMENTS)
def test_a_timestamp_is_parsed_back_to_its_millisecond(moment):
    text = clock.timestamp(moment)
    assert len(text) == 24
    assert clock.parse(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(MOMENTS, MOMENTS)
def test_timestamps_sort_as_their_moments(one, other):
    if clock.timestamp(one) < clock.timestamp(other):
        assert one < other


def test_a_timestamp_is_that_of_the_present_whenever_it_is_taken():
    for _ in range(2000):
        before, text, after = clock.now(), clock.timestamp(), clock.now()
        assert clock.timestamp(before) <= text <= clock.timestamp(after)


def test_offsets_become_utc():
    moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert clock.timestamp(moment) == "2026-02-28T23:30:00.000Z"
    assert clock.parse("2026-03-01T01:30:00+02:00") == moment


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid isoformat"),
        ("yesterday", "Invalid isoformat"),
        ("2026-03-01T12:00:00", "no UTC offset"),
        ("2026-13-01T00:00:00Z", "month must be"),
        ("0001-01-01T00:00:00+14:00", "beyond the years"),
    ],
)
def test_what_is_no_moment_is_a_value_error(text, reason):
    with pytest.raises(ValueError, match=reason):
        clock.parse(text)


def test_a_held_clock_moves_only_when_told(held_clock):
    assert clock.now() == NOW
    clock.tick(minutes=1, milliseconds=5)
    assert clock.timestamp() == "2026-03-01T12:01:00.005Z"
    assert clock.epoch() == int(NOW.timestamp()) + 60


def test_a_clock_that_is_not_held_cannot_be_moved():
    with pytest.raises(RuntimeError, match="is not held"):
        clock.tick(seconds=1)


@pytest.mark.slow
@given(st.lists(MOMENTS.filter(lambda moment: moment.year > 1970), min_size=2, max_size=5))
def test_ids_sort_by_their_time(moments):
    made = [ids.new_id(moment) for moment in moments]
    assert all(len(new) == 26 for new in made)
    in_order = [new for _, new in sorted(zip(map(clock.timestamp, moments), made, strict=True))]
    assert [new[:10] for new in in_order] == sorted(new[:10] for new in made)


@given(MOMENTS.filter(lambda moment: moment.year > 1970))
def test_an_id_is_a_ulid_of_its_time(moment):
    assert ULID.from_str(ids.new_id(moment)).milliseconds == ULID.from_datetime(moment).milliseconds


def test_ids_of_one_moment_sort_in_their_order(held_clock):
    made = [ids.new_id() for _ in range(100)]
    assert made == sorted(made)
    clock.tick(milliseconds=1)
    assert made[-1] < ids.new_id() != ids.new_id()


def test_ids_of_one_moment_differ_in_every_thread(held_clock):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: ids.new_id(), range(2000)))) == 2000


def test_ids_and_secrets_of_one_moment_differ(held_clock):
    assert len({ids.new_id() for _ in range(100)}) == 100
    secrets = {ids.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(ids.from_base64url(secret)) == 32 for secret in secrets)


@given(st.binary(min_size=16, max_size=40))
def test_the_same_digest_has_the_same_id(digest):
    assert ids.id_from(digest) == ids.id_from(digest[:16])
    assert ids.id_from(digest) == str(ULID.from_bytes(digest[:16]))


@given(st.binary())
def test_base64url_comes_back_with_or_without_padding(data):
    text = ids.base64url(data)
    assert not set(text) & set("+/=")
    assert ids.from_base64url(text) == data
    assert ids.from_base64url(text + "=" * (-len(text) % 4)) == data


@pytest.mark.parametrize(
    ("text", "reason"), [("a", "number of data characters"), ("a b=", "Only base64"), ("ä", "only ASCII")]
)
def test_what_is_no_base64url_is_a_value_error(text, reason):
    with pytest.raises(ValueError, match=reason):
        ids.from_base64url(text)
