"""Find the format of a file, and the system that it comes from, by its first bytes, never by its name."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.imports.formats import (
    cognito_csv,
    csv_header,
    csv_rows,
    firebase_csv,
    json_array,
    json_lines,
    json_wrapped,
)
from chalicelib.imports.formats.gzipped import GZIP, decompressed
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.formats.rows import lines
from chalicelib.imports.model import FileRefused, UnknownSystem
from chalicelib.imports.notes import Notes
from chalicelib.imports.systems import MAPPED, OURS, system_of, system_with_header
from chalicelib.imports.systems.signatures import OUR_COLUMNS, named_unknown, without_people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chalicelib.imports.formats.rows import Row

HEAD_BYTES = 64 * 1024
LONGEST_ROW = 128 * 1024
"""Bytes of a JSON object that may still be one row; a longer one holds an array of rows."""
SAMPLE_ROWS = 50
LISTINGS = frozenset({"users", "Users", "Resources"})
"""The arrays of people by which an array is told to be one of pages. Rows may well have members of the other names."""
OF_ONE_SYSTEM = {"identities": "Kratos", "data": "Clerk"}
"""The names of arrays that hold people of one system only."""

EXPECTED = (
    "expected a JSON array, JSON lines or CSV with a header, or another system's file, in UTF-8, gzipped or not"
)

_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    GZIP: "a gzip within a gzip",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\x00\x00\xfe\xff": "text in UTF-32",
    b"<": "XML or HTML",
}
"""First bytes of other files that people upload by mistake."""

_BOM = b"\xef\xbb\xbf"


class Opened(NamedTuple):
    """A file whose format is found, and the system that its rows come from. `rows` may still raise FileRefused while
    they are read; `notes` then tell what was left out of the file beside its rows."""

    format: str
    system: str
    rows: Iterator[Row]
    notes: Notes


class _Wanted(NamedTuple):
    """Which columns a file of ours may have, and of which kind it may be otherwise."""

    allowed: frozenset[str]
    foreign: bool
    columns: Mapping[str, str]


def open_rows(
    blocks: Iterator[bytes],
    allowed: frozenset[str],
    *,
    foreign: bool = True,
    columns: Mapping[str, str] | None = None,
    cut: bool = False,
) -> Opened:
    """Find the format of a file and begin to read it. A file of our own may have the `allowed` columns. Where `foreign`
    is false, the rows are taken as Rollcall's own; where there are `columns`, as those of a file that the job maps.
    `cut` says that the blocks may be the beginning of the file only.

    Raises FileRefused, which says what was seen and what was expected; UnknownSystem where a mapping could help.
    """
    head, blocks = _peek(blocks)
    compressed = head.startswith(GZIP)
    if compressed:
        head, blocks = _peek(decompressed(blocks, cut=cut))
    marks = 0
    while head.startswith(_BOM, marks):
        marks += len(_BOM)
    if marks:
        head, blocks = _peek(_skip(marks, blocks))
    if b"\r" in head and b"\n" not in head:
        head, blocks = head.replace(b"\r", b"\n"), (block.replace(b"\r", b"\n") for block in blocks)
    notes = Notes()
    name, system, rows = _identify(head, blocks, _Wanted(allowed, foreign, columns or {}), notes)
    whole = name if system == OURS else f"{system}, {name}"
    return Opened(f"{whole}, gzipped" if compressed else whole, system, rows, notes)


def _identify(
    head: bytes, blocks: Iterator[bytes], wanted: _Wanted, notes: Notes
) -> tuple[str, str, Iterator[Row]]:
    text = _checked(head)
    is_array = text.startswith(b"[")
    if is_array or text.startswith(b"{"):
        outside, blocks = _wrapped(head, blocks, notes, in_array=is_array) if wanted.foreign else (None, blocks)
        if outside is not None:
            head, blocks = _peek(blocks)
            system = _system(json_wrapped.rows(iter([head]), json_wrapped.Outside(Notes())), wanted)
            return "JSON", system, json_wrapped.rows(blocks, outside)
    if is_array:
        return "JSON array", _system(json_array.rows([head]), wanted), json_array.rows(blocks)
    if text.startswith(b"{"):
        return (
            "JSON lines",
            _system(json_lines.rows([head]), wanted),
            json_lines.rows(_checked_lines(text, blocks)),
        )
    return "CSV", *_table(head, blocks, wanted, notes)


def _table(head: bytes, blocks: Iterator[bytes], wanted: _Wanted, notes: Notes) -> tuple[str, Iterator[Row]]:
    """The system of a table, and its rows."""
    texts = [(number, csv_header.decoded(line)) for number, line in lines([head])]

    def header_by(is_header: Callable[[Sequence[str]], bool]) -> csv_header.Header | None:
        return csv_header.found(iter(texts), is_header)

    first = head.lstrip().partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    if wanted.columns:
        header = header_by(lambda names: any(name in wanted.columns for name in names))
        if header is None:
            raise FileRefused(f"the file has no header with one of the columns that the job maps; {EXPECTED}")
        return MAPPED, csv_rows.foreign_rows(blocks, header)
    if wanted.foreign and cognito_csv.is_cognito(first):
        return "Cognito", cognito_csv.rows(blocks)
    if wanted.foreign and (header := header_by(lambda names: system_with_header(names) is not None)):
        return str(system_with_header(header.names)), csv_rows.foreign_rows(blocks, header)
    header = header_by(lambda names: any(csv_header.column(name) in wanted.allowed for name in names))
    if header is not None:
        _check_known(head, header, wanted)
        return OURS, csv_rows.own_rows(blocks, header, wanted.allowed, notes)
    if wanted.foreign and firebase_csv.is_firebase(head.decode("utf-8", "replace")):
        return "Firebase", firebase_csv.rows(blocks)
    if wanted.foreign and (header := header_by(csv_header.plausible)):
        _check_known(head, header, wanted)
    raise FileRefused(
        f"the file begins with neither [ nor {{, nor with a header that names our columns; {EXPECTED}"
    )


def _check_known(head: bytes, header: csv_header.Header, wanted: _Wanted) -> None:
    """Raise UnknownSystem for a header with columns that are none of ours, where the file may be another system's."""
    unknown = any(csv_header.column(name) not in wanted.allowed for name in header.names if name)
    if unknown and wanted.foreign:
        sample = _documents(csv_rows.foreign_rows([head], header))
        raise UnknownSystem(csv_rows.unknown(header.names, wanted.allowed), sample)


def _checked(head: bytes) -> bytes:
    """The head without leading blanks. Raises FileRefused for an empty file, and for a format that we do not accept."""
    text = head.lstrip()
    if not text:
        raise FileRefused(f"the file is empty; {EXPECTED}")
    for beginning, format_name in _OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise FileRefused(f"the file is {format_name}; {EXPECTED}")
    if head[1:2] == b"\0" != head[:1]:
        raise FileRefused(f"the file is text in UTF-16 without a mark, or no text; {EXPECTED}")
    return text


def _wrapped(
    head: bytes, blocks: Iterator[bytes], notes: Notes, *, in_array: bool
) -> tuple[json_wrapped.Outside | None, Iterator[bytes]]:
    """The blocks from the array within an object on, and what is around it. None, and the blocks as they are, where
    the object is a row itself. Raises FileRefused where the object is known to hold other things than people."""
    seen, is_open = json_wrapped.Outside(Notes(), in_array=in_array), False
    try:
        found = seen.find(head)
        if found is None and not seen.objects:
            longer, blocks = _peek(blocks, LONGEST_ROW)
            found = seen.find(longer[len(head) :])
            is_open = not in_array and not seen.objects and len(longer) == LONGEST_ROW
    except FileRefused:
        return None, blocks
    if found is None and (named := without_people(frozenset(seen.members))):
        raise FileRefused(f"the file is {named}")
    if not is_open and (found is None or not _holds_people(seen, found, head, in_array=in_array)):
        return None, blocks
    outside = json_wrapped.Outside(notes, in_array=in_array)
    return outside, json_wrapped.enter(blocks, outside)


def _holds_people(seen: json_wrapped.Outside, text: bytes, head: bytes, *, in_array: bool) -> bool:
    """Whether an array has people. `identities`, and what is called `data`, may be a member of a person too."""
    if in_array:
        return not seen.objects and seen.array in LISTINGS
    if seen.array not in OF_ONE_SYSTEM:
        return True
    people = _documents(json_array.rows([text]))
    if people or seen.array == "data":
        return system_of([frozenset(person) for person in people]) == OF_ONE_SYSTEM[seen.array]
    around = next(iter(_documents(json_lines.rows([head]))), {})
    return len(around) <= 1 or system_of([frozenset(around)]) is None


def _checked_lines(text: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    first, _, second = text.partition(b"\n")
    if second and not first.rstrip().endswith(b"}"):
        raise FileRefused(f"the file is one JSON object over several lines; {EXPECTED}")
    return blocks


def _system(rows: Iterator[Row], wanted: _Wanted) -> str:
    """The system that the rows come from, by the members of those that lie completely in the file's head. Raises
    UnknownSystem where none of them can be read."""
    if wanted.columns:
        return MAPPED
    if not wanted.foreign:
        return OURS
    people = _documents(rows)
    members = [frozenset(person) for person in people]
    system = system_of(members)
    if system is None:
        raise UnknownSystem(_unknown_members(members), people)
    return system


def _unknown_members(rows: Sequence[frozenset[str]]) -> str:
    members = frozenset[str]().union(*rows)
    unknown = sorted(members - OUR_COLUMNS)[: csv_rows.UNKNOWN_NAMES]
    names = ", ".join(name[:40] or "(nameless)" for name in unknown)
    seen = named_unknown(members)
    return (
        f"{f'the file looks like {seen}: ' if seen else ''}every row has members of which each is no column of people: "
        f"{names}; try the file with dry_run, which suggests where they go, and say so by columns"
    )


def _documents(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The first rows that are objects. The head of a file may end within one."""
    found: list[dict[str, Any]] = []
    try:
        for row in islice(rows, SAMPLE_ROWS):
            document = _document(row)
            if document is not None:
                found.append(document)
    except FileRefused:
        pass
    return found


def _document(row: Row) -> dict[str, Any] | None:
    try:
        value = parse(row.text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _peek(blocks: Iterator[bytes], size: int = HEAD_BYTES) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and an iterator of all blocks, these included."""
    blocks_read: list[bytes] = []
    length = 0
    for block in blocks:
        blocks_read.append(block)
        length += len(block)
        if length >= size:
            break
    head = b"".join(blocks_read)
    return head[:size], chain([head], blocks)


def _skip(count: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks without their first `count` bytes, all of which are in the first block."""
    yield next(blocks)[count:]
    yield from blocks
