"""People with all that a person may have, the files that exports write of them, and what an import reads in these."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.exports.pieces import Pieces, joined
from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import ROW_BYTES
from chalicelib.imports.rows import reading
from chalicelib.imports.rows.chunk_lines import line_of
from chalicelib.imports.systems import SystemOptions
from chalicelib.passwords.foreign import Project

OWN = "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY"
BCRYPT = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
FIRESCRYPT = f"$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lwc${'Zm' * 42}ZQ"
PBKDF2 = "$pbkdf2-sha256$i=29000,l=32$c2FsdHNhbHQ$ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY"
MD5_CRYPT = "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GOOGLE = {
    "connection": "google",
    "issuer": "https://accounts.google.com",
    "subject": "113",
    "label": "a@gmail.example",
}
CORP = {"connection": "corp", "issuer": "https://corp.example", "subject": "c-7"}
UUID = "0190f3a5-6f0e-7b1c-9d7e-6a1c2b3d4e5f"

ANN = {
    "id": UUID,
    "email": "Ann@example.com",
    "email_verified": True,
    "name": "Ann Ünal",
    "age": 36,
    "birthdate": "1990-02-03",
    "locale": "de-CH",
    "terms_version": "2026-01",
    "terms_accepted_at": "2026-01-02T03:04:05.678Z",
    "attributes": {"given_name": "Ann", "picture": "https://a.example/a.png", "phone_number": "+15551112233"},
    "metadata": {"plan": "gold", "note": "seen by nobody else"},
    "roles": ["admin", "support"],
    "identities": [GOOGLE, CORP],
    "password_hash": OWN,
    "totp_secret": TOTP,
    "passkeys": True,
    "recovery_codes": ["…"],
    "created_at": "2026-03-01T12:00:00.250Z",
}
BEA = {
    "id": "b",
    "email": "b@example.com",
    "email_verified": True,
    "name": "=cmd(\"x\",'y'); DROP TABLE users;--",
    "attributes": {"zoneinfo": "a,b\\c", "nickname": 'The "B", best', "lines": "a\r\nb", "deep": [1, {"x": None}]},
    "password_hash": BCRYPT,
    "created_at": "2026-03-01T12:00:00.000Z",
}
CEM = {
    "id": "c",
    "email": "c@example.com",
    "email_verified": False,
    "name": "👩‍👩‍👧 جمیل \u202b陈伟",
    "status": "disabled",
    "password_hash": FIRESCRYPT,
    "metadata": {"plan": "silver", "zero": "\0", "_id": 1},
}
DEV = {"id": "d~" * 30, "name": "Dev", "email_verified": False, "password_hash": MD5_CRYPT}
EVE = {"id": "e", "email": "e@example.com", "email_verified": True, "password_hash": PBKDF2, "name": "Eve X Y"}
PEOPLE = [ANN, BEA, CEM, DEV, EVE]

ZERO_KEY = Project(bytes(64), b"", 8, 14)
"""The parameters of hashes of Firebase's kind, as our exports write them."""


def exported(
    file_format: str, people: list[dict[str, Any]] = PEOPLE, **asked: Any
) -> tuple[bytes, dict[str, int]]:
    """The file of these people, who are in two of three segments, and what it leaves out."""
    job: Any = {"format": file_format, "credentials": True, **asked}
    pieces = [Pieces(job), Pieces(job), Pieces(job)]
    half = len(people) // 2
    blocks = [list(each.of(some)) for each, some in zip(pieces, (people[:half], [], people[half:]), strict=True)]
    data = b"".join(joined(job, [(each.rows, some) for each, some in zip(pieces, blocks, strict=True)]))
    left_out: dict[str, int] = {}
    for each in pieces:
        for name, rows in each.left_out.people.items():
            left_out[name] = left_out.get(name, 0) + rows
    return data, left_out


def imported(data: bytes, system: str, **options: Any) -> list[dict[str, Any]]:
    """The rows of ours that an import makes of a file, which it takes for one of that system."""
    opened = open_rows(iter([data]), frozenset(COLUMNS["users"]), foreign=True)
    lines = [line_of(number, row, ROW_BYTES["users"]) for number, row in enumerate(opened.rows, 1)]
    assert opened.system == system
    readings = reading.read(lines, "users", 1, opened.system, SystemOptions(**options))
    assert [each.errors for each in readings] == [[]] * len(readings)
    return [each.row or {} for each in readings]


def document(file_format: str, *people: dict[str, Any], **asked: Any) -> Any:
    return json.loads(exported(file_format, list(people), **asked)[0])
