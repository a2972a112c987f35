"""The page on security names tests that exist, and leaves out no requirement that it answers for."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, rows, section

PAGE = markdown.page("docs/security.md")
TESTS = [code for code in codes(PAGE) if "::" in code]
ANSWERED = {
    "2.4": (1,),
    "3.4": (1, 2, 3, 4, 5, 6, 8),
    "6.2": (1, 2, 3, 4, 5, 8, 9, 12),
    "6.3": (1, 5, 7, 8),
    "6.4": (1, 3),
    "6.5": (1, 2, 3, 4, 5),
    "6.6": (2,),
    "7.1": (2,),
    "7.2": (3, 4),
    "7.3": (1, 2),
    "7.4": (1, 2, 3, 5),
    "7.5": (1, 2, 3),
    "8.2": (1, 2, 3),
    "8.3": (2,),
    "9.1": (1, 2, 3),
    "9.2": (1, 2, 3),
    "10.1": (1, 2),
    "10.2": (1, 2, 3),
    "10.3": (1, 2, 3, 4, 5),
    "10.4": tuple(range(1, 17)),
    "10.5": (1, 2, 3, 4, 5),
    "10.6": (1, 2),
    "10.7": (1, 2, 3),
    "11.4": (2,),
    "11.5": (1,),
    "13.2": (2,),
    "13.3": (1, 2),
    "14.2": (1, 2, 4),
    "15.3": (3,),
    "16.2": (5,),
    "16.3": (1,),
    "16.5": (1,),
}
"""Of ASVS 5.0: what it asks of accounts, sessions and tokens, and of what browsers are told."""


@cache
def defined(file: str) -> set[str]:
    """The tests of a file below `tests/`, those of classes as `Class::test`."""
    found = set()
    for node in ast.parse((ROOT / "tests" / file).read_text("utf-8")).body:
        of = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        body = node.body if isinstance(node, ast.ClassDef) else [node]
        found |= {of + each.name for each in body if isinstance(each, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("test", sorted(set(TESTS)))
def test_a_named_test_exists(test):
    file, _, name = test.partition("::")
    assert name in defined(file)
    assert re.match(r"(Test\w+::)?test_", name)


def test_every_promise_has_a_test():
    assert [promise for promise, shown in rows(section(PAGE, "Promises")) if "::" not in shown] == []


def test_every_requirement_is_answered():
    answers = {row[0]: row[2] for row in rows(section(PAGE, "ASVS"))}
    assert list(answers) == [f"{part}.{number}" for part, numbers in ANSWERED.items() for number in numbers]
    assert [requirement for requirement, answer in answers.items() if "::" not in answer] == []
