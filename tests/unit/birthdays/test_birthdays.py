"""Who grows older on which day."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.birthdays.celebration import birthdays_on, older


@pytest.mark.parametrize(
    ("day", "birthdays"),
    [
        ("2026-03-01", ["03-01"]),
        ("2026-02-28", ["02-28", "02-29"]),
        ("2028-02-28", ["02-28"]),
        ("2028-02-29", ["02-29"]),
        ("2100-02-28", ["02-28", "02-29"]),
    ],
)
def test_leap_days_are_celebrated_on_the_28th_of_common_years(day, birthdays):
    assert birthdays_on(date.fromisoformat(day)) == birthdays


@pytest.mark.parametrize(
    ("person", "changes"),
    [
        ({"birthdate": "1990-03-01", "age": 35}, {"age": 36, "birthday_on": "2026-03-01"}),
        ({"birthdate": "1990-03-01", "age": 36}, {}),
        ({"birthdate": "1990-03-02", "age": 35}, {}),
        ({"age": 35}, {}),
        ({}, {}),
    ],
)
def test_a_birthday_comes_once(person, changes):
    assert older(person, date(2026, 3, 1)) == changes
