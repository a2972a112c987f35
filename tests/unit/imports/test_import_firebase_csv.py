"""Firebase's CSV, as firebase-tools wrote it before 15.19 and writes it since."""

from __future__ import annotations

import json

import pytest

from chalicelib.imports.formats import firebase_csv
from chalicelib.imports.formats.detect import open_rows
from chalicelib.imports.systems import SystemOptions, translator

COLUMNS = {"short": 28, "long": 52}
TIMES = {23: "1486324027000", 24: "1486324027001"}


def record(form: str, cells: dict[int, str] | None = None) -> str:
    """A line of a file, with these cells as the exporter writes them."""
    row = {0: "u1", 2: "false", **TIMES, **(cells or {})}
    return ",".join(row.get(column, "") for column in range(COLUMNS[form])) + ",\n"


def read(text: str) -> list[dict[str, object] | str]:
    """The rows of a file, or what is wrong with them."""
    opened = open_rows(iter([text.encode()]), frozenset({"email", "name"}))
    assert opened.system == "Firebase"
    return [row.fault or json.loads(row.text) for row in opened.rows]


def names(text: str) -> list[object]:
    return [row if isinstance(row, str) else row.get("displayName") for row in read(text)]


@pytest.mark.parametrize(
    ("form", "written", "name"),
    [
        ("short", "Ada", "Ada"),
        ("short", '"Lovelace, Ada"', "Lovelace, Ada"),
        ("short", '"Lovelace, "Ada""', 'Lovelace, "Ada"'),
        ("short", '"Ace" Smith', '"Ace" Smith'),
        ("short", 'Ada "Countess"', 'Ada "Countess"'),
        ("short", '"Lovelace, ""Ada"""', 'Lovelace, "Ada"'),
        ("short", "Ada\nKing", "Ada\nKing"),
        ("short", '"Lovelace,\n\n"Ada""', 'Lovelace,\n\n"Ada"'),
        ("long", "Ada", "Ada"),
        ("long", '"Lovelace, Ada"', "Lovelace, Ada"),
        ("long", '"Lovelace, ""Ada"""', 'Lovelace, "Ada"'),
        ("long", '"""Ada"""', '"Ada"'),
        ("long", '"Ada\nKing"', "Ada\nKing"),
        ("long", '"Ada\r\nKing"', "Ada\nKing"),
        ("long", '"a, \\"', "a, \\"),
    ],
)
@pytest.mark.parametrize("claims", ["", '"{""a"":""b, c""}"'], ids=["without claims", "with claims"])
def test_a_name_is_read_as_it_was(form, written, name, claims):
    text = record(form, {5: written, 27: claims})
    assert names(text + record(form, {5: "Next"}) + text) == [name, "Next", name]


@pytest.mark.parametrize("form", COLUMNS)
@pytest.mark.parametrize(
    ("written", "claims"),
    [
        ('"{""tier"":""gold, red""}"', {"tier": "gold, red"}),
        ('"{""a"":""""}"', {"a": ""}),
        ('"{""a"":""say \\"hi\\"""}"', {"a": 'say "hi"'}),
        ('"{""a"":""back\\\\",""b"":""\\",""}"', {"a": "back\\", "b": '",'}),
    ],
)
def test_claims_are_read_as_they_were(form, written, claims):
    (row,) = read(record(form, {27: written, 28: "x" if form == "long" else ""}))
    assert isinstance(row, dict)
    assert json.loads(str(row["customAttributes"])) == claims


def test_there_are_ten_providers():
    ids = {column: f"id{column}" for column in firebase_csv.PROVIDERS}
    (row,) = read(record("long", {**ids, 8: "ann@gmail.example"}))
    assert isinstance(row, dict)
    assert translator("Firebase", SystemOptions())(row).row["identities"] == [
        {"connection": "google", "subject": "id7", "kind": "google", "label": "ann@gmail.example"},
        {"connection": "facebook", "subject": "id11"},
        {"connection": "twitter", "subject": "id15"},
        {"connection": "github", "subject": "id19", "kind": "github"},
        {"connection": "apple", "subject": "id28", "kind": "apple"},
        {"connection": "microsoft", "subject": "id32", "kind": "microsoft.com"},
        {"connection": "gc.apple", "subject": "id36"},
        {"connection": "playgames.google", "subject": "id40"},
        {"connection": "linkedin", "subject": "id44"},
        {"connection": "yahoo", "subject": "id48"},
    ]


def test_both_forms_are_read_in_one_file():
    assert names(record("long", {5: "A"}) + record("short", {5: "B"})) == ["A", "B"]


def test_a_line_break_within_a_providers_name_breaks_no_row():
    text = record("long", {5: '"A\nB"', 30: '"C\n""D"""', 50: '"E\nF"'})
    assert names(text * 2) == ["A\nB"] * 2


def test_a_line_that_is_no_row_costs_no_other_one():
    broken = record("long", {5: '"Ada\nKing"'})
    fault = "has 2 cells, where Firebase writes 28 or 52"
    assert names(f"{broken}a,b\n{broken}a,b\na,b\n{broken}\na,b\n") == [
        *("Ada\nKing", fault, "Ada\nKing"),
        *(fault, fault, "Ada\nKing", fault),
    ]


def test_a_quote_that_is_never_closed_costs_one_row():
    text = record("long") + record("long", {5: '"Ada, King'}) + record("long", {5: "Next"}) * 9
    assert names(text) == [None, "has 53 cells, where Firebase writes 28 or 52", *["Next"] * 9]


def test_a_row_knows_the_line_on_which_it_begins():
    text = record("long", {5: '"Ada\nKing"'}) + "\na,b\n" + record("short")
    assert [row.line for row in firebase_csv.rows([text.encode()])] == [1, 4, 5]
