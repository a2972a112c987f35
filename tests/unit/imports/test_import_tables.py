"""Tables as people and spreadsheets leave them: it is taken what is plainly meant, and said what is not."""

from __future__ import annotations

import json

import pytest

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import FileRefused, UnknownSystem
from chalicelib.imports.notes import shown

ALLOWED = frozenset(COLUMNS["users"])
ANN = {"email": "ann@example.com", "name": "Ann"}


def rows(text: str | bytes) -> list:
    data = text.encode() if isinstance(text, str) else text
    return [row.fault or json.loads(row.text) for row in open_rows(iter([data]), ALLOWED).rows]


@pytest.mark.parametrize(
    "header",
    [
        "email,name",
        "E-Mail,Name",
        "e-mail, Full Name ",
        "EMAIL;NAME",
        "Email Address\tNAME",
        "Mail|name",
        "email,name,",
        "email,name,,,",
        "\ufeffemail,name",
        "\n\nemail,name",
        "People of 2026\nemail,name",
        "People of 2026,,\n,,\nemail,name",
        "sep=;\nemail;name",
        '"sep=,"\nemail,name',
    ],
)
def test_a_header_is_taken_however_it_is_written(header):
    line = header.replace("\ufeff", "").count("\n") + 2
    separator = next((each for each in ";\t|" if each in header.splitlines()[-1]), ",")
    text = f"{header}\nann@example.com{separator}Ann\n"
    assert rows(text) == [ANN]
    assert rows(b"\xef\xbb\xbf" * 2 + text.encode()) == [ANN]
    assert rows(text.replace("\n", "\r\n")) == [ANN]
    assert rows(text.replace("\n", "\r")) == [ANN]
    assert [row.line for row in open_rows(iter([text.encode()]), ALLOWED).rows] == [line]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_taken_as_spreadsheets_leave_them(separator):
    cells = [
        ("email", "name", "age", "email_verified", ""),
        ("\u00a0ann@example.com ", " Ann", "36.0", "TRUE", ""),
        ("", "", "", "", ""),
        (" ", "\u00a0", "", "", ""),
        ("bea@example.com", "Bea", "7", "f", "", "", ""),
    ]
    assert rows("\n".join(separator.join(line) for line in cells)) == [
        {**ANN, "age": 36, "email_verified": True},
        {"email": "bea@example.com", "name": "Bea", "age": 7, "email_verified": False},
    ]


@pytest.mark.parametrize("word", ["true", "TRUE", "True", "t", "T", "1", "yes", "Y", " true "])
def test_truth_has_many_words(word):
    assert rows(f"email,email_verified\na@b.example,{word}") == [{"email": "a@b.example", "email_verified": True}]


@pytest.mark.parametrize("word", ["false", "FALSE", "f", "0", "no", "N"])
def test_so_has_untruth(word):
    assert rows(f"email,email_verified\na@b.example,{word}") == [{"email": "a@b.example", "email_verified": False}]


def test_another_word_stays_and_its_rule_reports_it():
    assert rows("email,email_verified\na@b.example,wahr") == [{"email": "a@b.example", "email_verified": "wahr"}]


def test_a_value_in_a_column_without_a_name_refuses_its_row():
    assert rows("email,,name\na@b.example,x,Ann\nb@b.example,,Bea") == [
        "has a value in column 2, which has no name",
        {"email": "b@b.example", "name": "Bea"},
    ]


@pytest.mark.parametrize("cell", ["1.00E+05", "1E+05", "1,23E+17"])
def test_an_id_that_a_spreadsheet_has_rewritten_refuses_its_row(cell):
    (fault,) = rows(f"id;name\n{cell};Ann")
    assert fault == "has an id that a spreadsheet has rewritten as a number: give its column the format text"


def test_it_is_warned_of_ids_that_one_would_rewrite():
    opened = open_rows(iter([b"id,name\n007,Ann\n1E5,Bea\n12345678901234567,Cem\nu7,Dov\n70,Eve\n"]), ALLOWED)
    assert len(list(opened.rows)) == 5
    assert shown(opened.notes.stored()) == [{"kind": "warning", "name": "id", "rows": 3}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name,name\nA,B\n", "names a column twice"),
        ("e-mail,email\na,b\n", "names a column twice"),
        ("name,Birthday,date of birth\nA,,\n", "names a column twice"),
        ("one\ntwo\nthree\nfour\nfive\nsix\nseven\nname,email\n", "neither [ nor {"),
        ("a,1\nb,2\n", "neither [ nor {"),
        ("ann@example.com,Ann\n", "neither [ nor {"),
    ],
)
def test_a_table_without_a_header_of_its_own_is_refused(text, reason):
    with pytest.raises(FileRefused, match=reason.replace("[", r"\[").replace("{", r"\{")):
        rows(text)


@pytest.mark.parametrize("text", ["name,plan\nAnn,gold\n", "login;first;last\na;b;c\n", "Our people\nname,plan\n"])
def test_a_table_with_other_columns_wants_a_mapping(text):
    with pytest.raises(UnknownSystem, match="unknown columns: "):
        rows(text)


@pytest.mark.parametrize(
    "column", ["image", "picture", "username", "nickname", "created_at", "updated_at", "role"]
)
def test_a_column_that_is_anybodys_does_not_make_a_table_of_ours_anothers(column):
    header = f"id,name,email,email_verified,age,{column}"
    with pytest.raises(UnknownSystem, match=f"unknown columns: {column};"):
        rows(f"{header}\n1,Ann,ann@example.com,true,36,x\n")
    people = [dict(zip(header.split(","), ["1", "Ann", "ann@example.com", True, 36, "x"], strict=True)), ANN]
    assert open_rows(iter([json.dumps(people).encode()]), ALLOWED).system == "Rollcall"
