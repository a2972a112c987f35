"""What every page promises: its links lead somewhere, and its commands exist."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT
from tests.unit.test_command_line import COMMANDS


def targets() -> list[str]:
    """The targets of `make` that `make help` tells of."""
    return re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)


GROUPS = {" ".join(names[:length]) for names in COMMANDS for length in range(1, len(names) + 1)}
ALONE = {names[0] for names in COMMANDS if len(names) == 1}
"""Commands of the program `rollcall` that are no group: what stands behind one is an argument."""


@pytest.mark.parametrize("path", markdown.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_resolve(path):
    text = path.read_text("utf-8")
    broken = []
    for link in markdown.links(text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, fragment = link.partition("#")
        file = path if not target else (path.parent / target).resolve()
        if not file.exists() or (fragment and fragment not in markdown.anchors(file.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("path", markdown.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(path):
    named = re.findall(r"(?:`|^\s*)make ([a-z-]+)", path.read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(set(named) - set(targets())) == []


@pytest.mark.parametrize("path", markdown.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_of_the_program_exist(path):
    """Each is a command, or a group of them, by its first words."""
    named = re.findall(
        r"(?:`|^\s*)(?:\./)?rollcall ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", path.read_text("utf-8"), flags=re.MULTILINE
    )
    assert [words for words in named if words not in GROUPS and words.split()[0] not in ALONE] == []


@pytest.mark.parametrize("path", markdown.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_named_files_exist(path):
    """Whatever stands in backticks and looks like a file of ours is one."""
    named = re.findall(
        r"`((?:app|chalicelib|infra|tools|tests|docs|examples|benchmarks|\.chalice)[\w./-]*\.(?:py|json|md|txt|in))`",
        path.read_text("utf-8"),
    )
    assert [
        file for file in named if not file.startswith(".chalice/rendered/") and not (ROOT / file).exists()
    ] == []


def test_the_readme_names_every_command():
    readme = markdown.page("README.md")
    assert [target for target in targets() if f"make {target}" not in readme] == []
