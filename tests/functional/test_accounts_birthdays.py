"""`every_day`: birthdays, each of them once."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chalicelib.accounts import model
from chalicelib.accounts.store import people
from chalicelib.birthdays.celebration import celebrate_birthdays, celebrate_page
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.aws.dynamo import from_item
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.job_runner.job_pages import run_job_pages
from chalicelib.jobs import queue_page
from tests.builders import a_user
from tests.functional.faults import Crash, listening
from tests.functional.serial import one_call_at_a_time


def ran(aws, days_ago: int = 1) -> None:
    """Have `every_day` have run so many days ago."""
    aws.put("guards", {"id": "birthdays", "day": (clock.now() - timedelta(days=days_ago)).date().isoformat()})


def celebrate(aws, *, away: bool = False) -> list[dict]:
    """Run `every_day`'s birthdays, and every page that follows: the pages. It ran yesterday unless it was `away`."""
    if not away:
        ran(aws)
    celebrate_birthdays()
    pages = []
    while records := aws.take("jobs"):
        pages += [json.loads(record["body"])["page"] for record in records]
        run_job_pages({"Records": records})
    assert aws.take("jobs-dlq") == []
    return pages


@pytest.fixture(autouse=True)
def _one_at_a_time(aws):
    with one_call_at_a_time():
        yield


def ages(aws) -> dict[str, tuple]:
    return {row["id"]: (row["age"], row.get("birthday_on"), row["version"]) for row in aws.rows("users")}


@pytest.fixture
def born(aws):
    """People who were registered in January, and grow older since."""
    with clock.held(datetime(2026, 1, 15, tzinfo=UTC)):
        for user_id, birthdate in {"TODAY": "1990-03-01", "LATER": "1990-03-02", "LEAP": "2000-02-29"}.items():
            a_user(id=user_id, birthdate=birthdate)
        yield aws


@pytest.mark.slow
def test_whose_birthday_it_is_grows_older_once(born):
    clock.tick(days=45)
    for _ in range(2):
        celebrate(born)
    assert ages(born) == {
        "TODAY": (36, "2026-03-01", 2),
        "LATER": (35, None, 1),
        "LEAP": (26, "2026-02-28", 2),
    }
    clock.tick(days=1)
    celebrate(born)
    assert ages(born)["LATER"] == (36, "2026-03-02", 2)
    clock.tick(days=364)
    celebrate(born)
    assert ages(born)["TODAY"] == (37, "2027-03-01", 3)


@pytest.mark.slow
def test_a_day_that_was_missed_is_made_up_for(born):
    clock.tick(days=47)
    celebrate(born)
    assert ages(born)["TODAY"] == (36, "2026-03-01", 2)


@pytest.mark.slow
@pytest.mark.parametrize("days", [3, 4, 10, 31])
def test_birthdays_are_made_up_for_when_the_job_was_away(born, days):
    """Each of them on its own day, however late, and once."""
    clock.tick(days=45 + days)
    for _ in range(2):
        celebrate(born)
        clock.tick(days=1)
    assert ages(born)["TODAY"] == (36, "2026-03-01", 2)
    assert ages(born)["LATER"] == (36, "2026-03-02", 2)


@pytest.mark.slow
@pytest.mark.parametrize("away", [None, 40, 200, 364, 365, 400])
def test_birthdays_are_made_up_for_however_long_the_job_was_away(born, away):
    """Also where nobody knows for how long, as in a stage that comes to this version."""
    clock.tick(days=44 + (away or 33))
    if away:
        ran(born, away)
    celebrate(born, away=True)
    assert ages(born)["TODAY"][1:] == ("2027-03-01" if away == 400 else "2026-03-01", 2)
    assert len(celebrate(born, away=True)) <= 31 + 2


@pytest.mark.slow
def test_a_leap_day_is_made_up_for_too(born):
    clock.tick(days=44 + 20)
    celebrate(born)
    assert ages(born)["LEAP"] == (26, "2026-02-28", 2)
    clock.tick(days=2 * 365 - 20)
    celebrate(born)
    assert ages(born)["LEAP"][:2] == (26, "2026-02-28")
    clock.tick(days=10)
    celebrate(born)
    assert ages(born)["LEAP"][:2] == (28, "2028-02-29")


def moved_to(user_id: str, birthdate: str) -> None:
    people().change(people().get(user_id), lambda _: model.aged(None, birthdate))


@pytest.mark.slow
def test_a_birth_date_that_is_told_on_the_eve_is_celebrated(born):
    clock.tick(days=44)
    moved_to("LATER", "1990-03-01")
    clock.tick(days=1)
    celebrate(born)
    assert ages(born)["LATER"] == (36, "2026-03-01", 3)


@pytest.mark.slow
@pytest.mark.parametrize("late", [0, 1, 3, 6])
def test_a_birth_date_that_is_told_late_is_celebrated_once(born, late):
    """The age is right at once, so the age alone would not tell that the birthday was not had."""
    clock.tick(days=45)
    celebrate(born)
    clock.tick(days=late)
    moved_to("LATER", "1990-03-01")
    for _ in range(2):
        clock.tick(days=1)
        celebrate(born)
    assert ages(born)["LATER"][:2] == (36, "2026-03-01")


@pytest.mark.slow
def test_a_birth_date_of_months_ago_is_no_news(born):
    clock.tick(days=200)
    moved_to("TODAY", "1990-03-04")
    for _ in range(3):
        celebrate(born)
        clock.tick(days=1)
    assert ages(born)["TODAY"] == (36, None, 2)


@pytest.mark.slow
def test_who_had_their_birthday_has_no_other_that_year_and_grows_older_all_the_same(born):
    clock.tick(days=45)
    celebrate(born)
    moved_to("TODAY", "1990-03-03")
    assert ages(born)["TODAY"][0] == 35
    clock.tick(days=2)
    for _ in range(2):
        celebrate(born)
    assert ages(born)["TODAY"][:2] == (36, "2026-03-01")
    clock.tick(days=365)
    celebrate(born)
    assert ages(born)["TODAY"][:2] == (37, "2027-03-03")


@pytest.mark.slow
def test_who_came_after_their_birthday_is_not_celebrated(born):
    clock.tick(days=45)
    a_user(id="SAME DAY", birthdate="1990-03-01")
    clock.tick(days=1)
    a_user(id="AFTER", birthdate="1990-03-01")
    for _ in range(3):
        celebrate(born)
        clock.tick(days=1)
    assert (ages(born)["SAME DAY"], ages(born)["AFTER"]) == ((36, None, 1), (36, None, 1))


@pytest.mark.slow
def test_who_registers_on_their_birthday_has_their_age_already(born):
    clock.tick(days=45)
    a_user(id="NEW", birthdate="1990-03-01")
    celebrate(born)
    assert ages(born)["NEW"] == (36, None, 1)


@pytest.mark.slow
def test_who_is_gone_grows_no_older(born):
    clock.tick(days=45)
    people().remove(people().get("TODAY"), "J1", lambda _: {})
    celebrate(born)
    assert {row["id"] for row in born.rows("users") if "birthday_on" in row} == {"LEAP"}


def many(people_born):
    """So many people with a birthday on 1 March, written by 25 as copies of one."""
    a_user(id="ONE", birthdate="1990-03-01")
    one = people().get("ONE")
    rows = [from_item({**one, "id": f"N{number:04d}"}) for number in range(people_born)]
    for start in range(0, people_born, 25):
        puts = [{"PutRequest": {"Item": row}} for row in rows[start : start + 25]]
        clients.client("dynamodb").batch_write_item(RequestItems={settings().names.of("users"): puts})


def short(params, **_):
    """Pages of 40."""
    return {**params, "Limit": 40} if params.get("IndexName") == "birthday-index" else None


@pytest.mark.slow
def test_many_are_read_by_the_hundred_and_written_once_each_page_after_page(born):
    many(120)
    clock.tick(days=45)
    ran(born)
    due = 120 + len({"ONE", "TODAY", "LEAP"})
    with (
        listening(clients.client("dynamodb"), "provide-client-params.dynamodb.Query", short),
        telemetry.recording() as seen,
    ):
        pages = celebrate(born, away=True)
    assert len([page for page in pages if "start" in page]) == 122 // 40
    assert len(seen.of("PutItem")) == due
    assert len(seen.of("BatchGetItem")) <= len(pages)
    assert seen.of("GetItem") == []
    with telemetry.recording() as seen:
        celebrate(born, away=True)
    assert seen.of("PutItem") == []


@contextmanager
def crashing_after(number):
    """Crash after the call of that number, once others may have theirs (`one_call_at_a_time`)."""
    events, made = clients.client("dynamodb").meta.events, count(1)

    def crash(**_):
        if next(made) == number:
            raise Crash

    events.register_last("after-call.dynamodb", crash)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb", crash)


@pytest.mark.slow
def test_a_crash_after_any_call_celebrates_nobody_twice_and_leaves_nobody_out(born):
    many(8)
    clock.tick(days=45)
    queue_page("2026-03-01", "birthdays", {"birthday": "03-01"})
    (record,) = born.take("jobs")
    crashes = 0
    for number in range(1, 3 + 10):
        with crashing_after(number), suppress(Crash):
            run_job_pages({"Records": [record]})
            continue
        crashes += 1
    run_job_pages({"Records": [record]})
    versions = {row["id"]: row["version"] for row in born.rows("users") if row.get("birthday_on")}
    assert versions == dict.fromkeys(["ONE", "TODAY", *(f"N{number:04d}" for number in range(8))], 2)
    assert crashes >= 3


def test_what_is_no_page_of_birthdays_is_parked(born):
    queue_page("someday", "birthdays", {"birthday": "03-01"})
    queue_page("2026-03-01", "birthdays", {})
    run_job_pages({"Records": born.take("jobs")})
    assert len(born.take("jobs-dlq")) == 2


def test_nobody_is_older_than_the_day_allows(aws, held_clock):
    """A page of a day that has not come, which anybody may put on the queue who may write to it."""
    a_user(id="U1", email="ann@example.com", birthdate="1990-03-02", age=35)
    for day in ("2026-03-02", "2090-03-02"):
        with pytest.raises(Malformed, match="a day that has not come"):
            celebrate_page(day, {"birthday": "03-02"})
    assert [row["age"] for row in aws.rows("users")] == [35]
