"""`every_day`: birthdays, each of them once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.accounts.birthdays import celebrate_birthdays
from chalicelib.accounts.store import people
from chalicelib.core import clock
from tests.builders import a_user


def ages(aws) -> dict[str, tuple]:
    return {row["id"]: (row["age"], row.get("birthday_on"), row["version"]) for row in aws.rows("users")}


@pytest.fixture
def born(aws):
    """People who were registered in January, and grow older since."""
    with clock.held(datetime(2026, 1, 15, tzinfo=UTC)):
        for user_id, birthdate in {"TODAY": "1990-03-01", "LATER": "1990-03-02", "LEAP": "2000-02-29"}.items():
            a_user(id=user_id, birthdate=birthdate)
        yield aws


def test_whose_birthday_it_is_grows_older_once(born):
    clock.tick(days=45)
    for _ in range(2):
        celebrate_birthdays()
    assert ages(born) == {
        "TODAY": (36, "2026-03-01", 2),
        "LATER": (35, None, 1),
        "LEAP": (26, "2026-02-28", 2),
    }
    clock.tick(days=1)
    celebrate_birthdays()
    assert ages(born)["LATER"] == (36, "2026-03-02", 2)
    clock.tick(days=364)
    celebrate_birthdays()
    assert ages(born)["TODAY"] == (37, "2027-03-01", 3)


def test_a_day_that_was_missed_is_made_up_for(born):
    clock.tick(days=47)
    celebrate_birthdays()
    assert ages(born)["TODAY"] == (36, "2026-03-01", 2)


def test_who_registers_on_their_birthday_has_their_age_already(born):
    clock.tick(days=45)
    a_user(id="NEW", birthdate="1990-03-01")
    celebrate_birthdays()
    assert ages(born)["NEW"] == (36, None, 1)


def test_who_is_gone_grows_no_older(born):
    clock.tick(days=45)
    people().remove(people().get("TODAY"), "J1", lambda _: ())
    celebrate_birthdays()
    assert {row["id"] for row in born.rows("users") if "birthday_on" in row} == {"LEAP"}
