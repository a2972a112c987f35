"""Files of every kind, cut into rows: however the stream is cut into blocks, and whatever is wrong in them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.imports.formats import Row, open_rows
from chalicelib.imports.formats.csv_cells import FORMULA_STARTS, escaped, unescaped
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.formats.rows import RECORD_BYTES
from chalicelib.imports.model import FileRefused

KNOWN = frozenset({"id", "email", "name", "age", "attributes"})

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=6)


def cut(data: bytes, *sizes: int):
    """The data in blocks of these sizes, over and over."""
    position, turn = 0, 0
    while position < len(data):
        size = sizes[turn % len(sizes)]
        yield data[position : position + size]
        position, turn = position + size, turn + 1


def opened(data: bytes, *sizes: int, foreign: bool = True) -> tuple[str, list[Row]]:
    found = open_rows(cut(data, *(sizes or (1 << 20,))), KNOWN, foreign=foreign)
    return found.format, list(found.rows)


def values(data: bytes, *sizes: int) -> list:
    rows = opened(data, *sizes, foreign=False)[1]
    return [json.loads(row.text) if not row.fault else row.fault for row in rows]


@pytest.mark.slow
@given(
    OBJECTS, st.lists(st.integers(1, 40), min_size=1, max_size=4), st.sampled_from([None, 1, "\t"]), st.booleans()
)
def test_an_array_is_cut_into_what_json_says_it_holds(objects, sizes, indent, ascii_only):
    data = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert values(data, *sizes) == objects


@pytest.mark.slow
@given(
    OBJECTS.filter(bool),
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_lines_hold_one_object_each(objects, sizes, end):
    data = end.join(json.dumps(each) for each in objects).encode()
    name, rows = opened(data, *sizes, foreign=False)
    assert name == "JSON lines"
    assert [json.loads(row.text) for row in rows] == objects


def read_or_refused(data: bytes, size: int) -> None:
    try:
        rows = opened(data, size)[1]
    except FileRefused:
        return
    assert all(row.fault or row.text for row in rows)


@given(st.binary(min_size=1), st.integers(1, 9))
def test_no_bytes_break_the_reading(data, size):
    read_or_refused(data, size)


@given(st.binary(), st.integers(1, 9))
def test_no_bytes_in_a_file_of_ours_break_the_reading(data, size):
    for beginning in (b"[", b'[{"name": "', b'{"name": "', b"name,age\n", b'name,age\n"'):
        read_or_refused(beginning + data, size)


@pytest.mark.parametrize(
    ("data", "name", "rows"),
    [
        (b"[]", "JSON array", []),
        (b" \n [ ] \n ", "JSON array", []),
        (b'[{"name": "a"}]', "JSON array", [Row(1, b'{"name": "a"}')]),
        (b'[\n{"name": "a"},\n\n{"name":\n"b"}\n]', "JSON array", [Row(2, b'{"name": "a"}'), Row(4, b'{"name":"b"}')]),
        (b'[{"name": "]},{\\""}, {"b": []}]', "JSON array", [Row(1, b'{"name": "]},{\\""}'), Row(1, b'{"b": []}')]),
        (b"[1,\n nonsense,\n[2]]", "JSON array", [Row(1, b"1"), Row(2, b"nonsense"), Row(3, b"[2]")]),
        (b'[{"name" "a"},{}]', "JSON array", [Row(1, b'{"name" "a"}'), Row(1, b"{}")]),
        (b'\xef\xbb\xbf[{"name": "a"}]', "JSON array", [Row(1, b'{"name": "a"}')]),
        (b'\xef\xbb\xbf{"name": "a"}\r\n', "JSON lines", [Row(1, b'{"name": "a"}')]),
        (b'{"name": "a"}\n\n oops \n{}', "JSON lines", [Row(1, b'{"name": "a"}'), Row(3, b"oops"), Row(4, b"{}")]),
        (b"name,age\nAnn,42\n", "CSV", [Row(2, b'{"name": "Ann", "age": 42}')]),
        (b"\xef\xbb\xbfName;Age\r\n\r\nAnn;\r\n", "CSV", [Row(3, b'{"name": "Ann"}')]),
        (b'\nname\tattributes\nAnn\t"{""a"": 1}"', "CSV", [Row(3, b'{"name": "Ann", "attributes": {"a": 1}}')]),
        (b'name,age\n"An\nn",x\n,7', "CSV", [Row(2, b'{"name": "An\\nn", "age": "x"}'), Row(4, b'{"age": 7}')]),
        (b"name\n'=1+1\n''quoted", "CSV", [Row(2, b'{"name": "=1+1"}'), Row(3, b'{"name": "\'\'quoted"}')]),
    ],
)  # fmt: skip
def test_rows_and_their_lines(data, name, rows):
    assert opened(data) == (name, rows)
    assert opened(data, 1) == (name, rows)
    assert opened(gzip.compress(data), 7) == (f"{name}, gzipped", rows)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"[{},,{}]", "a comma too many"),
        (b"[{},]", "a comma too many"),
        (b'[{"a":\n nul}]', "is not JSON: Expecting value"),
        (b'[{"a":\n 1, "a": 2}]', "names one member twice"),
        (b'[{"a":\n NaN}]', "NaN"),
        (b'[{"a":\n "\xff"}]', "is not UTF-8"),
        (b"[[\n" + b"[" * 10_000 + b"]" * 10_000 + b"]]", "nested too deep"),
        (b"[[\n" + b"[" * 100 + b"1" + b"]" * 100 + b"]]", "nested too deep"),
        (b"name,age\nAnn,42,7\n", "has 3 cells, where the header has 2"),
        (b"name,age\nAnn\n", "has 1 cells, where the header has 2"),
        (b"name\n\xff\n", "is not UTF-8"),
        (b"name\n" + b"x" * 200_000, "is not CSV: field larger"),
    ],
)
def test_a_row_that_is_none_says_why(data, fault):
    (row,) = [row for row in opened(data)[1] if row.fault]
    assert fault in row.fault
    assert row.text == b""


def a_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("users.json", "[]")
    return made.getvalue()


def torn(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


RANDOM_PEOPLE = json.dumps([{"name": f"{n * 7919:x}"} for n in range(5000)]).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (a_zip(), "a zip archive"),
        (gzip.compress(gzip.compress(b"[]", mtime=0), mtime=0), "a gzip within a gzip"),
        (bz2.compress(b"[]"), "a bzip2 file"),
        (lzma.compress(b"[]"), "an xz file"),
        (b"%PDF-1.7", "a PDF"),
        (b"<html>", "XML or HTML"),
        ("[]".encode("utf-16"), "UTF-16"),
        ("[]".encode("utf-32-be"), "neither [ nor {"),
        (b"\x00\x01\x02", "neither [ nor {"),
        (b"Ann,42\nBob,7", "neither [ nor {"),
        (b'"Ann"', "neither [ nor {"),
        (b"name,colour\nAnn,red", "unknown columns: colour; expected some of age"),
        (b"name,name\nAnn,Bob", "names a column twice"),
        (b'{\n "people": []\n}', "one JSON object over several lines"),
        (b'{"users": [{"localId": "a"}]', "ends before its JSON object does"),
        (b'{"users": [{"localId": "a"}, {', "ends within record 2"),
        (b'{"users": [{"localId": "a"}], "next": 1} ]', "more after the end of the object on line 1"),
        (b'{"users": [{"localId": "a"}], "next": 1}\nnull', "more after the end of the object on line 2"),
        (b'[{"a": 1}', "ends within record 1, which begins on line 1"),
        (b'[\n{"a": "x}\n]', "ends within record 1, which begins on line 1"),
        (b"[1, 2}", "ends in a brace"),
        (b"[1] [2]", "more after the end"),
        (b"[1]\n\n{", "more after the end"),
        (b'["' + b"x" * (RECORD_BYTES + (2 << 20)) + b'"]', "is longer than 8,388,608 bytes"),
        (b'{"a": "' + b"x" * (RECORD_BYTES + 1), "line 1 is longer than 8,388,608 bytes"),
        (torn(gzip.compress(RANDOM_PEOPLE, mtime=0)), "the file is cut off"),
        (flipped(gzip.compress(RANDOM_PEOPLE, mtime=0)), "the gzip is damaged"),
        (b"\x1f\x8bnonsense", "the gzip is damaged"),
        (gzip.compress(b"{}\n" + (b" " * 999_999 + b"\n") * 50, mtime=0), "more than 200 times its size"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_with_what_was_seen(data, seen):
    with pytest.raises(FileRefused) as refused:
        opened(data)
    assert seen in refused.value.detail


def test_members_of_a_gzip_are_read_as_one():
    data = gzip.compress(b'[{"name": "a"},') + gzip.compress(b'{"name": "b"}]')
    assert values(data, 5) == [{"name": "a"}, {"name": "b"}]


@pytest.mark.slow
def test_a_gzip_that_shrinks_well_is_no_bomb():
    people = [{"name": "Ann"}] * 20_000
    packer = zlib.compressobj(wbits=31)
    data = packer.compress(json.dumps(people).encode()) + packer.flush()
    assert values(data, 4096) == people


@pytest.mark.slow
def test_memory_holds_one_record_not_the_file():
    element = json.dumps({"name": "Ann", "attributes": {"text": "x" * 900}}).encode()

    def blocks():
        yield b"[" + element
        for _ in range(20):
            yield (b",\n" + element) * 1000
        yield b"]"

    tracemalloc.start()
    count = sum(1 for _ in open_rows(blocks(), KNOWN).rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 8 * 1024**2


@given(VALUES)
def test_json_is_read_exactly(value):
    assert parse(json.dumps(value).encode()) == value


@given(st.text() | st.text(alphabet="'=+-@\t\r\0x"))
def test_defused_cells_are_restored_exactly(text):
    assert unescaped(escaped(text)) == text
    assert escaped(text)[:1] not in FORMULA_STARTS
