"""The program `rollcall` as it stands: what it loads, what its help says, where its options may stand."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from rollcall_cli import checkout
from rollcall_cli.exits import MEANINGS, Failure
from rollcall_cli.main import app, hoisted

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "cli").rglob("*.py"))
ALLOWED = {*sys.stdlib_module_names, "rich", "rollcall_cli", "typer"}


def commands(command, *names):
    """The names of every command, as they are typed."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield names
        return
    for name, each in inner.items():
        yield from commands(each, *names, name)


COMMANDS = list(commands(get_command(app)))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_is_a_client_of_the_api_and_loads_nothing_of_the_app(path):
    loaded = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            loaded |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            loaded.add(str(node.module).partition(".")[0])
    assert loaded - ALLOWED == set()


@pytest.mark.slow
@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_help_of_each_command_has_an_example(names):
    shown = CliRunner().invoke(app, [*names, "--help"])
    assert shown.exit_code == 0
    assert re.search(rf"Examples?:\s+rollcall {' '.join(names)}", shown.output), shown.output
    assert max(map(len, shown.output.splitlines())) <= 100


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["80", "200"])
@pytest.mark.parametrize("names", sorted({names[:-1] for names in COMMANDS}), ids=" ".join)
def test_the_help_of_a_group_cuts_nothing_off(names, columns):
    shown = CliRunner().invoke(app, [*names, "--help"], env={"COLUMNS": columns})
    assert "..." not in shown.output.partition("Commands:")[2]
    assert max(map(len, shown.output.splitlines())) <= int(columns)


def test_the_page_names_every_command():
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    assert [names for names in COMMANDS if f"rollcall {' '.join(names)}" not in page] == []


def test_the_page_and_the_help_name_every_exit_status():
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    statuses = {int(found) for found in re.findall(r"^- \*\*`(\d+)`\*\*", page, flags=re.MULTILINE)}
    assert statuses == set(MEANINGS)
    raised = {Failure.status, *(each.status for each in Failure.__subclasses__())}
    assert raised == set(MEANINGS) - {0, 130}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["people", "find", "a", "--stage", "dev"], ["--stage", "dev", "people", "find", "a"]),
        (["events", "tail", "--json", "--stage=dev"], ["--json", "--stage=dev", "events", "tail"]),
        (["people", "find", "--", "--json"], ["people", "find", "--", "--json"]),
        (["people", "--stage"], ["people", "--stage"]),
    ],
)
def test_the_options_of_all_commands_may_stand_anywhere(typed, read):
    assert hoisted(typed) == read


@pytest.fixture
def folder(tmp_path):
    """One that looks like a checkout."""
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "stages.json").write_text("{}", "utf-8")
    (tmp_path / "app.py").touch()
    (tmp_path / "docs").mkdir()
    with contextlib.chdir(tmp_path / "docs"):
        yield tmp_path


def test_the_checkout_around_is_found(folder):
    found = checkout.find({}, {})
    assert found is not None
    assert found.root == folder


def test_what_anybody_may_have_put_there_is_no_checkout(folder):
    folder.chmod(0o1777)
    assert checkout.find({}, {}) is None


@pytest.mark.skipif(os.getuid() != 0, reason="root alone can give a folder away")
def test_what_somebody_else_has_put_there_is_no_checkout(folder):
    os.chown(folder, 12345, 12345)
    assert checkout.find({}, {}) is None
