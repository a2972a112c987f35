"""Cognito's people as its API lists them, in each form of its answers."""

from __future__ import annotations

import json

import pytest

from chalicelib.imports.formats import open_rows
from chalicelib.imports.systems import SystemOptions, translator

SUB = "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01"


def user(username: str = SUB, **attributes: str) -> dict:
    named = [{"Name": name.replace("__", ":"), "Value": value} for name, value in attributes.items()]
    return {"Username": username, "Attributes": named, "Enabled": True, "UserStatus": "CONFIRMED"}


def made(row: dict, **options: bool):
    return translator("Cognito", SystemOptions(**options))(row)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (user(sub=SUB, email="a@b.example", email_verified="true"),
         {"id": SUB, "email": "a@b.example", "email_verified": True}),
        (user("ann", sub=SUB), {"id": SUB, "attributes": {"username": "ann"}}),
        (user("a@b.example", sub=SUB, email="a@b.example"), {"id": SUB, "email": "a@b.example"}),
        (user("ann"), {"attributes": {"username": "ann"}}),
        (user(sub=SUB, custom__plan="pro", dev__custom__crm="7"), {"id": SUB, "metadata": {"plan": "pro", "crm": "7"}}),
        ({"Username": SUB, "Enabled": False}, {"attributes": {"username": SUB}, "status": "disabled"}),
        ({**user(sub=SUB), "UserStatus": "COMPROMISED"}, {"id": SUB, "status": "disabled"}),
        ({**user(sub=SUB), "UserStatus": "FORCE_CHANGE_PASSWORD"}, {"id": SUB}),
        ({**user(sub=SUB), "UserMFASettingList": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"], "MFAOptions": [{}]},
         {"id": SUB, "metadata": {"second_factors_left_behind": ["email", "sms", "totp"]}}),
        ({**user(sub=SUB), "Groups": ["Editors", {"GroupName": "night shift"}]},
         {"id": SUB, "metadata": {"groups": ["Editors", "night shift"]}}),
    ],
)  # fmt: skip
def test_members_become_fields(row, expected):
    translation = made(row)
    assert (translation.row, translation.faults) == (expected, [])


def test_groups_become_roles_where_the_job_says_so():
    translation = made({**user(sub=SUB), "Groups": ["Editors", "night shift"]}, groups_as_roles=True)
    assert (translation.row["roles"], [note.name for note in translation.notes]) == (["editors"], ["Groups"])


def test_attributes_that_no_field_takes_are_named():
    row = user(sub=SUB, phone_number_verified="true", updated_at="1700000000")
    assert {note.name for note in made(row).notes} == {"Attributes.phone_number_verified", "Attributes.updated_at"}


USERS = [user(sub=f"{SUB}{number}") for number in range(3)]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"Users": USERS}, indent=4),
        json.dumps([{"Users": USERS[:2], "PaginationToken": "x", "ResponseMetadata": {}}, {"Users": USERS[2:]}]),
        "\n".join(json.dumps({"Users": [each], "PaginationToken": "x"}) for each in USERS),
        "\n".join(map(json.dumps, USERS)),
        json.dumps(USERS),
    ],
    ids=["listing", "array of pages", "pages", "lines", "array"],
)
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_every_form_of_a_listing_says_the_same(data, size):
    blocks = (data.encode()[start : start + size] for start in range(0, len(data), size))
    opened = open_rows(blocks, frozenset({"id"}))
    assert opened.system == "Cognito"
    assert [json.loads(row.text) for row in opened.rows] == USERS
