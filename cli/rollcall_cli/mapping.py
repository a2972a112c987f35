"""Where the columns of a file of no known system go: as the caller says, or as the API suggests by the file's
beginning, to be looked at. And what an import left out or changed."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from rollcall_cli.editing import edited
from rollcall_cli.exits import Misused
from rollcall_cli.terminal import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rollcall_cli.api import Api
    from rollcall_cli.editing import Edit
    from rollcall_cli.terminal import Terminal

BEGINNING_BYTES = 64 * 1024
"""Of a file, by which the API tells what it is: as many as `POST /imports/preview` takes."""

VALUE_SHOWN = 60
NOTES_SHOWN = 10
SAID = {"left_out": "Left out", "changed": "Changed a little", "warning": "Look at"}
"""How each kind of note is put."""

SUGGESTED = "no system that we know writes such a file; where its columns probably go is in the output"
HINT = "look whether it is right, save it, and add --columns FILE"


def columns_of(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """The columns of a file of JSON, and over them those of `source=target` each. Raises Misused where one is neither.
    A name may have `=` in it: where it goes never has."""
    columns = _read(file) if file else {}
    for pair in pairs:
        source, equals, target = pair.rpartition("=")
        if not source or not equals:
            raise Misused(
                f"--map {clean(pair)} is not source=target", "as --map full_name=name; nothing leaves it out"
            )
        columns[source] = target
    return columns


def _read(file: Path) -> dict[str, str]:
    return _parsed(file.read_text("utf-8"), file)


def changed(columns: dict[str, str], edit: Edit, environment: Mapping[str, str]) -> dict[str, str]:
    """The columns as they come out of the editor. Raises Misused where they are no mapping, with the file kept."""
    text = json.dumps(columns, indent=2, ensure_ascii=False) + "\n"
    with edited(text, "columns.json", edit, environment) as (after, path):
        return _parsed(after, path)


def _parsed(text: str, file: Path) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not found or not isinstance(found, dict) or not all(isinstance(target, str) for target in found.values()):
        raise Misused(f"{file} is no JSON object of texts", 'as {"full_name": "name", "*": "metadata.legacy.*"}')
    return found


def looked_at(api: Api, file: Path, options: dict[str, Any]) -> dict[str, Any]:
    """What an import with these options would make of a file's first rows. Raises Failure where it takes none such."""
    with file.open("rb") as opened:
        beginning = opened.read(BEGINNING_BYTES + 1)
    sent = {
        **options,
        "beginning": base64.b64encode(beginning[:BEGINNING_BYTES]).decode(),
        "whole": len(beginning) <= BEGINNING_BYTES,
    }
    answer: dict[str, Any] = api.post("/imports/preview", sent)
    return answer


def show_mapping(terminal: Terminal, look: dict[str, Any], columns: dict[str, str]) -> None:
    """Print where each column of a file goes, and the first rows as they would be imported."""
    others = columns.get("*") or "left out"
    lines = [
        (
            each["column"],
            " · ".join(each["values"]),
            columns.get(each["column"], "left out" if each["left_out"] else others) or "left out",
        )
        for each in look["columns"]
    ]
    terminal.table(("column", "some values", "goes to"), [*lines, ("all others", None, others)])
    terminal.out.print()
    terminal.table(("line", "who", "values", "result"), [_row(row) for row in look["rows"]])
    terminal.out.print()


def _row(previewed: dict[str, Any]) -> tuple[object, ...]:
    row = previewed["row"]
    who = next((row[name] for name in ("email", "name", "id") if row.get(name)), None)
    others = {name: value for name, value in row.items() if value != who}
    values = ", ".join(
        f"{name} {_short(value)}" for name, value in others.items() if value not in (None, "", {}, [])
    )
    password = f"password {previewed['password']}" if previewed["password"] else ""
    faults = "; ".join(f"{fault['field']} {fault['reason']}" for fault in previewed["errors"])
    return (
        previewed["line"],
        who,
        ", ".join(filter(None, (values, password))),
        f"would be refused: {faults}" if faults else "ready",
    )


def _short(value: object) -> str:
    text = one_line(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[: VALUE_SHOWN - 1]}…"


def show_notes(terminal: Terminal, notes: Sequence[dict[str, Any]], *, every: bool = False) -> None:
    """Print what was left out of rows, changed in them, or is to be looked at: the most rows first, and ten of a kind
    unless `every` one is asked for."""
    for kind, said in SAID.items():
        named = sorted((note for note in notes if note["kind"] == kind), key=lambda note: -int(note["rows"]))
        shown = named if every else named[:NOTES_SHOWN]
        if shown:
            more = f", and {len(named) - len(shown)} more" if len(named) > len(shown) else ""
            names = ", ".join(f"{one_line(note['name'])} ({rows(note['rows'])})" for note in shown)
            terminal.line((f"{said}: ", "yellow"), f"{names}{more}")


def rows(count: int) -> str:
    """So many rows, in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"
