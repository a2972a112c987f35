"""The index leads to every page, and the index of decisions to every record, which has its three parts."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, links

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


def test_contributing_tells_of_the_layers_as_they_are():
    contracts = tomllib.loads(markdown.page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    said = re.findall(
        r"in the layers of `pyproject.toml`:(.*?)\.\n", markdown.page("CONTRIBUTING.md"), flags=re.DOTALL
    )
    told = [set(codes(layer)) for layer in said[0].split(">")]
    assert told == [{name.strip().removeprefix("chalicelib.") for name in layer.split("|")} for layer in layers]
