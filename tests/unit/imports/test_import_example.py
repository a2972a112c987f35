"""The example file is what its tool makes, and holds what it is meant to show."""

from __future__ import annotations

import unicodedata

import pytest

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import Options
from chalicelib.imports.rows.chunk_lines import Line
from chalicelib.imports.rows.person_row import Candidate, candidates_in, without_duplicates
from chalicelib.imports.rows.reading import read
from chalicelib.imports.systems import SystemOptions
from tools.make_example import FAULTS, FILE, REPEATED, text


def test_the_file_is_what_its_tool_makes():
    assert FILE.read_text("utf-8") == text()


@pytest.mark.slow
def test_the_file_holds_a_thousand_people_in_many_scripts_and_eight_faults():
    rows = list(open_rows(iter([FILE.read_bytes()]), frozenset(COLUMNS["users"])).rows)
    lines = [Line(number, row.line, row.fault, row.text) for number, row in enumerate(rows, 1)]
    readings = read(lines, "users", 1, "Rollcall", SystemOptions())
    judged = list(candidates_in(readings, "01KJMMA2G0KD8PM2V0XHKZ8CQ3", "", Options(), repr))
    people, twice = without_duplicates(one for one in judged if isinstance(one, Candidate))
    faulty = [error for one in judged if not isinstance(one, Candidate) for error in one]
    assert len(rows) == 1000
    assert len(people) == 1000 - len(FAULTS) - 1
    assert [error.line for error in faulty] == [place + 2 for place in FAULTS]
    assert [error.field for error in faulty] == [
        "email",
        "age",
        "age",
        "favourite_colour",
        "name",
        "birthdate",
        "roles",
    ]
    assert [error.line for _, error in twice] == [REPEATED + 2]
    scripts = {unicodedata.name(person.fields["name"][0]).split()[0] for person in people}
    assert len(scripts) >= 12
    for field in ("email", "age", "birthdate", "locale", "attributes"):
        given = sum(field in person.fields for person in people)
        assert 100 < given < 950, field
