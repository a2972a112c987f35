"""Every question of `docs/questions.md` is asked, as the page says, over a small stage."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.core import clock
from chalicelib.core.errors import Unavailable
from chalicelib.read_model.filters import parse, to_sql
from tests.postgresql import world
from tests.postgresql.questions import ORDERS, ask, questions
from tests.unit.docs.markdown import page

pytestmark = pytest.mark.slow
"""All of them share a small stage, which takes a second."""

QUESTIONS = questions()
NOW = f"timestamptz '{clock.timestamp(world.NOW)}'"


@pytest.fixture(scope="module")
def stage(server):
    with world.written(server, "questions") as database:
        with database.transaction() as transaction:
            transaction.script(ORDERS)
            transaction.script(
                "INSERT INTO shop.orders SELECT id, 10, updated_at FROM people WHERE id IN ('ada', 'bo', 'dag')"
            )
        yield database


def asked(stage, sql):
    with stage.transaction(read_only=True) as transaction:
        return transaction.run(sql)


def answered(stage, number):
    return ask(stage, next(each for each in QUESTIONS if each.number == number), now=NOW)


def names(question):
    return str(question.number)


def test_there_are_twenty():
    assert [number for number, _ in dict.fromkeys((each.number, each.title) for each in QUESTIONS)] == [
        *range(1, 21)
    ]
    assert {each.role for each in QUESTIONS} == {"reporting", "reporting_full"}


@pytest.mark.parametrize("question", QUESTIONS, ids=names)
def test_a_question_has_an_answer(stage, question):
    assert ask(stage, question, now=NOW)


@pytest.mark.parametrize("question", [each for each in QUESTIONS if each.role == "reporting_full"], ids=names)
def test_what_needs_all_columns_is_refused_to_reporting(stage, question):
    with pytest.raises(Unavailable, match="42501"):
        ask(stage, question, role="reporting")


def test_whoever_is_meant_is_found(stage):
    assert [row[0] for row in answered(stage, 1)] == ["bo", "ada"]
    assert ["ada lovelace", 2, "ada", "ada2"] in [[name, *ids] for name, _, *ids in answered(stage, 2)]
    assert {row[0] for row in answered(stage, 3)} >= {"en", "nl", "ja"}
    assert [row[:2] for row in answered(stage, 5)] == [["pro", 1]]
    assert [row[0] for row in answered(stage, 6)] == ["ada"]


def test_who_is_away_is_not_who_came(stage):
    away = {row[0] for row in ask(stage, unlimited(12), now=NOW)}
    assert "dag" in away
    assert away & {"ada", "bo", "cy"} == set()
    assert "cy" in {row[0] for row in ask(stage, unlimited(11), now=NOW)}
    assert {"ada", "bo"} & {row[0] for row in ask(stage, unlimited(9), now=NOW)} == set()


def test_what_happened_is_counted(stage):
    assert answered(stage, 14) == [["S-idle", 1, 1, 1]]
    assert ["google", 1, 0] in answered(stage, 17)
    assert [row[0] for row in answered(stage, 18)] == ["ada"]
    assert [row[1:4] for row in answered(stage, 19)] == [["ada", "password", True]]
    assert answered(stage, 20) == [["notes", 1, 0], ["tasks", 0, 1]]


def test_shares_are_of_a_whole(stage):
    [[registered, came_back]] = answered(stage, 7)
    assert registered >= came_back > 0
    assert sum(row[2] for row in answered(stage, 15)) == pytest.approx(100, abs=0.3)
    assert all(0 <= percent <= 100 for _, _, percent in answered(stage, 16))


def test_whoever_signs_in_counts_once_in_a_week(stage):
    (expected,) = asked(
        stage,
        "SELECT count(DISTINCT user_id) FROM sessions WHERE started_at >= '2026-03-09' AND started_at < '2026-03-16'",
    )
    assert [date(2026, 3, 9), *expected] in answered(stage, 13)


def unlimited(number):
    """A question without its LIMIT."""
    question = next(each for each in QUESTIONS if each.number == number)
    return replace(question, sql=question.sql.rpartition("LIMIT")[0])


@pytest.mark.parametrize("question", [each for each in QUESTIONS if each.filter], ids=names)
def test_a_filter_finds_the_same_people_as_its_sql(stage, question):
    condition, parameters = to_sql(parse(question.filter, roles={"admin"}), now=world.NOW)
    with stage.transaction(read_only=True) as transaction:
        filtered = transaction.run(f"SELECT p.id FROM people AS p WHERE {condition}", **parameters)
    by_sql = [row[0] for row in ask(stage, unlimited(question.number), now=NOW)]
    assert sorted(person for (person,) in filtered) == sorted(by_sql) != []


def test_a_user_of_the_database_asks_as_the_page_says(stage, server):
    """By psql, over TLS with a password."""
    (block,) = re.findall(r"```sh\n(.+?)```", page("docs/questions.md"), re.DOTALL)
    authority = server.folder / "authority.pem"
    authority.write_text(server.authority, "utf-8")
    environment = {**os.environ, "READ_MODEL_URL": server.url("questions"), "PGSSLROOTCERT": str(authority)}
    environment["PGSSLMODE"] = "verify-full"

    def run(script):
        return subprocess.run(script, shell=True, env=environment, capture_output=True, text=True, check=False)

    assert run(block).returncode == 0
    environment["READ_MODEL_URL"] = re.sub(r"//.+@", "//ana:…@", server.url("questions"))
    counted = run('psql "$READ_MODEL_URL" -XqAt -c "SELECT count(*) FROM people"')
    assert int(counted.stdout) > 900
    refused = run('psql "$READ_MODEL_URL" -XqAt -c "SELECT email FROM people"')
    assert "permission denied" in refused.stderr
