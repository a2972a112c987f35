"""What the pages of `docs/moving` say comes over, is what the readers take of a file with every member."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.mapping import columns_of
from chalicelib.imports.systems import MAPPED, MODULES, OURS, SystemOptions, translator
from chalicelib.passwords import foreign
from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, links, rows, section

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = ROOT / "tests" / "samples"
SYSTEMS = {name: module for name, module in MODULES.items() if name not in (OURS, MAPPED)}
SECTIONS = ["Get the file", "Import it", "What comes over", "What does not", "What people notice", "A million"]
LEFT_OUT, BELOW = "left out", "see below"
"""What stands for the fields of a member that is left out, and of one that decides something else: for example that a
row is no person."""

OPTIONS = SystemOptions(
    firebase=foreign.Project(b"k" * 64, b"\x07", rounds=8, memory_cost=14),
    groups_as_roles=True,
    hash_plain=lambda _: "hashed",
)


def taken(sample: Path) -> tuple[str, dict[str, list[str]]]:
    """The system of a file, and where each of its columns goes."""
    opened = open_rows(iter([sample.read_bytes()]), frozenset(COLUMNS["users"]))
    people = [json.loads(row.text) for row in opened.rows]
    columns = columns_of(people, "users", translator(opened.system, OPTIONS))
    return opened.system, {each.name: each.fields if each.used else [LEFT_OUT] for each in columns}


def said(module: str) -> dict[str, list[str]]:
    """What the page of a system says of each column."""
    table = rows(section(markdown.page(f"docs/moving/{module}.md"), "What comes over"))
    return {
        codes(column)[0]: codes(field) or [re.sub(r"[*_]", "", field.strip())]
        for column, field, *_ in table
        if codes(column)
    }


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_page_says_of_every_member_where_it_goes(system):
    module = SYSTEMS[system]
    found: dict[str, list[str]] = {}
    samples = sorted(SAMPLES.glob(f"{module}*.*"))
    for sample in samples:
        told_to_be, columns = taken(sample)
        assert told_to_be == system, sample.name
        for name, fields in columns.items():
            before = [] if found.get(name) == [LEFT_OUT] else found.get(name, [])
            found[name] = sorted({*before, *fields} - ({LEFT_OUT} if before else set()))
    assert samples
    expected = {name: fields or [BELOW] for name, fields in found.items()}
    assert {name: sorted(fields) for name, fields in said(module).items()} == expected


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_page_has_what_whoever_moves_asks(system):
    text = markdown.page(f"docs/moving/{SYSTEMS[system]}.md")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == SECTIONS
    assert "rollcall import" in section(text, "Import it")


def test_every_page_is_in_the_index():
    pages = {path.name for path in (ROOT / "docs" / "moving").glob("*.md")} - {"README.md"}
    assert pages - set(links(markdown.page("docs/moving/README.md"))) == set()
    assert {f"{module}.md" for module in SYSTEMS.values()} <= pages
