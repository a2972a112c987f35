"""The views of the read model, over a small stage."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.core.errors import NotFound
from chalicelib.read_model.views import VIEWS, read, refresh
from tests.postgresql import world

pytestmark = pytest.mark.slow
"""All of them share a small stage, which takes a second."""

TODAY = world.NOW.date()
LATEST = {"week": TODAY - timedelta(days=TODAY.weekday()), "day": TODAY}


@pytest.fixture(scope="module")
def stage(server):
    with world.written(server, "views") as database:
        yield database


def rows(database, name, days=200):
    with database.transaction(read_only=True) as transaction:
        return read(transaction, name, TODAY - timedelta(days=days), TODAY + timedelta(days=1))["rows"]


def asked(database, sql):
    with database.transaction(read_only=True) as transaction:
        return transaction.run(sql)


def test_cohorts_have_whoever_arrived_in_each_week(stage):
    cohorts = [row for row in rows(stage, "cohorts") if row["weeks_later"] == 0]
    for imported in (False, True):
        [[people]] = asked(stage, f"SELECT count(*) FROM people WHERE (source = 'import') = {imported}")
        assert sum(row["people"] for row in cohorts if row["imported"] is imported) == people
    assert {date.fromisoformat(row["week"]).weekday() for row in cohorts} == {0}


def test_of_a_cohort_each_person_counts_once_in_each_week(stage):
    found = rows(stage, "cohorts")
    assert all(row["came_back"] <= row["people"] for row in found)
    bo = next(
        row for row in found if (row["week"], row["weeks_later"], row["imported"]) == ("2026-02-23", 3, False)
    )
    [[expected]] = asked(
        stage,
        "SELECT count(DISTINCT user_id) FROM sessions JOIN people AS p ON p.id = user_id"
        " WHERE p.created_at >= '2026-02-23' AND p.created_at < '2026-03-02' AND p.source <> 'import'"
        " AND started_at >= '2026-03-16' AND started_at < '2026-03-23'",
    )
    assert bo["came_back"] == expected > 0


def test_a_cohort_has_every_week_until_now(stage):
    found = [row for row in rows(stage, "cohorts") if row["week"] == "2026-03-16" and not row["imported"]]
    assert [row["weeks_later"] for row in found] == list(range(len(found)))
    assert found[-1]["came_back"] == 0


def test_sign_ins_are_counted_by_day_and_method(stage):
    found = rows(stage, "sign_ins")
    for method, count in asked(stage, "SELECT method, count(*) FROM sessions GROUP BY method"):
        assert sum(row["sign_ins"] for row in found if row["method"] == method) == count
    [[factors, devices]] = asked(
        stage, "SELECT count(*) FILTER (WHERE second_factor), count(*) FILTER (WHERE new_device) FROM sessions"
    )
    assert sum(row["with_second_factor"] for row in found) == factors > 0
    assert sum(row["on_new_device"] for row in found) == devices > 0
    assert {(row["day"], row["method"]) for row in found} >= {("2026-03-17", "passkey")}


def test_confirmations_say_how_many_and_how_long(stage):
    found = {row["source"]: row for row in rows(stage, "confirmations") if row["week"] == "2026-02-02"}
    registered = found["registration"]
    assert registered["registered"] >= registered["confirmed"] >= registered["signed_in"] > 0
    assert registered["within_an_hour"] == registered["within_a_day"] == registered["confirmed"]
    assert (registered["p50_seconds"], 0 < registered["p99_seconds"] <= 1200) == (0, True)
    assert (found["import"]["confirmed"], found["import"]["p50_seconds"]) == (
        asked(
            stage,
            "SELECT count(*) FROM people WHERE source = 'import' AND email_verified"
            " AND created_at >= '2026-02-02' AND created_at < '2026-02-09'",
        )[0][0],
        None,
    )


def test_views_are_counted_anew_while_others_read(database):
    with database.transaction(read_only=True) as transaction:
        assert read(transaction, "sign_ins", date(2026, 1, 1), TODAY) == {"as_of": None, "rows": []}
    with database.transaction() as transaction:
        transaction.script(
            "INSERT INTO sessions (id, user_id, started_at, method) VALUES ('S1', 'U1', '2026-03-17', 'passkey')"
        )
    refresh(database)
    refresh(database)
    with database.transaction(read_only=True) as transaction:
        answer = read(transaction, "sign_ins", date(2026, 1, 1), TODAY)
    assert answer["as_of"].endswith("Z")
    assert answer["rows"] == [
        {
            "day": "2026-03-17",
            "method": "passkey",
            "sign_ins": 1,
            "with_second_factor": 0,
            "on_new_device": 0,
            "after_import": 0,
        }
    ]


def test_a_view_hands_out_nobody(database):
    columns = asked(
        database,
        "SELECT DISTINCT a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " WHERE c.relkind = 'm' AND a.attnum > 0",
    )
    assert {name for (name,) in columns} & {"id", "user_id", "subject", "email", "name"} == set()


@pytest.mark.parametrize("role", ["reporting", "reporting_full"])
@pytest.mark.parametrize("name", VIEWS)
def test_both_roles_read_each_view(stage, role, name):
    with stage.transaction(read_only=True) as transaction:
        transaction.script(f"SET LOCAL ROLE {role}")
        assert read(transaction, name, TODAY - timedelta(days=30), TODAY)["rows"]


def test_there_is_no_other_view(database):
    with pytest.raises(NotFound), database.transaction(read_only=True) as transaction:
        read(transaction, "people", TODAY, TODAY)
