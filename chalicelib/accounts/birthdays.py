"""`every_day`: whose birthday it is grows a year older, once.

A birthday is had by whoever has it on or before today and has not had it that year. So none is missed because a run
failed, the function was away, or the date was told late.
"""

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

CAUGHT_UP_DAYS = 31
"""Days before today that are gone through again, in case that runs failed. So a day reads a twelfth of all people."""
LATE_DAYS = 7
"""Days after their birthday for which somebody who told it late is celebrated still."""

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

    Repeatable: `birthday_on`, which makes the event and says that it was had, is set with the age. Raises Malformed for
    a page of another shape.
    """
    try:
        celebrated_on, birthday = date.fromisoformat(day), str(page["birthday"])
    except (TypeError, ValueError, KeyError):
        raise Malformed("not a page of birthdays") from None
    if celebrated_on > clock.now().date():
        raise Malformed("a page of a day that has not come: nobody is that old yet")
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
    """The changes of a birthday on that day, today or before, or none where it was had already or is not this person's.

    Whose age is behind was missed. Whose age is right has had their birthday, or came after it, or told the date after
    it: only the last, and only in the days after it, are celebrated. In a year in which they had one, on the date that
    was told before, the age follows alone.
    """
    birthdate = person.get("birthdate")
    if birthdate is None or birthdate[5:] not in birthdays_on(day):
        return {}
    age = age_on(date.fromisoformat(birthdate), day)
    is_behind = person.get("age", -1) < age
    if not (is_behind or _told_late(person, day)):
        return {}
    had = person.get("birthday_on", "").startswith(f"{day:%Y}-")
    celebrated = {} if had else {"birthday_on": day.isoformat()}
    awaited = {AWAITED: True} if is_awaited(person) else {}
    return {"age": age, **celebrated, **awaited} if is_behind or celebrated else {}


def _told_late(person: Item, day: date) -> bool:
    """Whether the person was there before the day, and it is not long ago."""
    was_there = person.get("created_at", "~") < day.isoformat()
    return was_there and clock.now().date() - day <= timedelta(days=LATE_DAYS)
