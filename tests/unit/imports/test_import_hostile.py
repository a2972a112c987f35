"""Files that somebody wrote to do harm, or that something tore: each ends in a refusal or a report that says why.

What is expected is a part of the refusal of the file, or of the reason of its bad row; None where the file is taken.
"""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from chalicelib.core import clock
from chalicelib.imports import report
from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import ROW_BYTES, FileRefused, Options
from chalicelib.imports.rows.chunk_lines import Line, line_of
from chalicelib.imports.rows.person_row import Candidate, candidates_in, without_duplicates
from chalicelib.imports.rows.reading import read
from chalicelib.imports.systems import SystemOptions
from chalicelib.passwords.foreign import Project

if TYPE_CHECKING:
    from collections.abc import Callable

JOB = "01KJMMA2G0KD8PM2V0XHKZ8CQ3"
PROJECT = Project(b"k" * 64, b"\x07", rounds=8, memory_cost=14)
MIB = 1024**2
DEEP = 10_000
B64 = "YWFhYWFhYWFhYWFhYWFhYQ"
DIGEST = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"


def row(**members: object) -> bytes:
    return json.dumps([{"email": "a@example.com", **members}]).encode()


def hashed(text: str) -> bytes:
    return row(password_hash=text)


def kratos(**config: object) -> bytes:
    return json.dumps(
        [{"traits": {"email": "a@example.com"}, "credentials": {"password": {"config": config}}}]
    ).encode()


def auth0(**members: object) -> bytes:
    return json.dumps([{"email": "a@example.com", "user_id": "a", **members}]).encode()


def cognito(cell: bytes, column: bytes = b"cognito:password_hash") -> bytes:
    return b"cognito:username,email," + column + b"\na,a@example.com," + cell + b"\n"


def firebase(**members: object) -> bytes:
    return json.dumps({"users": [{"localId": "a", "email": "a@example.com", **members}]}).encode()


def firebase_csv(name: bytes = b"", claims: bytes = b"") -> bytes:
    return b"a,a@example.com,true,,," + name + b"," * 18 + b"1486324027000,,,," + claims + b",\n"


def bomb(unit: bytes, count: int, start: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(part) for part in (start, *[unit] * count)) + packer.flush()


def content(name: str) -> bytes:
    """Of a hostile file; a bomb is built by whoever needs it alone."""
    data, _ = HOSTILE[name]
    return data if isinstance(data, bytes) else data()


TORN = gzip.compress(json.dumps([{"name": f"{n * 7919:x}"} for n in range(999)]).encode(), mtime=0)
DEEP_ARRAY = b"[" * DEEP + b"]" * DEEP
DEEP_OBJECT = b'{"a":' * DEEP + b"1" + b"}" * DEEP

DEAR_OF_AUTH0 = {
    "algorithm": "scrypt",
    "hash": {"value": "00" * 32, "encoding": "hex"},
    "salt": {"value": "s"},
    "cost": 2**30,
}

HOSTILE: dict[str, tuple[bytes | Callable[[], bytes], str | None]] = {
    # Encodings
    "utf-16": ('[{"name": "A"}]'.encode("utf-16"), "UTF-16"),
    "utf-16 big-endian": (b"\xfe\xff" + '[{"name": "A"}]'.encode("utf-16-be"), "UTF-16"),
    "utf-16 without a mark": ('[{"name": "A"}]'.encode("utf-16-le"), "UTF-16 without a mark"),
    "utf-32": ('[{"name": "A"}]'.encode("utf-32"), "UTF-16"),
    "utf-7": (b"+AFsAew-", "neither [ nor {"),
    "latin-1 in json": ('[{"name": "Ü"}]'.encode("latin-1"), "is not UTF-8"),
    "latin-1 in csv": ("name\nÜ\n".encode("latin-1"), "is not UTF-8"),
    "latin-1 in cognito": (cognito(b"").replace(b"a,a@", b"\xdc,a@"), "is not UTF-8"),
    "latin-1 in firebase": (firebase_csv(b"\xdc"), "is not UTF-8"),
    "overlong slash": (b'[{"name": "\xc0\xaf"}]', "is not UTF-8"),
    "encoded surrogate": (b'[{"name": "\xed\xa0\x80"}]', "is not UTF-8"),
    "escaped surrogate": (b'[{"name": "\\ud800"}]', "cannot be seen"),
    "escaped surrogate in attributes": (b'[{"name": "A", "attributes": {"a": "\\ud800"}}]', "not Unicode"),
    "escaped surrogate in a column": (b'[{"name": "A", "\\ud800": 1}]', "is no column"),
    "mark and nothing": (b"\xef\xbb\xbf", "is empty"),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbf[]", None),
    "half a mark": (b"\xef\xbb[]", "neither [ nor {"),
    "mark in a gzip": (gzip.compress(b'\xef\xbb\xbf[{"name": "A"}]', mtime=0), None),
    "mark within": (b'{"name": "A"}\n\xef\xbb\xbf{"name": "B"}', "is not JSON"),
    # Compression
    "cut gzip": (TORN[:-9], "cut off"),
    "cut header": (b"\x1f\x8b\x08", "cut off"),
    "wrong checksum": (TORN[:-8] + b"\0\0\0\0" + TORN[-4:], "damaged"),
    "wrong length": (TORN[:-4] + b"\0\0\0\0", "damaged"),
    "rest after a gzip": (TORN + b"rest", "damaged"),
    "gzip in a gzip": (gzip.compress(TORN, mtime=0), "a gzip within a gzip"),
    "zip": (b"PK\x03\x04" + b"\0" * 99, "a zip archive"),
    "bomb of blanks": (partial(bomb, b" " * MIB, 24), "is empty"),
    "bomb of an array": (partial(bomb, (b'{"name": "' + b"x" * 9999 + b'"},') * 99, 24, b"["), "200 times its size"),
    "bomb of one text": (b'["' + b"x" * (10 * MIB), "longer than"),
    "bomb of one line": (partial(bomb, b'{"name": "' + b"x" * MIB, 24), "200 times its size"),
    "bomb of lines": (partial(bomb, (b"{}" + b" " * 9999 + b"\n") * 99, 24), "200 times its size"),
    "bomb of a table": (b"name\n" + b"x" * (9 * MIB), "longer than"),
    "bomb of a batch": (b'{"users": [' + b'"' + b"x" * (10 * MIB), "longer than"),
    "empty members": (gzip.compress(b"", mtime=0) * 5000 + gzip.compress(b"[]", mtime=0), None),
    # Depth
    "deep arrays": (b"[" + DEEP_ARRAY + b"]", "is nested too deep"),
    "deep objects": (b"[" + DEEP_OBJECT + b"]", "is nested too deep"),
    "deep line, no array": (DEEP_OBJECT, "is nested too deep"),
    "deep and torn": (b"[" * DEEP, "ends within"),
    "deep attributes": (row(attributes=json.loads('{"a":' * 40 + "1" + "}" * 40)), "nested more than 16"),
    "deep cell": (b'name,attributes\nA,"' + DEEP_OBJECT.replace(b'"', b'""') + b'"\n', "must be a JSON object"),
    "deep claims": (firebase(customAttributes=DEEP_ARRAY.decode()), "is nested too deep"),
    "deep metadata of auth0": (auth0(app_metadata=json.loads("[" * 90 + "]" * 90)), "must be a JSON object"),
    # Shapes
    "duplicate members": (b'[{"name": "A", "name": "B"}]', "names one member twice"),
    "duplicate members within": (b'[{"name": "A", "attributes": {"a": 1, "a": 2}}]', "names one member twice"),
    "duplicate columns": (b"name,name\nA,B\n", "names a column twice"),
    "duplicate columns of cognito": (b"cognito:username,email,email\na,b,c\n", "names a column twice"),
    "duplicate ids": (b'[{"id": "a"}, {"id": "a"}]', "is that of line 1 too"),
    "duplicate addresses": (b'[{"email": "a@example.com"}, {"email": "A@EXAMPLE.com"}]', "is that of line 1 too"),
    "member without a name": (b'[{"name": "A", "": 1}]', "is no column"),
    "member without a name within": (b'[{"name": "A", "attributes": {"": 1}}]', "without a name"),
    "prototype": (b'[{"name": "A", "__proto__": {"roles": ["admin"]}}]', "is no column"),
    "a column of the report": (b'[{"name": "A", "_ref": "1-1"}]', "is no column"),
    "a number": (b"[1]", "is not a JSON object"),
    "null": (b"[null]", "is not a JSON object"),
    "an array": (b"[[]]", "is not a JSON object"),
    "a text": (b'["name"]', "is not a JSON object"),
    "nothing": (b"[{}]", "names nobody"),
    "two arrays": (b"[][]", "more after the end"),
    "rest after a batch": (b'{"users": []}[]', "more after the end"),
    "two batches": (b'{"users": []}{"users": []}', None),
    "no end": (b'[{"name": "A"}', "ends within"),
    "no end of a batch": (b'{"users": [{"localId": "a"}', "ends within"),
    "wrong end": (b'[{"name": "A"}}', "a brace that nothing opened"),
    "a comma too many": (b'[{"name": "A"},]', "a comma too many"),
    "comments": (b'[/* all */ {"name": "A"}]', "is not JSON"),
    "single quotes": (b"[{'name': 'A'}]", "is not JSON"),
    "one object": (b'{\n"name": "A"\n}', "over several lines"),
    "html": (b"<script>alert(1)</script>", "XML or HTML"),
    "entities": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "XML or HTML"),
    "yaml": (b"!!python/object/apply:os.system ['id']", "neither [ nor {"),
    "pickle": (b"\x80\x04\x95", "neither [ nor {"),
    "nothing but blanks": (b" \r\n\t " * 99_999, "is empty"),
    "nothing but quotes": (b'"' * 9_999, "neither [ nor {"),
    # Tables
    "huge cell": (b"name\n" + b"x" * MIB + b"\n", "is not CSV"),
    "huge cell of json": (row(name="x" * MIB), "bytes, more than"),
    "huge cell of cognito": (cognito(b"x" * MIB), "bytes, more than"),
    "huge name": (row(name="x" * 201), "1 to 200 characters"),
    "huge header": (b"name," + b"x" * MIB + b"\nA,B\n", "unknown columns"),
    "many columns": (b"name" + b",x" * 9_999 + b"\nA\n", "names a column twice"),
    "open quote": (b'name,age\n"A,7\nB,8\n', "has 1 cells"),
    "quote within": (b'name,age\nA"B,7\n', None),
    "rest after a quote": (b'name,age\n"A"B,7\n', None),
    "cells too many": (b"name\nA,B\n", "has 2 cells"),
    "cells too few": (b"name,age,locale\nA,7\n", "has 2 cells"),
    "cells too few for cognito": (b"cognito:username,email\na\n", "has 1 cells"),
    "cells too many for firebase": (firebase_csv() + b"a,b\n", "has 2 cells"),
    "open quote of firebase": (firebase_csv(b'"A,B'), "neither [ nor {"),
    "open quote of a second row": (firebase_csv() + firebase_csv(b'"A,B') * 20, "has 29 cells"),
    "claims that are none": (firebase_csv(claims=b'"{"'), "is not JSON"),
    "mixed line ends": (b"name,age\r\nA,7\nB,8\r\nC,9", None),
    "old line ends": (b"name,age\rA,7\rB,8", None),
    "nul in a cell": (b"name,age\nA\0B,7\n", "cannot be seen"),
    "nul in json": (b'[{"name": "A\\u0000"}]', "cannot be seen"),
    "raw nul in json": (b'[{"name": "A\0"}]', "is not JSON"),
    "nul in cognito": (cognito(b"\0"), "unsupported kind"),
    "control in a column": (b'[{"name": "A", "\\u001b[2J": 1}]', "is no column"),
    "turned text": ('[{"name": "A\u202eB"}]'.encode(), "cannot be seen"),
    "formula": (b"name\n\"=cmd|' /C calc'!A0\"\n", None),
    "formula in an address": (row(email="=1+1@example.com\t"), "is not an email address"),
    "formula as a column": (b'[{"name": "A", "=HYPERLINK()": 1}]', "is no column"),
    # Numbers
    "huge number": (b'[{"name": "A", "age": 1e999}]', "whole number"),
    "huge integer": (b'[{"name": "A", "age": ' + b"9" * 5000 + b"}]", "too many digits"),
    "huge number within": (b'[{"name": "A", "attributes": {"a": 1e400}}]', "too large"),
    "large integer within": (b'[{"name": "A", "attributes": {"a": ' + b"9" * 39 + b"}}]", "too large"),
    "no number": (b'[{"name": "A", "age": NaN}]', "NaN"),
    "infinity": (b'[{"name": "A", "age": -Infinity}]', "infinity"),
    "a number as text": (row(age="7"), "whole number"),
    "a fraction": (row(age=7.0), "whole number"),
    "true as a number": (row(age=True), "whole number"),
    "text as true": (row(email_verified="true"), "true or false"),
    "a day that is none": (row(birthdate="2025-02-30"), "not a date"),
    "cognito's day that is none": (cognito(b"13/32/1990", b"birthdate"), "not a date"),
    # Ids
    "path as an id": (row(id="../../etc/passwd"), "must be 1 to 128"),
    "encoded path as an id": (row(id="%2e%2e%2fadmin"), "must be 1 to 128"),
    "address as an id": (row(id="a@example.com"), "must be 1 to 128"),
    "key as an id": (row(id="password#b"), "must be 1 to 128"),
    "object as an id": (row(id={"$gt": ""}), "must be 1 to 128"),
    "path as an id of auth0": (auth0(user_id="../x"), None),
    "two addresses": (row(email="a@example.com,b@example.com"), "is not an email address"),
    "address with a line": (row(email="a@example.com\r\nBcc: b@example.com"), "is not an email address"),
    "privileges": (row(roles=["admin"]), "privileged imports only"),
    "privileges of auth0": (auth0(blocked=True), "privileged imports only"),
    "privileges that are none": (row(roles={"admin": 1}), "privileged imports only"),
    "traits that are none": (b'[{"traits": []}]', "must be an object"),
    "a create that is none": (b'[{"create": 7}]', "must be an object"),
    # Hashes
    "dear argon2": (hashed(f"$argon2id$v=19$m=4194304,t=2,p=1${B64}${DIGEST}"), "asks for more"),
    "slow argon2": (hashed(f"$argon2id$v=19$m=1024,t=4294967295,p=1${B64}${DIGEST}"), "is not an argon2id hash"),
    "dear bcrypt": (hashed("$2b$31$" + "." * 53), "cost above 15"),
    "dear scrypt": (hashed(f"$scrypt$ln=63,r=8,p=1${B64}${DIGEST}"), "128 MiB"),
    "dear exponent": (hashed(f"$scrypt$ln=9999999999,r=8,p=1${B64}${DIGEST}"), "128 MiB"),
    "dear pbkdf2": (hashed(f"$pbkdf2-sha256$i=2000001${B64}${DIGEST}"), "2,000,000 iterations"),
    "dear sha-crypt": (hashed(f"$6$rounds=999999999$abc${'a' * 86}"), "1,000,000 rounds"),
    "dear scrypt of kratos": (kratos(hashed_password=f"$scrypt$ln=16777216,r=8,p=1${B64}==${DIGEST}="), "128 MiB"),
    "dear scrypt of auth0": (
        auth0(custom_password_hash=DEAR_OF_AUTH0),
        "128 MiB",
    ),
    "huge hash": (hashed("$2b$" + "x" * 9_999), "4,096 characters"),
    "huge salt": (hashed(f"$sha256${'A' * 2000}${DIGEST}"), "1,024 bytes"),
    "hash that is none": (hashed("hunter2"), "unsupported kind"),
    "hash that is no text": (row(password_hash={"hash": 1}), "must be a password hash"),
    "hash without an address": (b'[{"name": "A", "password_hash": "$2a$05$' + b"C" * 53 + b'"}]', "needs an email"),
    "two hashes of auth0": (auth0(password_hash="x", custom_password_hash={}), "excludes password_hash"),
    "hash of auth0 that is none": (auth0(custom_password_hash=[]), "must be an object"),
    "too many factors of auth0": (auth0(mfa_factors=[{"email": {}}] * 11), "10 at most"),
    "hash of cognito that is none": (cognito(b"hunter2"), "unsupported kind"),
    "hash of firebase that is none": (firebase(passwordHash="*", salt="*"), "base64"),
    "hash of kratos that is none": (kratos(hashed_password=7), "must be a password hash"),
    "password of kratos": (kratos(password="x" * 257), "1 to 256 characters"),
    "password nobody types": (kratos(password="\ud800"), "nobody can type"),
    "factor that is none": (row(totp_secret="not base 32!"), "in base 32"),
    "huge factor": (row(totp_secret="A" * 9_999), "256 characters"),
    "factor that is no text": (row(totp_secret=[1]), "256 characters"),
}  # fmt: skip


def taken(data: bytes, columns: dict[str, str] | None = None) -> tuple[list[Candidate], list[str]]:
    """What an import makes of a file, by the job's columns if it has any: who can be made, and the reasons against the
    others, as the report tells them."""
    blocks = (data[start : start + MIB] for start in range(0, len(data), MIB))
    found = open_rows(blocks, frozenset(COLUMNS["users"]), columns=columns)
    lines = [
        Line.read(line_of(number, row, ROW_BYTES["users"]).written()[:-1])
        for number, row in enumerate(found.rows, 1)
    ]
    rows = read(lines, "users", 1, found.system, SystemOptions(firebase=PROJECT, columns=columns or {}))
    readings = [each for each in rows if not each.nobody]
    judged = list(zip(readings, candidates_in(readings, JOB, "", Options(), repr), strict=True))
    kept, twice = without_duplicates(one for _, one in judged if isinstance(one, Candidate))
    told = [
        report.written(report.refused(each, one, "users"))
        for each, one in judged
        if not isinstance(one, Candidate)
    ]
    list(report.as_csv(told, "users"))
    faults = [fault["reason"] for line in told for fault in json.loads(line)["_errors"]]
    return kept, [*faults, *(error.reason for _, error in twice)]


@pytest.fixture(autouse=True, scope="module")
def _held():
    with clock.held(datetime(2026, 3, 1, 12, 0, tzinfo=UTC)):
        yield


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 100


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_clear_report(name):
    data, expected = content(name), HOSTILE[name][1]
    try:
        people, reasons = taken(data)
    except FileRefused as refused:
        people, reasons = [], [refused.detail]
    if expected is None:
        assert reasons == []
        return
    assert any(expected in reason for reason in reasons), (reasons[:5], len(people))
    assert all(reason.isprintable() and len(reason) < 1000 for reason in reasons)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in HOSTILE if name.startswith(("bomb", "huge", "deep"))])
def test_a_hostile_file_is_never_held_whole(name):
    data = content(name)
    tracemalloc.start()
    with suppress(FileRefused):
        taken(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 48 * MIB
