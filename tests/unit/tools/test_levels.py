"""`make test` runs what there is: a module that was moved leaves no level unnoticed."""

from __future__ import annotations

import pytest

from infra.stage import ROOT
from tools import test as levels

NAMED = [
    path.removeprefix("--ignore=")
    for level in (levels.QUICK, levels.PEERS, *levels.CLOUDS)
    for path in level
    if path.removeprefix("--ignore=").startswith("tests/")
]


@pytest.mark.parametrize("path", NAMED)
def test_what_a_level_names_is_there(path):
    assert (ROOT / path).exists()


def test_every_folder_of_tests_is_in_a_level():
    folders = {path.parent.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders == {path.split("/")[1] for path in NAMED}


def test_the_console_is_looked_at_by_a_level_of_its_own():
    (elsewhere,) = (option for option in levels.BROWSER if option.startswith("--ignore-glob="))
    pattern = elsewhere.removeprefix("--ignore-glob=")
    modules = {str(path) for path in (ROOT / "tests/browser").glob("test_*.py") if path.match(pattern)}
    assert modules == {str(ROOT / path) for path in levels.BROWSER_CONSOLE} != set()
