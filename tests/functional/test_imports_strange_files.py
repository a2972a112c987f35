"""Files in any encoding, or none: each ends its job with a reason that can be read, or reports the row."""

from __future__ import annotations

import codecs
import gzip
import json

import pytest

from tests.functional.importing import people

TABLE = "name,größe\nÅnn,1\n"
PEOPLE = [{"email": "ann@example.com", "name": "Ännchen"}]
ROWS = json.dumps(PEOPLE, ensure_ascii=False)

REFUSED = {
    "header in CP1252": (TABLE.encode("cp1252"), "the header is not UTF-8"),
    "header in Mac Roman": (TABLE.encode("mac_roman"), "the header is not UTF-8"),
    "header in Shift JIS": ("name,大きさ\n".encode("shift_jis"), "the header is not UTF-8"),
    "header of Cognito in CP1252": (
        "cognito:username,email,custom:größe\nann,a@example.com,1\n".encode("cp1252"), "the header is not UTF-8"),
    "header in EBCDIC": (TABLE.encode("cp500"), "the file begins with neither"),
    "header with a NUL": (b"name,a\0b\nAnn,1\n", "unknown columns: a?b;"),
    "header with a bell and a mark": ("name,a\x07\u202e\nAnn,1\n".encode(), "unknown columns: a??;"),
    "header with an encoded surrogate": (b"name,a\xed\xa0\x80\nAnn,1\n", "the header is not UTF-8"),
    "header of one huge cell": (b"name," + b"x" * 200_000 + b"\nAnn,1\n", "unknown columns: xxx"),
    "header with a quote that is open": (b'name,"size\nAnn,1\n', "unknown columns"),
    "UTF-16 with a mark": (codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"), "the file is text in UTF-16"),
    "UTF-16 without": (TABLE.encode("utf-16-le"), "the file is text in UTF-16 without a mark"),
    "UTF-16, the other way": (TABLE.encode("utf-16-be"), "the file begins with neither"),
    "UTF-32": (ROWS.encode("utf-32"), "the file is text in UTF-"),
    "UTF-16 of JSON": (ROWS.encode("utf-16"), "the file is text in UTF-16"),
    "nothing but NULs": (b"\0" * 100, "the file"),
    "gzip that is cut off": (gzip.compress(ROWS.encode() * 9)[:-9], "the gzip ends before its end"),
    "gzip with a wrong sum": (gzip.compress(ROWS.encode())[:-8] + b"\0" * 8, "the gzip is damaged"),
    "gzip with something after it": (gzip.compress(ROWS.encode()) + b"rest", "the gzip is damaged"),
    "gzip of nothing": (gzip.compress(b""), "the file is empty"),
    "gzip of a header in CP1252": (gzip.compress(TABLE.encode("cp1252")), "the header is not UTF-8"),
    "a line that never ends": (b"name\n" + b"x" * 9 * 1024**2, "line 2 is longer than"),
    "JSON that is cut off": (ROWS[:-3].encode(), "the file ends within record 1"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_fails_its_job_with_a_reason_that_can(state_machines, aws, name):
    data, why = REFUSED[name]
    job = state_machines.drop(data)
    assert job["status"] == "failed"
    assert job["reason"].startswith(why)
    assert job["reason"].isprintable()
    assert aws.rows("users") == []


def in_json(text: str) -> bytes:
    return f'[{{"name": "Good"}}, {text}]'.encode()


ODD_ROWS = {
    "CP1252 in a CSV row": b"name,email\nGood,\n\xc4nn,a@example.com\n",
    "CP1252 in JSON lines": b'{"name": "Good"}\n{"name": "\xc4nn"}\n',
    "CP1252 in an array": b'[{"name": "Good"}, {"name": "\xc4nn"}]',
    "CP1252 in an array over lines": b'[{"name": "Good"},\n {"name":\n "\xc4nn"}]',
    "CP1252 in Cognito's CSV": b"cognito:username,name\ngood,Good\nb,\xc4nn\n",
    "a cell beyond the limit": b"name,locale\nGood,\n" + b"x" * 140_000 + b",de\n",
    "a NUL in a cell": b"name,locale\nGood,\na\0b,de\n",
    "a lone surrogate as a name": in_json('{"name": "\\ud800"}'),
    "a lone surrogate as an id": in_json('{"id": "\\udfff"}'),
    "a lone surrogate as an address": in_json('{"email": "\\ud800@example.com"}'),
    "a lone surrogate in an object": in_json('{"name": "A", "attributes": {"\\ud800": 1}}'),
    "a lone surrogate in an object over lines": in_json('{"name": "A",\n "metadata": {"a": "\\ud800"}}'),
    "a lone surrogate as a locale": in_json('{"name": "A", "locale": "\\ud800"}'),
    "a lone surrogate as a role": in_json('{"name": "A", "roles": ["\\ud800"]}'),
    "a lone surrogate as a status": in_json('{"name": "A", "status": "\\ud800"}'),
    "a lone surrogate as a hash": in_json('{"email": "a@example.com", "password_hash": "\\ud800"}'),
    "a lone surrogate as a secret": in_json('{"email": "a@example.com", "totp_secret": "\\ud800"}'),
    "a lone surrogate as a column": in_json('{"name": "A", "\\ud800": 1}'),
    "a lone surrogate as a birthdate": in_json('{"name": "A", "birthdate": "\\ud800"}'),
    "a lone surrogate instead of a row": in_json('"\\ud800"'),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_ROWS)
def test_a_row_that_cannot_be_read_is_told_and_its_neighbour_taken(state_machines, aws, name):
    job = state_machines.drop(ODD_ROWS[name])
    assert (job["status"], job["counts"]["failed"], list(people(aws))) == ("finished", 1, ["Good"])
    assert len(state_machines.errors(job)) >= 1


def of_auth0(**more: object) -> dict:
    return {"user_id": "auth0|1", "email": "a@example.com", **more}


def of_kratos(**credentials: object) -> dict:
    return {
        "traits": {"email": "a@example.com"},
        "credentials": {name: {"config": config} for name, config in credentials.items()},
    }


FOREIGN = {
    "a hash": lambda odd: of_auth0(
        custom_password_hash={"algorithm": odd, "hash": {"value": odd, "encoding": odd}}
    ),
    "a person": lambda odd: of_auth0(user_id=odd, email=f"{odd}@example.com", nickname=odd),
    "factors": lambda odd: of_auth0(mfa_factors=[{"totp": {"secret": odd}}, {odd: odd}]),
    "a password": lambda odd: of_kratos(password={"password": odd}),
    "a hash of Kratos": lambda odd: of_kratos(password={"hashed_password": f"$sha1${odd}${odd}${odd}"}),
    "claims": lambda odd: {
        "localId": "1", "email": "a@example.com", "customAttributes": odd, "displayName": odd, "photoUrl": odd,
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("odd", ["\ud800", "a\0b", "\udc80\udc80"])
@pytest.mark.parametrize("name", FOREIGN)
def test_no_text_in_a_foreign_row_keeps_an_import_from_its_end(state_machines, name, odd):
    job = state_machines.drop(json.dumps([FOREIGN[name](odd)]).encode())
    assert job["status"] == "finished", job.get("reason")
    assert job["counts"]["failed"] == 1, state_machines.errors(job)
