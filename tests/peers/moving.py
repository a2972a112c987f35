"""What an import makes of a file that somebody else's exporter wrote: who comes, with what, and what is left out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.identities.moving import EnabledConnection
from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import ROW_BYTES, Options
from chalicelib.imports.notes import Notes
from chalicelib.imports.rows.chunk_lines import Line, line_of
from chalicelib.imports.rows.person_row import Candidate, candidates_in
from chalicelib.imports.rows.reading import read
from chalicelib.imports.systems import SystemOptions
from chalicelib.passwords import fits

if TYPE_CHECKING:
    from pathlib import Path

JOB = "01KJMMA2G0KD8PM2V0XHKZ8CQ3"
GOOGLE = {"google": EnabledConnection("google", "https://accounts.google.com")}
"""The one connection here."""
SHOWN = ("name", "email_verified", "birthdate", "locale", "status", "attributes", "metadata", "roles")
BLOCK = 4096
"""Bytes read at once: few, so that rows lie over several blocks."""


class Moved(NamedTuple):
    """The import of one file. `people` are those who come, by their addresses or else their ids, and `refused` the
    reasons against the others. `nobody` has numbers of rows by what they are, which is no person, and `notes` has them
    by the kind and the name of what was left out or changed."""

    format: str
    people: dict[str, Candidate]
    refused: list[str]
    nobody: Counter[str]
    notes: dict[str, int]

    def person(self, email: str) -> dict[str, object]:
        """What a person comes with, by the columns of our files."""
        candidate = self.people[email]
        fields = {name: candidate.person.get(name) for name in ("id", *SHOWN)}
        identities = [f"{each['connection']} {each['subject']}" for each in candidate.identities]
        whole = {**fields, "identities": identities, "totp_secret": candidate.totp_secret}
        return {name: value for name, value in whole.items() if value not in (None, False, "active", [], {})}

    def signed_in(self, password: str) -> set[str]:
        """Whom the password lets in."""
        return {
            email
            for email, person in self.people.items()
            if person.password_hash is not None and fits(person.password_hash, password)
        }


def moved(path: Path, options: SystemOptions | None = None) -> Moved:
    """Import a file of people as an administrator with a second factor does, without storing them."""
    with path.open("rb") as file:
        opened = open_rows(iter(lambda: file.read(BLOCK), b""), frozenset(COLUMNS["users"]))
        lines = [
            Line.read(line_of(number, row, ROW_BYTES["users"]).written()[:-1])
            for number, row in enumerate(opened.rows, 1)
        ]
    readings = read(lines, "users", 1, opened.system, options or SystemOptions())
    people: dict[str, Candidate] = {}
    refused: list[str] = []
    persons = [reading for reading in readings if not reading.nobody]
    for judged in candidates_in(persons, JOB, "", Options(privileged=True), repr, enabled=GOOGLE):
        if isinstance(judged, Candidate):
            people[str(judged.person.get("email") or judged.id)] = judged
        else:
            refused += [f"{error.field} {error.reason}" for error in judged]
    notes = Notes()
    notes.add_stored(opened.notes.stored())
    for reading in readings:
        notes.add(reading.notes)
    nobody = Counter(reading.nobody for reading in readings if reading.nobody)
    return Moved(opened.format, people, refused, nobody, notes.stored())
