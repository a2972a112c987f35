"""`every_day`: whose birthday it is grows a year older, once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.accounts.rules import age_on, is_leap
from chalicelib.accounts.store import people
from chalicelib.core import clock, logs
from chalicelib.core.errors import NotFound

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item

CAUGHT_UP_DAYS = 2
"""Days before today that are gone through again, in case that a run failed."""


def celebrate_birthdays() -> None:
    """Set the age of everybody whose birthday is today, or was in the days before and was missed.

    `birthday_on`, which makes the event, is set with the age; whoever has the right age already has had it.
    """
    today = clock.now().date()
    celebrated = 0
    for back in reversed(range(CAUGHT_UP_DAYS + 1)):
        day = today - timedelta(days=back)
        for birthday in birthdays_on(day):
            celebrated += sum(_celebrate(user_id, day) for user_id in people().born_on(birthday))
    logs.info("birthdays", celebrated=celebrated)


def birthdays_on(day: date) -> list[str]:
    """The birthdays (`MM-DD`) that are celebrated on a day: 29 February on the 28th in common years."""
    birthdays = [f"{day:%m-%d}"]
    return [*birthdays, "02-29"] if birthdays == ["02-28"] and not is_leap(day.year) else birthdays


def _celebrate(user_id: str, day: date) -> bool:
    person = people().find(user_id)
    if person is None or not older(person, day):
        return False
    try:
        people().change(person, lambda present: older(present, day))
    except NotFound:
        return False
    return True


def older(person: Item, day: date) -> dict[str, Any]:
    """The changes of a birthday on that day, or none where it was had already or is not this person's."""
    birthdate = person.get("birthdate")
    if birthdate is None or birthdate[5:] not in birthdays_on(day):
        return {}
    age = age_on(date.fromisoformat(birthdate), day)
    return {"age": age, "birthday_on": day.isoformat()} if person.get("age", -1) < age else {}
