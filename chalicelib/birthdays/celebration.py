"""`every_day`: whose birthday it is grows a year older, once.

A birthday is had by whoever has it on or before today and has not had it that year. So none is missed because a run
failed, the function was away, however long, or the date was told late.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.accounts import AWAITED, born_on, is_awaited, living, people
from chalicelib.core import clock, logs
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.errors import Malformed, NotFound
from chalicelib.jobs import queue_page
from chalicelib.profile.rules import age_on, is_leap

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

CAUGHT_UP_DAYS = 31
"""Days before today, or the day after the latest run, that are gone through again, in case that pages failed. So a day
reads a twelfth of all people."""
YEAR_DAYS = 365
"""Days before today that are gone through at most: who was born on any day has had a birthday in them."""
LATE_DAYS = 7
"""Days after their birthday for which somebody who told it late is celebrated still."""

_LATEST = {"id": "birthdays"}

PEOPLE = 1000
"""Of a page: ten reads, and a write for each whose birthday it is. It may take two minutes and takes a few seconds."""


def celebrate_birthdays() -> None:
    """Have everybody celebrated whose birthday is today, or was in the days before and was missed: since the latest
    run, and in a year where none is known.

    By pages on the queue `jobs`, so that no number of people takes longer than a function may. A row of `guards` says
    when that was done last; it has no end, so that a stage which rested knows for how long.
    """
    today, table = clock.now().date(), clients.table("guards")
    long_ago = (today - timedelta(days=YEAR_DAYS)).isoformat()
    latest = table.update(_LATEST, set={"schema": records.SCHEMA}, first={"day": long_ago})["day"]
    away = (today - date.fromisoformat(latest)).days
    for day, birthday in _due(today, 0, CAUGHT_UP_DAYS):
        queue_page(day, "birthdays", {"birthday": birthday})
    if late := _due(today, CAUGHT_UP_DAYS + 1, min(CAUGHT_UP_DAYS + away - 1, YEAR_DAYS)):
        (day, birthday), *further = late
        queue_page(day, "birthdays", {"birthday": birthday, "further": further})
    with suppress(ConditionFailed):
        table.update(_LATEST, set={"day": today.isoformat()}, condition=Attr("day").lt(today.isoformat()))


def _due(today: date, first: int, last: int) -> list[tuple[str, str]]:
    """The days from the `last` to the `first` before today, each with its birthdays."""
    days = [today - timedelta(days=back) for back in reversed(range(first, last + 1))]
    return [(day.isoformat(), birthday) for day in days for birthday in birthdays_on(day)]


def celebrate_page(day: str, job_page: dict[str, Any]) -> dict[str, Any] | None:
    """Set the age of the next thousand people with a page's `birthday` (`MM-DD`) on a day (`YYYY-MM-DD`), and of those
    of the `further` days and birthdays: the page that follows, or None at the end.

    Repeatable: `birthday_on`, which makes the event and says that it was had, is set with the age. Raises Malformed for
    a page of another shape.
    """
    left, start, celebrants = _days_of(day, job_page), job_page.get("start"), 0
    while left and celebrants < PEOPLE:
        celebrated_on, birthday = left[0]
        born = born_on(birthday, limit=PEOPLE, start=start)
        _celebrate_all([entry["id"] for entry in born.items], date.fromisoformat(celebrated_on))
        celebrants, start = celebrants + len(born.items), born.next
        if start:
            break
        left = left[1:]
    if not left:
        return None
    (celebrated_on, birthday), *further = left
    next_page = {"on": celebrated_on, "birthday": birthday, "further": further, "start": start}
    return {name: value for name, value in next_page.items() if value}


def _days_of(day: str, job_page: dict[str, Any]) -> list[tuple[str, str]]:
    """The days of a page, each with its birthday. Raises Malformed."""
    try:
        entries = [(job_page.get("on", day), job_page["birthday"]), *job_page.get("further", ())]
        days = [(celebrated_on, str(birthday)) for celebrated_on, birthday in entries]
        latest = max(date.fromisoformat(celebrated_on) for celebrated_on, _ in days)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise Malformed("not a page of birthdays") from None
    if latest > clock.now().date():
        raise Malformed("a page of a day that has not come: nobody is that old yet")
    return days


def _celebrate_all(user_ids: list[str], day: date) -> None:
    found = living(user_ids)
    due = [person for person in found if older(person, day)]
    celebrated = sum(in_parallel(lambda person: _celebrate(person, day), due, WRITERS))
    logs.info("birthdays", day=day.isoformat(), people=len(found), celebrated=celebrated)


def birthdays_on(day: date) -> list[str]:
    """The birthdays (`MM-DD`) that are celebrated on a day: 29 February on the 28th in common years."""
    birthdays = [f"{day:%m-%d}"]
    return [*birthdays, "02-29"] if birthdays == ["02-28"] and not is_leap(day.year) else birthdays


def _celebrate(person: Person, day: date) -> bool:
    try:
        people().change(person, lambda present: older(present, day))
    except NotFound:
        return False
    return True


def older(person: Person, day: date) -> dict[str, Any]:
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
    if not (is_behind or _gave_date_late(person, day)):
        return {}
    had = person.get("birthday_on", "").startswith(f"{day:%Y}-")
    celebrated = {} if had else {"birthday_on": day.isoformat()}
    awaited = {AWAITED: True} if is_awaited(person) else {}
    return {"age": age, **celebrated, **awaited} if is_behind or celebrated else {}


def _gave_date_late(person: Person, day: date) -> bool:
    """Whether the person was there before the day, and it is not long ago."""
    was_there = person.get("created_at", "~") < day.isoformat()
    return was_there and clock.now().date() - day <= timedelta(days=LATE_DAYS)
