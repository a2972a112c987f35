"""Pages are read in editors, diffs and terminals too: their lines wrap."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.markdown import ROOT

WIDTH = 120
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
GENERATED = {ROOT / "docs" / "events" / "README.md"}
"""By `tools/event_schemas.py`, from the catalog of events."""


@pytest.mark.parametrize("path", sorted({*PAGES} - GENERATED), ids=lambda path: str(path.relative_to(ROOT)))
def test_lines_wrap(path):
    """A word that is longer than a line, as the name of a test or a link, may have a line of its own."""
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    assert [
        number for number, line in lines if len(line) > WIDTH and not re.fullmatch(r"\s*(\[[^]]+\]: )?\S+", line)
    ] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_diagrams_hold_nothing_that_ends_a_line_of_mermaid_early(path):
    """A semicolon ends a statement, and a number sign begins an entity:
    https://mermaid.js.org/syntax/sequenceDiagram.html#entity-codes-to-escape-characters"""
    diagrams = re.findall(r"```mermaid\n(.*?)```", path.read_text("utf-8"), flags=re.DOTALL)
    assert [line for diagram in diagrams for line in diagram.splitlines() if re.search("[;#]", line)] == []
