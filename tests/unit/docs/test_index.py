"""The index leads to every page, and the index of decisions to every record, which has its three parts."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, links

DOCS = ROOT / "docs"
RECORDS = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md")


def test_every_page_is_in_the_index():
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages - set(links(markdown.page("docs/README.md"))) == set()


def test_every_decision_is_in_its_index():
    assert {path.name for path in RECORDS} - set(links(markdown.page("docs/decisions/README.md"))) == set()


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_has_context_decision_and_consequences(path):
    headings = re.findall(r"^## (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]
