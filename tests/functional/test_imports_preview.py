"""What an import would make of a file, shown by its first rows: what the import does then, and nothing is written."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from chalicelib.imports.mapping import MOST_COLUMNS
from chalicelib.imports.routes import imports
from chalicelib.imports.schemas import BEGINNING_BYTES
from tests.functional.apps import ApiClient
from tests.functional.vendor_files import BCRYPT, FILES
from tests.functional.vendor_samples import EVERY, SAMPLES

TABLES = ("users", "credentials", "jobs", "items", "intents")
NOT_SHOWN = {"metadata", "legacy_hash", "factors"}


@pytest.fixture
def api(aws, held_clock):
    client = ApiClient(imports)
    client.sign_in("A1", "admin")
    return client


def preview(api: ApiClient, data: bytes, *, whole: bool = True, **options: Any) -> Any:
    beginning = base64.b64encode(data).decode()
    return api.call("POST", "/imports/preview", {"beginning": beginning, "whole": whole, **options})


def shown(api: ApiClient, *rows: Any, **options: Any) -> Any:
    answer = preview(api, json.dumps(rows).encode(), **options)
    assert answer.status == 200, answer.body
    return answer.body


def columns(body: dict[str, Any]) -> dict[str, list[str]]:
    return {column["column"]: column["fields"] for column in body["columns"]}


def faults(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["field"], fault["reason"]) for fault in row["errors"]]


@pytest.mark.parametrize("name", [*FILES, *(pytest.param(name, marks=pytest.mark.slow) for name in SAMPLES)])
def test_of_every_system_it_shows_whom_the_import_makes_and_writes_nobody(api, aws, name):
    file = EVERY[name]
    before = {table: aws.rows(table) for table in TABLES}
    answer = preview(api, file.data, **file.options)
    assert answer.status == 200
    assert answer.body["format"] == file.format
    rows = {row["row"].get("email") or row["row"]["id"]: row for row in answer.body["rows"] if row["row"]}
    assert sum(bool(row["errors"]) for row in rows.values()) == file.disabled
    for email, fields in file.people.items():
        row = rows[email.replace("Contoso", "contoso")]
        assert {field: row["row"].get(field) for field in fields.keys() - NOT_SHOWN} == {
            field: value for field, value in fields.items() if field not in NOT_SHOWN
        }
        assert row["password"] == fields.get("legacy_hash", row["password"])
        assert row["totp"] == (email in file.totp)
    assert {table: aws.rows(table) for table in TABLES} == before


@pytest.mark.parametrize("name", FILES)
def test_no_hash_password_or_secret_is_in_the_answer(api, name):
    text = json.dumps(preview(api, FILES[name].data, **FILES[name].options).body)
    for secret in ("$2b$", "$argon2", "$firescrypt", "password-of-no-policy", "otpauth", "JBSWY3DP"):
        assert secret not in text


def test_it_tells_where_each_column_goes(api):
    row = {
        "user_id": "auth0|1",
        "email": "ann@example.com",
        "given_name": "Ann",
        "family_name": "Poe",
        "blocked": False,
        "user_metadata": {"colour": "red"},
        "last_login": "2026-01-01",
    }
    body = shown(api, row)
    assert body["system"] == "Auth0"
    assert columns(body) == {
        "user_id": ["id"],
        "email": ["email"],
        "given_name": ["name", "attributes"],
        "family_name": ["name", "attributes"],
        "blocked": ["status"],
        "user_metadata": ["attributes"],
        "last_login": [],
    }
    assert [each["column"] for each in body["columns"] if each["left_out"]] == ["last_login"]


def test_a_column_that_goes_to_several_fields_is_told_by_its_members(api):
    password = {"identifiers": ["ann@example.com"], "config": {"hashed_password": BCRYPT}}
    row = {
        "id": "7",
        "schema_id": "default",
        "traits": {"email": "ann@example.com", "name": "Ann", "plan": "gold"},
        "credentials": {"password": password},
    }
    body = shown(api, {"create": row})
    assert columns(body) == {
        "create.id": ["id"],
        "create.schema_id": [],
        "create.traits.email": ["email"],
        "create.traits.name": ["name"],
        "create.traits.plan": ["attributes"],
        "create.credentials": ["password_hash"],
    }
    assert [each["column"] for each in body["columns"] if each["left_out"]] == ["create.schema_id"]


def test_a_row_that_would_be_refused_has_every_fault_and_none_of_its_secrets(api):
    body = shown(
        api,
        {"email": "no address", "age": -1, "password_hash": BCRYPT, "size": 9},
        {"email": "ann@example.com"},
        {"email": "ANN@example.com"},
        "text",
    )
    wrong, _, again, text = body["rows"]
    assert {field for field, _ in faults(wrong)} == {"email", "age", "size"}
    assert wrong["row"] == {"email": "no address", "age": -1}
    assert faults(again) == [("email", "is that of line 1 too")]
    assert faults(text) == [("(row)", "is not a JSON object")]
    assert columns(body)["size"] == []
    assert not any(each["left_out"] for each in body["columns"])


def test_roles_are_applied_to_who_asks_for_a_privileged_import_alone(api):
    row = {"email": "ann@example.com", "roles": ["support"], "status": "disabled"}
    (refused,) = shown(api, row)["rows"]
    assert {field for field, _ in faults(refused)} == {"roles", "status"}
    (applied,) = shown(api, row, privileged=True)["rows"]
    assert (applied["row"]["roles"], applied["row"]["status"]) == (["support"], "disabled")


def test_what_nobody_here_takes_over_is_named_with_the_reason(api):
    row = {
        "user_id": "auth0|1",
        "email": "ann@example.com",
        "mfa_factors": [{"phone": {"value": "+1"}}],
        "identities": [{"provider": "samlp", "connection": "corp", "user_id": "corp|7"}],
    }
    (person,) = shown(api, row)["rows"]
    assert [(each["field"], each["name"]) for each in person["left_out"]] == [
        ("identities", "corp"),
        ("second_factors", "phone"),
    ]


def test_it_needs_no_parameters_of_a_firebase_project(api):
    data = FILES["Firebase JSON"].data
    named = preview(api, data, firebase_project="never-made").body["rows"]
    assert {row["password"] for row in named} >= {"firescrypt"} or not any(row["errors"] for row in named)
    unnamed = preview(api, data).body["rows"]
    assert "passwordHash" in {field for row in unnamed for field, _ in faults(row)}
    assert preview(api, data, firebase_project="Never Made").status == 400


def test_items_are_shown_too(api):
    write = {
        "user_id": "U1",
        "item_id": "I1",
        "item_key": "theme",
        "item_value": {"dark": True},
        "at": "2026-01-01T00:00:00Z",
    }
    good, bad = shown(api, write, {**write, "at": "yesterday"}, content="items")["rows"]
    assert (good["row"], good["errors"]) == (write, [])
    assert [field for field, _ in faults(bad)] == ["at"]


@pytest.mark.slow
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("form", ["array", "lines", "csv"])
def test_of_a_file_that_goes_on_no_row_is_cut(api, form, pack):
    rows = [{"email": f"p{number}@example.com", "name": "x" * (1 + 30 * number)} for number in range(8)]
    lines = [json.dumps(row) for row in rows]
    csv = ["email,name", *(f'{row["email"]},"{row["name"]}"' for row in rows)]
    text = {"array": f"[{','.join(lines)}]", "lines": "\n".join(lines), "csv": "\n".join(csv)}[form]
    data = pack(text.encode())
    for end in range(len(data) - 1, len(data) // 2, -7):
        answer = preview(api, data[:end], whole=False)
        assert answer.status == 200
        found = [row["row"] for row in answer.body["rows"]]
        shown = [{name: row[name] for name in ("email", "name") if name in row} for row in found]
        assert shown == rows[: len(found)]


def test_ten_rows_are_shown_and_the_format_is_told_of_gzip_too(api):
    data = gzip.compress(b"\n".join(b'{"name": "P"}' for _ in range(99)))
    body = preview(api, data).body
    assert (body["format"], len(body["rows"])) == ("JSON lines, gzipped", 10)


def test_a_file_of_no_known_system_is_shown_by_a_mapping_that_is_suggested(api):
    data = b"mail,full_name,plan,pwd\nann@example.com,Ann,gold,hunter2\n"
    body = preview(api, data).body
    assert (body["format"], body["system"]) == ("Mapped, CSV", "Mapped")
    assert body["suggested"] == {"mail": "email", "full_name": "name", "*": "metadata.legacy.*"}
    (row,) = body["rows"]
    assert (row["row"]["email"], row["row"]["metadata"]) == ("ann@example.com", {"legacy": {"plan": "gold"}})
    assert row["left_out"] == [{"field": "pwd", "name": "pwd", "reason": "has no place here"}]
    shown_values = {each["column"]: each["values"] for each in body["columns"]}
    assert shown_values == {"mail": ["ann@example.com"], "full_name": ["Ann"], "plan": ["gold"], "pwd": []}
    asked = preview(api, data, columns={"mail": "email", "plan": "attributes.plan"}).body
    assert (asked["suggested"], asked["rows"][0]["row"]["attributes"]) == (None, {"plan": "gold"})
    refused = preview(api, data, columns={"mail": "nowhere"})
    assert refused.status == 422
    assert "mail must go to one of id, email" in json.dumps(refused.body)


def test_members_of_an_unknown_object_are_columns_of_their_own(api):
    rows = [{"mail": f"p{n}@example.com", "profile": {"city": "Oslo", "first": f"P{n}"}} for n in range(5)]
    body = shown(api, *rows, columns={"mail": "email", "profile.first": "name", "*": "attributes.*"})
    assert columns(body) == {"mail": ["email"], "profile.city": ["attributes"], "profile.first": ["name"]}
    assert [each["values"] for each in body["columns"][1:]] == [["Oslo"], ["P0", "P1", "P2"]]


REFUSED = {
    "the file is a zip archive": b"PK\x03\x04" + b"\0" * 60,
    "the header names a column twice": b"name,size,size\nAnn,1,2\n",
    "the file is text in UTF-16": b"\xff\xfea\0",
    "the file ends within record 1": b'[{"name": "Ann"}',
    "the gzip ends before its end": gzip.compress(b'[{"name": "Ann"}]')[:-9],
    "the gzip is damaged": b"\x1f\x8b" + b"x" * 30,
    "the file is empty": b"  ",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_file_that_no_import_takes_is_refused_with_the_reason(api, reason):
    answer = preview(api, REFUSED[reason])
    assert (answer.status, answer.body["title"]) == (400, "The file cannot be imported")
    assert answer.body["detail"].startswith(reason)


@pytest.mark.parametrize(
    "beginning", ["", "not base64!", "€", "YQ", 7, None, "A" * (4 * BEGINNING_BYTES // 3 + 8)]
)
def test_what_is_no_beginning_of_a_file_is_refused(api, beginning):
    answer = api.call("POST", "/imports/preview", {"beginning": beginning})
    assert answer.status == 422
    assert [fault["field"] for fault in answer.body["errors"]] == ["beginning"]


@pytest.mark.slow
def test_thousands_of_columns_take_no_longer_than_a_hundred(api):
    body = shown(api, {"user_id": "u", "email": "a@example.com", **{f"c{n}": n for n in range(4000)}})
    assert len(body["columns"]) == MOST_COLUMNS


@pytest.mark.slow
def test_a_bomb_is_no_more_work_than_its_first_rows(api):
    row = b'{"email": "a@example.com", "attributes": {"x": "' + b"y" * 30_000_000 + b'"}}'
    answer = preview(api, gzip.compress(b"[" + row + b"]")[:BEGINNING_BYTES], whole=False)
    assert answer.status == 400
    assert "times its size" in answer.body["detail"] or "longer than" in answer.body["detail"]


def test_it_is_for_administrators(aws):
    client = ApiClient(imports)
    client.sign_in("S1", "support")
    assert preview(client, b"[]").status == 403
