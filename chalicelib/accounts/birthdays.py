"""`every_day`: whose birthday it is grows a year older, once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.accounts.model import AWAITED, is_awaited
from chalicelib.accounts.rules import age_on, is_leap
from chalicelib.accounts.store import people
from chalicelib.core import clock, logs
from chalicelib.core.errors import Malformed, NotFound
from chalicelib.core.parallel import WRITERS, in_parallel
from chalicelib.jobs import queue_page

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item

CAUGHT_UP_DAYS = 2
"""Days before today that are gone through again, in case that a run failed."""

PEOPLE = 1000
"""Of a page: ten reads, and a write for each whose birthday it is. It may take two minutes and takes a few seconds."""


def celebrate_birthdays() -> None:
    """Have everybody celebrated whose birthday is today, or was in the days before and was missed.

    By pages on the queue `jobs`, so that no number of people takes longer than a function may.
    """
    today = clock.now().date()
    for back in reversed(range(CAUGHT_UP_DAYS + 1)):
        day = today - timedelta(days=back)
        for birthday in birthdays_on(day):
            queue_page(day.isoformat(), "birthdays", {"birthday": birthday})


def celebrate_page(day: str, page: dict[str, Any]) -> dict[str, Any] | None:
    """Set the age of the next thousand people with a page's `birthday` (`MM-DD`) on a day (`YYYY-MM-DD`): the page that
    follows, or None at the end.

    Repeatable: `birthday_on`, which makes the event, is set with the age, and whoever has the right age already has had
    it. Raises Malformed for a page of another shape.
    """
    try:
        celebrated_on, birthday = date.fromisoformat(day), str(page["birthday"])
    except (ValueError, KeyError):
        raise Malformed("not a page of birthdays") from None
    born = people().born_on(birthday, limit=PEOPLE, start=page.get("start"))
    found = people().living([entry["id"] for entry in born.items])
    due = [person for person in found if older(person, celebrated_on)]
    celebrated = sum(in_parallel(lambda person: _celebrate(person, celebrated_on), due, WRITERS))
    logs.info("birthdays", day=day, people=len(found), celebrated=celebrated)
    return {**page, "start": born.next} if born.next else None


def birthdays_on(day: date) -> list[str]:
    """The birthdays (`MM-DD`) that are celebrated on a day: 29 February on the 28th in common years."""
    birthdays = [f"{day:%m-%d}"]
    return [*birthdays, "02-29"] if birthdays == ["02-28"] and not is_leap(day.year) else birthdays


def _celebrate(person: Item, day: date) -> bool:
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
    awaited = {AWAITED: True} if is_awaited(person) else {}
    return {"age": age, "birthday_on": day.isoformat(), **awaited} if person.get("age", -1) < age else {}
