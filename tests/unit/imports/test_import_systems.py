"""Rows of other systems as rows of ours, member by member."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.imports.formats import cognito_csv
from chalicelib.imports.systems import MODULES, SystemOptions, system_of, translator
from chalicelib.profile import check_fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = (
    "email",
    "email_verified",
    "name",
    "given_name",
    "user_id",
    "user_metadata",
    "app_metadata",
    "blocked",
    "mfa_factors",
    "password_hash",
    "custom_password_hash",
    "cognito:username",
    "cognito:mfa_enabled",
    "cognito:password_hash",
    "birthdate",
    "custom:plan",
    "localId",
    "emailVerified",
    "displayName",
    "customAttributes",
    "passwordHash",
    "_id",
    "salt",
    "mfaInfo",
    "traits",
    "create",
    "credentials",
    "state",
    "verifiable_addresses",
    "metadata_public",
    "metadata_admin",
    "id",
    "identities",
    "providerUserInfo",
    "primary_email_address",
    "primary_email_address_id",
    "verified_email_addresses",
    "email_addresses",
    "phone_numbers",
    "external_accounts",
    "unsafe_metadata",
    "public_metadata",
    "privateMetadata",
    "password_digest",
    "password_hasher",
    "totp_secret",
    "passkeys",
    "encrypted_password",
    "email_confirmed_at",
    "banned_until",
    "deleted_at",
    "raw_user_meta_data",
    "raw_app_meta_data",
    "factors",
    "phone",
    "accounts",
    "image",
    "role",
    "banned",
    "banExpires",
    "isAnonymous",
    "providerId",
    "providerAccountId",
    "accountId",
    "type",
    "password",
    "profile",
    "status",
    "profile.login",
    "userPrincipalName",
    "mail",
    "otherMails",
    "accountEnabled",
    "registrations",
    "twoFactor",
    "preferredLanguages",
    "expiry",
    "data",
    "username",
    "federatedIdentities",
    "realmRoles",
    "Username",
    "Attributes",
    "UserAttributes",
    "Enabled",
    "UserStatus",
    "UserMFASettingList",
    "MFAOptions",
    "Groups",
    "model",
    "pk",
    "fields",
    "authenticator_set",
    "totpdevice_set",
    "emailaddress_set",
    "clientRoles",
    "groups",
    "attributes",
)


def made(system: str, row: dict, **asked: str) -> tuple[dict, list]:
    translation = translator(system, SystemOptions(**asked))(row)
    return translation.row, translation.faults


@pytest.mark.parametrize(
    ("system", "row", "expected"),
    [
        ("Auth0", {"user_id": "a@b"}, {}),
        (
            "Auth0",
            {"given_name": "Ann", "family_name": "B"},
            {"name": "Ann B", "attributes": {"given_name": "Ann", "family_name": "B"}},
        ),
        ("Auth0", {"user_metadata": {"nickname": "own"}, "nickname": "n"}, {"attributes": {"nickname": "own"}}),
        ("Auth0", {"user_metadata": [1]}, {"attributes": [1]}),
        ("Auth0", {"blocked": False}, {}),
        (
            "Auth0",
            {"_id": {"$oid": "5f7f"}, "passwordHash": "$2b$10$x", "tenant": "t", "_tmp_is_unique": True},
            {"id": "auth0|5f7f", "password_hash": "$2b$10$x"},
        ),
        ("Auth0", {"_id": "5f7f"}, {}),
        (
            "Auth0",
            {"mfa_factors": [{"totp": {"secret": "A"}}, {"totp": {"secret": "B"}}, {"email": {"value": "x"}}]},
            {"totp_secret": "A", "metadata": {"second_factors_left_behind": ["totp", "email"]}},
        ),
        ("Cognito", {"cognito:username": "a@b.example", "email": "a@b.example"}, {"email": "a@b.example"}),
        ("Cognito", {"cognito:username": "a b"}, {"attributes": {"username": "a b"}}),
        ("Cognito", {"email_verified": "TRUE"}, {"email_verified": True}),
        ("Cognito", {"email_verified": "perhaps"}, {"email_verified": "perhaps"}),
        ("Cognito", {"birthdate": "1990-02-01"}, {"birthdate": "1990-02-01"}),
        ("Cognito", {"custom:plan": "gold", "updated_at": "7"}, {"metadata": {"plan": "gold"}}),
        ("Firebase", {"disabled": True}, {"status": "disabled"}),
        ("Firebase", {"customAttributes": "{}"}, {}),
        ("Firebase", {"mfaInfo": [{"phoneInfo": "+1"}]}, {"metadata": {"second_factors_left_behind": ["phone"]}}),
        (
            "Firebase",
            {"mfaInfo": [{"totpInfo": {}}, {"phoneInfo": "+1"}, {"phoneInfo": "+2"}]},
            {"metadata": {"second_factors_left_behind": ["phone", "totp"]}},
        ),
        (
            "Kratos",
            {"traits": {"email": "a@b.example", "name": {"last": "B"}}},
            {"email": "a@b.example", "name": "B"},
        ),
        (
            "Kratos",
            {"traits": {}, "credentials": {"password": {"identifiers": ["ann", "a@b.example"]}}},
            {"email": "a@b.example"},
        ),
        (
            "Kratos",
            {
                "traits": {"email": "a@b.example"},
                "verifiable_addresses": [{"value": "A@b.example", "verified": True}],
            },
            {"email": "a@b.example", "email_verified": True},
        ),
        (
            "Kratos",
            {
                "traits": {"email": "a@b.example"},
                "verifiable_addresses": [{"value": "c@b.example", "verified": True}],
            },
            {"email": "a@b.example"},
        ),
        ("Kratos", {"traits": {}, "state": "inactive"}, {"status": "disabled"}),
        (
            "Kratos",
            {"traits": {}, "metadata_public": {"a": 1}, "metadata_admin": {"a": 2}},
            {"metadata": {"a": 2}},
        ),
    ],
)
def test_members_become_fields(system, row, expected):
    assert made(system, row) == (expected, [])


@pytest.mark.parametrize(
    ("system", "row"),
    [
        ("Auth0", {"name": "Ada\tKing"}),
        ("Cognito", {"given_name": "Ada\n", "family_name": "King"}),
        ("Firebase", {"displayName": "Ada\r\n\r\nKing\n"}),
        ("Kratos", {"traits": {"name": {"first": "Ada", "last": "\u2028King"}}}),
    ],
)
def test_a_name_is_one_line(system, row):
    fields, wrong = check_fields(made(system, row)[0])
    assert (fields["name"], wrong) == ("Ada King", [])


def test_a_name_of_blanks_is_none():
    assert made("Firebase", {"displayName": " \n "}) == ({}, [])


def test_traits_lie_where_the_job_says():
    row = {"traits": {"contact": {"mail": "a@b.example"}, "title": "Ann", "plan": 1}}
    expected = {"email": "a@b.example", "name": "Ann", "attributes": {"plan": 1}}
    assert made("Kratos", row, kratos_email="contact.mail", kratos_name="title") == (expected, [])


def test_a_totp_url_is_handed_on_to_the_rule_of_secrets():
    url = "otpauth://totp/Shop:a?secret=ABC&issuer=Shop"
    row = {"traits": {}, "credentials": {"totp": {"config": {"totp_url": url}}}}
    assert made("Kratos", row) == ({"totp_secret": url}, [])


@pytest.mark.parametrize(
    ("members", "system"),
    [
        ({"email", "name", "password_hash"}, "Rollcall"),
        ({"email", "user_id"}, "Auth0"),
        ({"_id", "email", "passwordHash", "connection"}, "Auth0"),
        ({"email", "passwordHash", "localId"}, "Firebase"),
        ({"email", "user_id", "age"}, None),
        ({"localId"}, "Firebase"),
        ({"traits", "id"}, "Kratos"),
        ({"create"}, "Kratos"),
        (set(), "Rollcall"),
    ],
)
def test_members_tell_the_system(members, system):
    assert system_of([frozenset(members)]) == system


@pytest.mark.slow
@given(st.sampled_from(sorted(MODULES)), st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=6))
def test_no_row_breaks_a_translation(system, row):
    _, faults = made(system, row)
    assert all(isinstance(field, str) and reason for field, reason in faults)


@given(st.lists(st.text(alphabet='ab,\\" ', max_size=8), min_size=2, max_size=5))
def test_commas_of_cognito_are_escaped_by_a_backslash(values):
    cells = [value.replace("\\", "").strip() for value in values]
    line = ",".join(cell.replace(",", "\\,") for cell in cells)
    header = ",".join(f"cognito:{number}" for number in range(len(cells)))
    rows = list(cognito_csv.rows(iter([f"{header}\n{line}\n".encode()])))
    expected = {f"cognito:{number}": cell for number, cell in enumerate(cells) if cell}
    if line.strip():
        assert [json.loads(row.text) for row in rows] == [expected]
