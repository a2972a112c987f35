"""Where columns go, as the program is told, and what it says of an import's rows."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from rollcall_cli.exits import Misused
from rollcall_cli.mapping import columns_of, show_notes
from rollcall_cli.terminal import Terminal


def said(notes, **options) -> list[str]:
    output = io.StringIO()
    console = Console(file=output, width=200, highlight=False, markup=False)
    show_notes(Terminal(console, console), notes, **options)
    return output.getvalue().splitlines()


def note(kind, name, rows):
    return {"kind": kind, "name": name, "rows": rows}


def test_options_go_over_a_file(tmp_path):
    file = tmp_path / "columns.json"
    file.write_text(json.dumps({"a": "email", "*": "metadata.legacy.*"}))
    assert columns_of(["a=name", "b=c=attributes.x", "d="], file) == {
        "a": "name",
        "*": "metadata.legacy.*",
        "b=c": "attributes.x",
        "d": "",
    }


@pytest.mark.parametrize("pair", ["", "a", "=email"])
def test_what_is_no_pair_is_misused(pair):
    with pytest.raises(Misused, match="is not source=target"):
        columns_of([pair], None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": 1}', '{"a": null}', "{"])
def test_a_file_that_is_no_mapping_is_misused(text, tmp_path):
    file = tmp_path / "columns.json"
    file.write_text(text)
    with pytest.raises(Misused, match="is no JSON object of texts"):
        columns_of([], file)


def test_notes_are_told_by_kind_the_most_rows_first():
    notes = [note("left_out", "a", 1), note("changed", "name", 2), note("left_out", "\x1b[31mb", 1204)]
    assert said(notes) == [
        "Left out: \N{REPLACEMENT CHARACTER}[31mb (1,204 rows), a (1 row)",
        "Changed a little: name (2 rows)",
    ]
    assert said([]) == []


def test_ten_of_a_kind_are_told_unless_all_are_asked_for():
    notes = [note("warning", f"c{n}", 20 - n) for n in range(12)]
    (line,) = said(notes)
    assert line.startswith("Look at: c0 (20 rows)")
    assert line.endswith("c9 (11 rows), and 2 more")
    assert said(notes, every=True)[0].endswith("c11 (9 rows)")
