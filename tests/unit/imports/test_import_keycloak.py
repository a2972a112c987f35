"""Keycloak's people, member by member."""

from __future__ import annotations

import json

import pytest

from chalicelib.imports.formats import open_rows
from chalicelib.imports.systems import SystemOptions, translator

CODES = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}


def made(row: dict, **options: bool):
    asked = SystemOptions(hash_plain=lambda password: f"hash of {password}", **options)
    return translator("Keycloak", asked)(row)


def credential(kind: str, secret: object, data: object) -> dict:
    return {"type": kind, "secretData": json.dumps(secret), "credentialData": json.dumps(data)}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"username": "ann@example.com"}, {"email": "ann@example.com"}),
        ({"username": "ann@example.com", "emailVerified": True}, {"email": "ann@example.com"}),
        ({"username": "ann", "email": "a@b.example"}, {"email": "a@b.example", "attributes": {"username": "ann"}}),
        ({"firstName": "Ann", "lastName": "Poe", "emailVerified": True},
         {"name": "Ann Poe", "email_verified": True,
          "attributes": {"given_name": "Ann", "family_name": "Poe"}}),
        ({"enabled": False}, {"status": "disabled"}),
        ({"attributes": {"locale": ["pt_BR"], "birthdate": ["1985-12-10"], "nickname": ["a"], "plan": ["gold"],
                         "teams": ["a", "b"], "phone": ["+1"], "phoneNumber": ["+2"]}},
         {"locale": "pt-BR", "birthdate": "1985-12-10", "attributes": {"nickname": "a", "phone_number": "+1"},
          "metadata": {"plan": "gold", "teams": ["a", "b"], "phoneNumber": "+2"}}),
        ({"attributes": {"locale": ["no language"]}}, {"attributes": {"locale": "no language"}}),
        ({"credentials": [{"type": "password", "value": "plain"}]}, {"password_hash": "hash of plain"}),
        ({"credentials": [{"type": "password-history"}]}, {}),
        ({"credentials": [{"type": "webauthn"}, {"type": "webauthn-passwordless"}, {"type": "recovery-authn-codes"}]},
         {"metadata": {"second_factors_left_behind": ["recovery-authn-codes", "webauthn", "webauthn-passwordless"]}}),
    ],
)  # fmt: skip
def test_members_become_fields(row, expected):
    translation = made(row)
    assert (translation.row, translation.faults) == (expected, [])


@pytest.mark.parametrize(
    ("entry", "secret", "left_behind"),
    [
        (credential("otp", {"value": "12345678901234567890"}, CODES), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", []),
        (credential("otp", {"value": "JBSWY3DP" * 4}, {**CODES, "secretEncoding": "BASE32"}), "JBSWY3DP" * 4, []),
        ({"type": "totp", "value": "12345678901234567890", "digits": 6, "period": 30, "algorithm": "HmacSHA1"},
         "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", []),
        (credential("otp", {"value": "a" * 20}, {**CODES, "digits": 8}), None, ["totp"]),
        (credential("otp", {"value": "a" * 20}, {**CODES, "algorithm": "HmacSHA256"}), None, ["totp"]),
        (credential("otp", {"value": "a" * 20}, {**CODES, "subType": "hotp"}), None, ["hotp"]),
    ],
)  # fmt: skip
def test_codes_go_on_where_they_can(entry, secret, left_behind):
    row = made({"credentials": [entry]}).row
    assert row.get("totp_secret") == secret
    assert row.get("metadata", {}).get("second_factors_left_behind", []) == left_behind


def test_a_second_secret_of_codes_is_left_behind():
    entries = [credential("otp", {"value": letter * 20}, CODES) for letter in "ab"]
    row = made({"credentials": entries}).row
    assert (row["totp_secret"][:4], row["metadata"]) == ("MFQW", {"second_factors_left_behind": ["totp"]})


def test_identities_belong_to_the_alias():
    identities = [
        {"identityProvider": "google", "userId": "114", "userName": "a@gmail.example"},
        {"identityProvider": "Corp", "userId": "c-1"},
        {"identityProvider": "microsoft", "userId": "3f1c"},
    ]
    assert made({"federatedIdentities": identities}).row["identities"] == [
        {"connection": "google", "subject": "114", "kind": "google", "label": "a@gmail.example"},
        {"connection": "corp", "subject": "c-1"},
        {"connection": "microsoft", "subject": "3f1c", "kind": "microsoft.com"},
    ]


MEMBERSHIPS = {
    "realmRoles": ["Editor", "offline_access", "default-roles-x"],
    "groups": ["/staff", "/staff/uk"],
    "clientRoles": {"shop": ["buyer"], "account": ["view-profile"]},
}


@pytest.mark.parametrize(
    ("as_roles", "fields", "left_out"),
    [
        (False, {"metadata": {"groups": ["Editor", "staff", "staff/uk", "shop/buyer"]}}, {"clientRoles.account"}),
        (True, {"roles": ["editor", "staff"]}, {"clientRoles.account", "clientRoles.shop", "groups"}),
    ],
)
def test_roles_and_groups_become_roles_where_the_job_says_so(as_roles, fields, left_out):
    translation = made(MEMBERSHIPS, groups_as_roles=as_roles)
    assert (translation.row, {note.name for note in translation.notes}) == (fields, left_out)


def test_more_groups_than_there_is_room_for_are_named():
    names = [f"group {number}" for number in range(60)]
    translation = made({"groups": names})
    assert (translation.row["metadata"]["groups"], [note.name for note in translation.notes]) == (
        names[:50],
        ["groups"],
    )


def test_the_account_of_a_machine_is_no_person():
    assert made({"username": "service-account-shop", "serviceAccountClientId": "shop"}).nobody


PERSON = {"id": "u", "username": "ann", "createdTimestamp": 1, "enabled": True}


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_may_have_several_realms(size, indent):
    realms = [{"realm": name, "roles": {"realm": []}, "users": [PERSON, PERSON], "clients": [{}]} for name in "ab"]
    data = json.dumps([*realms, {"realm": "c"}], indent=indent).encode()
    opened = open_rows((data[start : start + size] for start in range(0, len(data), size)), frozenset({"id"}))
    assert (opened.format, opened.system) == ("Keycloak, JSON", "Keycloak")
    assert [json.loads(row.text) for row in opened.rows] == [PERSON] * 4
    assert opened.notes.stored() == {"left_out roles": 2, "left_out clients": 2}
