"""Tables of strangers, read by the columns of a job: each bad row says why, and quotes nothing."""

from __future__ import annotations

import json

import pytest

from chalicelib.imports.model import FileRefused
from tests.unit.imports.hostile import SECRET, array, table
from tests.unit.imports.test_import_hostile import taken

PERSON = {"mail": "email", "n": "name"}
HASHED = {**PERSON, "p": "password_hash"}
STARRED = {**PERSON, "*": "metadata.*"}
DEEP = '{"a":' * 10_000 + "1" + "}" * 10_000

FILES: dict[str, tuple[bytes, dict[str, str], str | None]] = {
    "a plain password": (array({"mail": "a@b.example", "p": SECRET}), HASHED, "password hash"),
    "a dear hash": (table("mail,p", "a@b.example,$2b$31$" + "." * 53), HASHED, "cost above 15"),
    "a hash of nobody": (array({"n": "A", "p": "$2a$05$" + "C" * 53}), HASHED, "needs an email"),
    "a hash that is an object": (array({"mail": "a@b.example", "p": {"$gt": ""}}), HASHED,
                                 "must be a password hash"),
    "an address that is a list": (array({"mail": ["a@b.example"]}), PERSON, "is not an email address"),
    "an address of two lines": (table("mail", '"a@b.example\nBcc: c@d.example"'), PERSON, "is not an email address"),
    "an id that is a path": (array({"i": "../../etc/passwd", "n": "A"}), {**PERSON, "i": "id"}, "must be 1 to 128"),
    "an id that is a truth": (array({"i": True, "n": "A"}), {**PERSON, "i": "id"}, "must be 1 to 128"),
    "roles without a right": (table("n,r", "A,admin"), {**PERSON, "r": "roles"}, "privileged imports only"),
    "a status without a right": (table("n,s", "A,1"), {**PERSON, "s": "status:disabled"}, "privileged imports only"),
    "roles that are an object": (array({"n": "A", "r": {"admin": 1}}), {**PERSON, "r": "roles"}, "privileged imports"),
    "attributes too deep": (table("n,a", 'A,"' + DEEP.replace('"', '""') + '"'), {**PERSON, "a": "attributes"},
                            "must be a JSON object"),
    "attributes of NaN": (table("n,a", 'A,"{""a"": NaN}"'), {**PERSON, "a": "attributes"}, "must be a JSON object"),
    "attributes too large": (array({"n": "A", "a": "x" * 9000}), {**PERSON, "a": "attributes.a"}, "8,192 bytes"),
    "attributes that are a text and an object": (array({"n": "A", "a": "x", "b": "y"}),
                                                 {**PERSON, "a": "attributes", "b": "attributes.b"},
                                                 "must be a JSON object"),
    "metadata within a text": (array({"n": "A", "a": "x", "b": "y"}),
                               {**PERSON, "a": "metadata.a", "b": "metadata.a.b"}, None),
    "a day that is none": (table("n,d", "A,31.02.1985"), {**PERSON, "d": "birthdate:dmy"}, "not a date"),
    "a day of many digits": (table("n,d", f"A,1.2.{'9' * 999}"), {**PERSON, "d": "birthdate:dmy"}, "a date like"),
    "an age of many digits": (table("n,a", f"A,{'9' * 5000}"), {**PERSON, "a": "age"}, "whole number"),
    "a moment beyond time": (table("n,t", "A,999999999999999"), {**PERSON, "t": "terms_accepted_at"}, "RFC 3339"),
    "a moment of infinity": (table("n,t", "A,inf"), {**PERSON, "t": "terms_accepted_at"}, "RFC 3339"),
    "a truth that is none": (table("mail,v", "a@b.example,maybe"), {**PERSON, "v": "email_verified:truth"},
                             "true or false"),
    "a name that turns": (array({"n": "A\u202eB"}), PERSON, "cannot be seen"),
    "columns that are called alike": (table("n,N", "A,B"), PERSON, None),
    "a column twice": (table("n,n", "A,B"), PERSON, "names a column twice"),
    "none of the columns": (table("a,b", "A,B"), PERSON, "no header with one of the columns"),
    "torn": (b'[{"mail": "a@b.example"}', PERSON, "ends within record 1"),
    "members of a prototype": (array({"n": "A", "__proto__": {"roles": ["admin"]}}), STARRED, None),
    "a claim by a star": (array({"n": "A", "plan": "gold"}), STARRED, None),
    "identities that are a text": (table("n,i", f"A,{SECRET}"), {**PERSON, "i": "identities"}, "must be a list"),
}  # fmt: skip


def reasons_of(data: bytes, columns: dict[str, str]) -> list[str]:
    try:
        return taken(data, columns)[1]
    except FileRefused as refused:
        return [refused.detail]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_table_ends_in_a_clear_report(name):
    data, columns, expected = FILES[name]
    reasons = reasons_of(data, columns)
    assert (expected in " ".join(reasons)) if expected else reasons == []
    assert SECRET not in json.dumps(reasons)
    assert all(reason.isprintable() and len(reason) < 1000 for reason in reasons)
