"""Hostile files of other systems: a module each, with its `FILES` and its `ALIKE`.

`FILES` are told by what is expected, as in `test_import_hostile`: a part of the refusal, or of the reason of a bad row;
None where the file is taken. `ALIKE` are files that look like the system's: the system that they are of, or None where
they are of none that we can tell.
"""

from __future__ import annotations

import json

SECRET = "hunter2-the-secret"
"""What no reason and no note may quote."""


def array(*rows: object) -> bytes:
    return json.dumps(rows).encode()


def table(header: str, *rows: str) -> bytes:
    return "\n".join((header, *rows, "")).encode()
