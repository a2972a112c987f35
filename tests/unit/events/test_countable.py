"""What of a change can be counted, without knowing whose it is."""

from __future__ import annotations

import pytest

from chalicelib.events import countable
from tests.unit.events.images import session, user


@pytest.mark.parametrize(
    ("age", "band"),
    [(None, None), (0, "0-9"), (9, "0-9"), (10, "10-19"), (99, "90-99"), (100, "100+"), (150, "100+")],
)
def test_ages_are_told_by_ten_years(age, band):
    assert countable.age_band(age) == band
    assert band in {None, *countable.AGE_BANDS}


def test_only_what_changed_is_said():
    assert countable.moved(user(age=29), user(age=29, name="Another")) == {}
    assert countable.moved(user(age=29), user(age=30)) == {"age_band": {"before": "20-29", "after": "30-39"}}
    assert countable.moved(None, user(age=5)) == {"age_band": {"before": None, "after": "0-9"}}


def test_who_is_disabled_is_counted_until_they_are_enabled_or_gone():
    disabled, gone = user(status="disabled", age=None), {**user(), "deleted_at": "2026-03-01T12:00:00.000Z"}
    assert countable.moved(user(age=None), disabled) == {"status": {"before": None, "after": "disabled"}}
    assert countable.moved(disabled, user(age=None)) == {"status": {"before": "disabled", "after": None}}
    assert countable.moved(disabled, gone) == {"status": {"before": "disabled", "after": None}}


@pytest.mark.parametrize(
    ("fields", "way"),
    [
        ({"amr": ["pwd"]}, {"method": "password"}),
        ({"amr": ["mfa", "otp", "pwd"], "second_factor": True}, {"method": "password", "second_factor": True}),
        ({"amr": ["otp"], "second_factor": False}, {"method": "mailed_code"}),
        ({"amr": ["mfa", "pop", "user"], "second_factor": True}, {"method": "passkey", "second_factor": True}),
        (
            {"amr": ["mfa", "otp", "pop", "user"], "second_factor": True},
            {"method": "mailed_code", "second_factor": True},
        ),
        ({"amr": [], "connection": "C1"}, {"method": "connection"}),
        ({}, {}),
    ],
)
def test_the_way_in_is_the_first_factor_and_whether_there_was_a_second(fields, way):
    assert countable.way_in({**session(), **fields}) == way
