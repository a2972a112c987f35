"""Refused rows, shown and mended in the person's editor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rollcall_cli.editing import edited
from rollcall_cli.exits import Misused
from rollcall_cli.terminal import as_json, clean, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rollcall_cli.editing import Edit
    from rollcall_cli.terminal import Terminal

SHOWN = 10
"""Faults that are shown; one cause makes many alike."""

SENT_AT_ONCE = 1000
"""Rows that a retry takes in one request."""

REF = "_ref"
"""Of a row: which row of the file it is, or stands for."""

HEAD = """\
# These rows were refused. Above each is what is wrong with it: mend the row, save, and close the editor.
# A row whose line you delete is not sent again. Leave _ref as it is: it says which row this stands for.
"""

Fault = dict[str, Any]


def shown_errors(terminal: Terminal, faults: list[Fault]) -> None:
    """Print the first faults."""
    terminal.table(
        ("line", "field", "what is wrong", "value"),
        [(fault["line"], fault["field"], fault["reason"], _value(fault)) for fault in faults[:SHOWN]],
    )
    if len(faults) > SHOWN:
        terminal.line((f"… and {len(faults) - SHOWN} more", "dim"))


def _value(fault: Fault) -> str:
    value = clean(fault["row"].get(fault["field"]))
    return value if len(value) <= 40 else f"{value[:39]}…"


def mended(
    faults: list[Fault],
    edit: Edit,
    environment: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The rows as they come out of the editor; none where nothing was changed. Raises Misused for a line that is no
    JSON object, once and with the file kept."""
    rows = faults_by_row(faults)[:SENT_AT_ONCE]
    before = HEAD + "".join(_lines(group) for group in rows)
    with edited(before, "refused.ndjson", edit, environment) as (after, path):
        if after == before:
            return []
        return [_row(line, path) for line in after.splitlines() if line.strip() and not line.startswith("#")]


def faults_by_row(faults: list[Fault]) -> list[list[Fault]]:
    """The faults of each row together, in the order of the file: a row may have several, a line several rows."""
    rows: dict[str, list[Fault]] = {}
    for fault in faults:
        rows.setdefault(str(fault["row"].get(REF, fault["line"])), []).append(fault)
    return sorted(rows.values(), key=lambda row: int(row[0]["line"]))


def _lines(group: list[Fault]) -> str:
    reasons = "".join(f"# line {each['line']}, {each['field']}: {one_line(each['reason'])}\n" for each in group)
    return f"\n{reasons}{as_json(group[0]['row'])}\n"


def _row(line: str, path: Path) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise Misused(f"this line is no JSON object: {clean(line)[:80]}", f"your work is kept in {path}")
    return row
