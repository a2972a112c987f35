"""Our own tables, opened and saved by a spreadsheet: LibreOffice, where it is installed (`libreoffice-calc-nogui`)."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.imports import report
from chalicelib.imports.columns import COLUMNS, PERSON, REPORT
from chalicelib.imports.formats import open_rows
from chalicelib.imports.rows.chunk_lines import reference, referenced

if TYPE_CHECKING:
    from pathlib import Path

OFFICE = shutil.which("soffice")
SECONDS = 120

pytestmark = pytest.mark.skipif(
    OFFICE is None, reason="no LibreOffice here: apt-get install libreoffice-calc-nogui"
)

PEOPLE: list[dict[str, Any]] = [
    {
        "id": "01KJMMA2G0KD8PM2V0XHKZ8CQ3", "email": "ann@example.com", "email_verified": True, "name": "Ann Poe",
        "age": 36, "birthdate": "1985-02-01", "locale": "en-US", "terms_version": "3",
        "terms_accepted_at": "2024-01-02T03:04:05.000Z", "roles": ["admin"], "status": "disabled",
        "attributes": {"plan": "gold", "n": 1.5, "big": 12345678901234567}, "metadata": {"a": [1, 2], "t": 'x, "y"'},
        "identities": [{"connection": "corp", "subject": "007"}],
        "password_hash": "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "totp_secret": "JBSWY3DPEHPK3PXP",
    },
    {"id": "b2", "email": "bea@example.com", "email_verified": False, "name": "=1+1"},
    {"id": "c3", "name": 'Ünal "the" <b>, one', "locale": "de"},
    {"id": "d4", "name": "'quoted"},
    {"id": "e5", "name": "@SUM(A1)"},
    {"id": "f6", "email": "f@example.com", "name": "-2+3"},
]  # fmt: skip


def saved(table: bytes, folder: Path, separator: str = ",") -> bytes:
    """A table as LibreOffice saves it again."""
    source, target = folder / "table.csv", folder / "saved"
    source.write_bytes(table)
    form = f"{ord(separator)},34,76,1"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    written = f"csv:Text - txt - csv (StarCalc):{form},,0,false,true,false"
    read = "--infilter=CSV:44,34,76,1"
    program = [str(OFFICE), profile, "--headless", read, "--convert-to", written, "--outdir", target, source]
    subprocess.run(program, check=True, capture_output=True, timeout=SECONDS)
    return (target / "table.csv").read_bytes()


@pytest.mark.parametrize("separator", [",", ";"])
def test_an_export_is_the_same_people_afterwards(tmp_path, separator):
    table = b"".join([report.csv_line(PERSON), *(report.csv_line(map(row.get, PERSON)) for row in PEOPLE)])
    again = saved(table, tmp_path, separator)
    assert again != table
    rows = open_rows(iter([again]), frozenset(COLUMNS["users"])).rows
    assert [json.loads(row.text) for row in rows] == PEOPLE


def test_the_rows_of_a_report_are_known_afterwards(tmp_path):
    refs = [reference(1, 2), reference(3, 12), reference(12, 2026)]
    lines = [report.written({"_ref": ref, "_line": 7, "_errors": [], "name": "Ann"}) for ref in refs]
    again = saved(b"".join(report.as_csv(lines, "users")), tmp_path)
    opened = open_rows(iter([again]), frozenset({*COLUMNS["users"], *REPORT}), foreign=False)
    found = [json.loads(row.text)["_ref"] for row in opened.rows]
    assert [referenced(ref) for ref in found] == [(1, 2), (3, 12), (12, 2026)]
