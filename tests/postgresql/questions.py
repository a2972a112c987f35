"""Reads the questions of `docs/questions.md`, and asks them as the page says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.unit.docs.markdown import page

if TYPE_CHECKING:
    from chalicelib.read_model.database import Database

_HEADING = re.compile(r"^### (\d+)\. (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

ORDERS = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (person_id text NOT NULL, total numeric NOT NULL, ordered_at timestamptz NOT NULL);
GRANT USAGE ON SCHEMA shop TO reporting_full;
GRANT SELECT ON shop.orders TO reporting_full
"""
"""The table of somebody else that one question joins."""


@dataclass(frozen=True)
class Question:
    number: int
    title: str
    role: str
    sql: str
    filter: str = ""


def questions() -> list[Question]:
    """One for each block of SQL, in the page's order."""
    found = []
    _, *parts = _HEADING.split(page("docs/questions.md"))
    for number, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        said = ""
        for language, block in _BLOCK.findall(text):
            if language == "text":
                said = block.strip()
            else:
                first, sql = block.split("\n", 1)
                found.append(
                    Question(int(number), title, first.removeprefix("-- "), sql.strip().rstrip(";"), said)
                )
    return found


def ask(database: Database, question: Question, role: str = "", now: str = "now()") -> list[list[Any]]:
    """The rows of its answer, as its role, at another time than now if that is an expression of one."""
    with database.transaction(read_only=True) as transaction:
        transaction.script(f"SET LOCAL ROLE {role or question.role}")
        return transaction.run(question.sql.replace("now()", now))
