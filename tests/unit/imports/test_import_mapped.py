"""Files of no system that we know: where their columns go, as the job says, or as is suggested."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.formats import open_rows
from chalicelib.imports.model import FileRefused, UnknownSystem
from chalicelib.imports.systems import SystemOptions, mapped, translator
from chalicelib.imports.systems.suggestion import suggested

ALLOWED = frozenset(COLUMNS["users"])
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
RAILS = (
    "id,email,encrypted_password,reset_password_token,confirmed_at,full_name,created_at,plan\n"
    f"42,ann@example.com,{BCRYPT},t0ken,2024-01-02 03:04:05,Ann Poe,2023-01-01,gold\n"
    f"43,bea@example.com,{BCRYPT},,,Bea,2023-01-01,\n"
)
LEGACY = {"created_at": "2023-01-01", "plan": "gold"}


def of(row: dict, **columns: str):
    return translator(
        "Mapped", SystemOptions(columns={name.replace("__", " "): to for name, to in columns.items()})
    )(row)


def rows_of(text: str, columns: dict[str, str]) -> list[dict]:
    opened = open_rows(iter([text.encode()]), ALLOWED, columns=columns)
    translate = translator(opened.system, SystemOptions(columns=columns))
    return [translate(json.loads(row.text)).row for row in opened.rows]


def test_the_example_of_the_documentation():
    columns = {"encrypted_password": "password_hash", "confirmed_at": "email_verified", "full_name": "name",
               "email": "email", "*": "metadata.legacy.*"}  # fmt: skip
    ann, bea = rows_of(RAILS, columns)
    assert ann == {
        "email": "ann@example.com",
        "password_hash": BCRYPT,
        "email_verified": True,
        "name": "Ann Poe",
        "metadata": {"legacy": {"id": "42", **LEGACY}},
    }
    assert "email_verified" not in bea


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        ("t", "email_verified", True),
        ("2024-01-02", "email_verified", True),
        (1700000000, "email_verified", True),
        ("no", "email_verified", False),
        ("unverified", "email_verified", "unverified"),
        ("pending", "email_verified", "pending"),
        ("anything", "email_verified:set", True),
        ("0", "email_verified:set", False),
        ("36.0", "age", 36),
        (36, "age", 36),
        ("1985-02-01T00:00:00Z", "birthdate", "1985-02-01"),
        ("1.2.1985", "birthdate:dmy", "1985-02-01"),
        ("02/01/1985", "birthdate:mdy", "1985-02-01"),
        ("1700000000", "terms_accepted_at", "2023-11-14T22:13:20.000Z"),
        (1700000000000, "terms_accepted_at:epoch", "2023-11-14T22:13:20.000Z"),
        ("2023-11-14 22:13:20", "terms_accepted_at", "2023-11-14T22:13:20.000Z"),
        ("editor, viewer", "roles", ["editor", "viewer"]),
        ('["editor"]', "roles", ["editor"]),
        ("{editor,viewer}", "roles:list", ["editor", "viewer"]),
        ("1", "status:enabled", "active"),
        ("0", "status:enabled", "disabled"),
        (True, "status:disabled", "disabled"),
        (42, "id", "42"),
        (" Ann ", "name", "Ann"),
        ('{"a": 1}', "attributes", {"a": 1}),
        ("gold", "attributes.plan", {"plan": "gold"}),
        ("7", "metadata.crm.id:number", {"crm": {"id": 7}}),
        ("x", "metadata.a.b", {"a": {"b": "x"}}),
        ("wahr", "email_verified:truth", "wahr"),
        ("31/02/x", "birthdate:dmy", "31/02/x"),
    ],
)
def test_values_are_converted_by_their_field_or_as_the_job_says(value, target, expected):
    assert list(of({"c": value}, c=target).row.values()) == [expected]


@pytest.mark.parametrize("nothing", ["", " ", "NULL", "null", "\\N", None, "0000-00-00 00:00:00"])
def test_what_stands_for_nothing_is_nothing(nothing):
    assert of({"c": nothing}, c="name").row == {}


def test_parts_of_a_name_are_joined_and_of_others_the_first_counts():
    row = {"first": "Ann", "last": "Poe", "mail": "", "mail2": "b@example.com", "mail3": "c@example.com"}
    translation = of(row, first="name", last="name", mail="email", mail2="email", mail3="email")
    assert translation.row == {"name": "Ann Poe", "email": "b@example.com"}


def test_members_of_members_are_named_with_dots():
    row = {"_id": {"$oid": "5f7c"}, "profile": {"name": {"full": "Ann"}}, "a.b": "literal"}
    columns = {"_id.$oid": "id", "profile.name.full": "name", "a.b": "attributes.x"}
    translation = translator("Mapped", SystemOptions(columns=columns))(row)
    assert translation.row == {"id": "5f7c", "name": "Ann", "attributes": {"x": "literal"}}


def test_the_others_are_taken_but_no_secrets():
    row = {"name": "Ann", "plan": "gold", "api_key": "s", "reset_token": "s", "pwd": "s", "empty": ""}
    translation = of(row, name="name", **{"*": "attributes.*"})
    assert translation.row == {"name": "Ann", "attributes": {"plan": "gold"}}
    assert {note.name for note in translation.notes} == {"api_key", "reset_token", "pwd"}


def test_what_no_column_names_within_an_object_is_among_the_others_but_no_secrets():
    row = {
        "profile": {"first": "Ann", "city": "Oslo", "nothing": ""},
        "services": {"password": {"bcrypt": BCRYPT}, "resume": {"loginTokens": [{"when": 1}]}},
        "phones": [{"number": "1", "otp_seed": "s"}, "2"],
    }
    translation = of(row, **{"profile.first": "name", "*": "metadata.legacy.*"})
    legacy = {"profile": {"city": "Oslo"}, "phones": [{"number": "1"}, "2"]}
    assert translation.row == {"name": "Ann", "metadata": {"legacy": legacy}}
    assert {note.name for note in translation.notes} == {"services", "phones.otp_seed"}


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ([[{"password": "s", "city": "Oslo"}]], [[{"city": "Oslo"}]]),
        ([[[{"token": "s"}]]], None),
        ([BCRYPT, "a"], ["a"]),
        (BCRYPT, None),
        ("pbkdf2_sha256$1000$salt$hash", None),
        ("{SSHA}AAAA", None),
        ('{"provider": "x", "access_token": "s"}', None),
        ('[{"a": [{"senha": "s"}]}]', None),
        ('{"city": "Oslo"}', '{"city": "Oslo"}'),
        ("{not JSON", "{not JSON"),
        ("$100", "$100"),
    ],
)
def test_the_others_have_no_secrets_however_deep_or_in_a_text(value, taken):
    translation = of({"id": "1", "data": value}, id="id", **{"*": "metadata.*"})
    assert translation.row.get("metadata", {}).get("data") == taken
    assert translation.notes or taken == value or taken == ["a"]


@pytest.mark.parametrize(
    "name", ["pw", "user_pw", "Senha", "Kennwort", "security_answer", "accessKey", "session_id"]
)
def test_the_others_are_not_called_like_a_secret(name):
    assert of({"id": "1", name: "s"}, id="id", **{"*": "metadata.*"}).row == {"id": "1"}


def test_what_goes_nowhere_is_named():
    translation = of({"name": "Ann", "plan": "gold", "phone": "1"}, name="name", phone="")
    assert sorted(translation.notes) == [("left_out", "phone"), ("left_out", "plan")]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"a": "nickname"}, "a must go to one of id, email"),
        ({"a": "email.b"}, "a must go to a field, or to a member"),
        ({"a": "metadata."}, "a must go to a field, or to a member"),
        ({"a": "metadata.*"}, r"\*, which stands for all other columns"),
        ({"*": "metadata.a"}, r"\*, which stands for all other columns"),
        ({"*": "name"}, r"\*, which stands for all other columns"),
        ({"a": "birthdate:ydm"}, "a must be converted by one of text"),
        ({"": "name"}, "1 to 200 characters"),
        ({"a" * 201: "name"}, "1 to 200 characters"),
        ({str(n): "name" for n in range(201)}, "more than 200 columns"),
        ({f"{n:0200}": "name" for n in range(180)}, "32,768 bytes"),
        ({"a\ud800": "name"}, "not in Unicode"),
        ({"a": "metadata.\ud800"}, "not in Unicode"),
    ],
)
def test_a_mapping_that_goes_nowhere_says_why(columns, reason):
    with pytest.raises(ValueError, match=reason):
        mapped.parsed(columns)


def test_a_file_without_the_columns_of_its_mapping_is_refused():
    with pytest.raises(FileRefused, match="no header with one of the columns that the job maps"):
        rows_of(RAILS, {"Mail": "email"})


def test_a_table_without_a_header_is_refused_without_a_word_of_its_first_row():
    """It would be in the reason of the job, which is kept."""
    with pytest.raises(FileRefused) as refused:
        open_rows(iter([f"bob,{BCRYPT},Bob Smith\nann,{BCRYPT},Ann Poe\n".encode()]), ALLOWED)
    assert "bob" not in str(refused.value)
    assert BCRYPT[:10] not in str(refused.value)


def sample(data: str) -> list:
    with pytest.raises(UnknownSystem) as unknown:
        open_rows(iter([data.encode()]), ALLOWED)
    return list(unknown.value.sample)


MONGO = json.dumps(
    {"_id": {"$oid": "5f7c"}, "username": "ann@example.com", "password": BCRYPT, "__v": 0, "isActive": True}
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (RAILS, {"id": "id", "email": "email", "encrypted_password": "password_hash", "confirmed_at": "email_verified",
                 "full_name": "name", "*": "metadata.legacy.*"}),
        (MONGO, {"_id.$oid": "id", "username": "email", "password": "password_hash", "*": "metadata.legacy.*"}),
        (f"[{MONGO}]", {"_id.$oid": "id", "username": "email", "password": "password_hash", "*": "metadata.legacy.*"}),
        ("E-Mail;Vorname;first_name;surname\na@b.example;A;Ann;Poe\n",
         {"E-Mail": "email", "first_name": "name", "surname": "name", "*": "metadata.legacy.*"}),
        ("user_login,user_pass,user_email\nann,hunter2,ann@example.com\n",
         {"user_email": "email", "*": "metadata.legacy.*"}),
        ("mail,dob\na@b.example,03/04/1990\nc@b.example,28.12.1990\n", {"mail": "email", "dob": "birthdate:dmy"}),
        ("mail,dob\na@b.example,12/28/1990\n", {"mail": "email", "dob": "birthdate:mdy"}),
        ("mail,dob\na@b.example,03/04/1990\n", {"mail": "email", "dob": "birthdate"}),
        ("mail,dob\na@b.example,28/12/90\n", {"mail": "email", "dob": "birthdate"}),
        ("login,dob,active\nann@example.com,1985-02-01,1\n",
         {"login": "email", "dob": "birthdate", "active": "status:enabled"}),
    ],
)  # fmt: skip
def test_a_mapping_is_suggested_by_names_and_values(data, expected):
    assert suggested(sample(data)) == expected
    mapped.parsed(expected)


def test_a_suggestion_names_no_column_that_a_mapping_may_not():
    spaces = [" " * number for number in range(1, 120)]
    names = [f"{part}{space}name" for part in ("first", "last") for space in spaces]
    columns = suggested([{"mail": "a@b.example", f"e{'-' * 200}mail": "a@b.example", **dict.fromkeys(names, "A")}])
    assert columns == {"mail": "email", "first name": "name", "last name": "name", "*": "metadata.legacy.*"}
    mapped.parsed(columns)


def test_a_column_of_hashes_is_one_whatever_it_is_called():
    rows = [{"mail": "a@b.example", "digest": BCRYPT}, {"mail": "b@b.example", "digest": ""}]
    assert suggested(rows) == {"mail": "email", "digest": "password_hash"}
    assert "digest" not in suggested([*rows, {"digest": "hunter2"}])
    assert suggested([{"password": BCRYPT, "digest": BCRYPT}])["password"] == "password_hash"


def test_no_plain_password_is_suggested_as_a_hash():
    assert "password" not in suggested([{"mail": "a@b.example", "password": "hunter2"}])


ROWS = st.dictionaries(
    st.text(min_size=1, max_size=8), st.none() | st.text(max_size=5) | st.integers(), max_size=5
)


@given(st.lists(ROWS, max_size=3))
def test_every_suggestion_is_a_mapping(rows):
    columns = suggested(rows)
    mapped.parsed(columns)
    for row in rows:
        translator("Mapped", SystemOptions(columns=columns))(row)
