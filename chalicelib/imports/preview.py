"""What an import would make of a file, shown by its first rows before anything is written.

It goes the way of an import, `plan` and `chunk`, as far as that reads no person: whether somebody exists already, a
trial says (`dry_run`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib import identities, passwords
from chalicelib.core import ids, texts, wire
from chalicelib.imports import report
from chalicelib.imports.columns import COLUMNS, PERSON, REPORT, SECRETS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.mapping import columns_of
from chalicelib.imports.model import ROW_BYTES, FileCut, UnknownSystem
from chalicelib.imports.options import preview_options_of
from chalicelib.imports.rows import reading
from chalicelib.imports.rows.chunk_lines import line_of
from chalicelib.imports.rows.person_row import PRIVILEGED, Candidate, candidates_in, without_duplicates
from chalicelib.imports.systems import MAPPED, translator
from chalicelib.imports.systems.secret_values import holds_secret
from chalicelib.imports.systems.suggestion import suggested
from chalicelib.imports.systems.values import SENSITIVE, member_at, present

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.imports.formats import Opened, Row
    from chalicelib.imports.model import Content, Options, RowError
    from chalicelib.imports.notes import Note
    from chalicelib.imports.rows.chunk_lines import Line
    from chalicelib.imports.rows.reading import Reading

ROWS = 10
VALUES, VALUE_SHOWN = 3, 40
"""Values of a column that are shown, and the characters of each."""

REASONS = {"left_out": "has no place here", "changed": "is changed a little", "warning": "is at risk"}
LEFT_BEHIND = {
    "identities": "no enabled connection takes it",
    "second_factors": "cannot be taken over: it was made for another system",
}


def preview(beginning: bytes, content: Content, options: Options, *, whole: bool) -> dict[str, Any]:
    """The format, the columns and the first rows of a file, of which `beginning` is the first part, or all of it. A
    file whose system nobody knows is shown by a mapping that is suggested for it.

    Reads the connections, and those only for rows with identities. Raises FileRefused where the file as a whole could
    not be imported.
    """
    system_options = preview_options_of(options)
    allowed = frozenset(COLUMNS[content])
    proposal: dict[str, str] | None = None

    def opened_file(columns: Mapping[str, str]) -> Opened:
        return open_rows(iter([beginning]), allowed, foreign=content == "users", columns=columns, cut=not whole)

    try:
        opened = opened_file(options.columns)
    except UnknownSystem as unknown:
        proposal = suggested(unknown.sample)
        opened, system_options = opened_file(proposal), replace(system_options, columns=proposal)
    found = _first(opened.rows, whole=whole)
    lines = [line_of(number, row, ROW_BYTES[content]) for number, row in enumerate(found, 1)]
    readings = reading.read(lines, content, 1, opened.system, system_options)
    documents = list(_documents(lines))
    is_mapped = opened.system == MAPPED
    translate = translator(opened.system, system_options)
    columns = [
        {
            "column": name,
            "fields": fields,
            "left_out": not used,
            "values": _values(documents, name, fields, is_mapped),
        }
        for name, fields, used in columns_of(documents, content, translate, by_members=is_mapped)
    ]
    rows = _people(readings, options) if content == "users" else _items(readings)
    return {
        "format": opened.format,
        "system": opened.system,
        "suggested": proposal,
        "columns": columns,
        "rows": rows,
    }


def _first(rows: Iterator[Row], *, whole: bool) -> list[Row]:
    """The first rows. The last one of a file that goes on may be cut, so it is none."""
    found: list[Row] = []
    try:
        for row in islice(rows, ROWS + 1):
            found.append(row)  # noqa: PERF402 - what came before the cut is kept
    except FileCut:
        if whole:
            raise
    else:
        if not whole and len(found) <= ROWS:
            found = found[:-1]
    return found[:ROWS]


def _documents(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield line.document()
        except ValueError:
            continue


def _values(documents: Sequence[dict[str, Any]], column: str, fields: Sequence[str], is_mapped: bool) -> list[str]:
    """Some values of a column of a mapped table, by which it is recognized; none of what may be secret."""
    if not is_mapped or SENSITIVE.search(column) or not SECRETS.isdisjoint(fields):
        return []
    found = [value for row in documents if present(value := member_at(row, column)) is not None]
    found = [value for value in found if not holds_secret(value)]
    shown = (value if isinstance(value, str) else wire.to_json(value) for value in found)
    return list(islice(dict.fromkeys(filter(None, (texts.shown(text, VALUE_SHOWN) for text in shown))), VALUES))


def _people(readings: list[Reading], options: Options) -> list[dict[str, Any]]:
    has_identities = any(each.row and each.row.get("identities") for each in readings)
    enabled = identities.moving.enabled_connections() if has_identities else {}
    job_id = ids.new_id()
    people = [each for each in readings if not each.nobody]
    results = list(candidates_in(people, job_id, "", options, _content_id, PRIVILEGED, enabled))
    _, duplicates = without_duplicates(each for each in results if isinstance(each, Candidate))
    refused = {candidate.number: error for candidate, error in duplicates}
    nobodies = [_nobody(each) for each in readings if each.nobody]
    shown = [
        _person(result, each.notes)
        if isinstance(result, Candidate) and each.number not in refused
        else _refused(each, [refused[each.number]] if isinstance(result, Candidate) else result, "users")
        for each, result in zip(people, results, strict=True)
    ]
    return sorted([*nobodies, *shown], key=lambda row: int(row["line"]))


def _nobody(reading: Reading) -> dict[str, Any]:
    """A row that is of no person, for example of a group."""
    left_out = {"field": reading.nobody, "name": reading.nobody, "reason": REASONS["left_out"]}
    return {**_shown(reading.line, {}), "left_out": [left_out]}


def _content_id(fields: dict[str, Any]) -> str:
    """What stands for a row without id and address, so that the same row is the same person."""
    return repr(sorted(fields.items(), key=lambda field: field[0]))


def _person(candidate: Candidate, notes: Sequence[Note]) -> dict[str, Any]:
    """A row that would be somebody. Their id is shown where the row has it: another one is made when they are."""
    person: dict[str, Any] = {**candidate.person}
    row = {
        name: person[name] for name in PERSON if name in person and (name != "id" or candidate.origin == "given")
    }
    if candidate.identities:
        row["identities"] = [
            {"connection": each["connection"], "subject": each["subject"]} for each in candidate.identities
        ]
    hashed = candidate.password_hash
    return {
        "line": candidate.line,
        "row": row,
        "password": None if hashed is None else passwords.kind_of(hashed),
        "totp": candidate.totp_secret is not None,
        "left_out": [
            *({"field": note.name, "name": note.name, "reason": REASONS[note.kind]} for note in notes),
            *(
                {"field": field, "name": name, "reason": LEFT_BEHIND[field]}
                for field, name in candidate.left_behind()
            ),
        ],
        "errors": [],
    }


def _items(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    # Items are checked by pydantic's models, which nobody else needs here.
    from chalicelib.imports.rows.item_rows import write_in

    results = [(each, write_in(each)) for each in readings]
    return [
        _refused(each, result, "items") if isinstance(result, list) else _shown(each.line, each.row or {})
        for each, result in results
    ]


def _refused(read: Reading, errors: Sequence[RowError], content: Content) -> dict[str, Any]:
    row = report.refused(read, errors, content)
    faults = [{"field": error.field, "reason": error.reason} for error in sorted(errors)]
    return _shown(read.line, {name: value for name, value in row.items() if name not in REPORT}, faults)


def _shown(line: int, row: dict[str, Any], errors: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    return {"line": line, "row": row, "password": None, "totp": False, "left_out": [], "errors": [*errors]}
