"""Identities in other systems' rows, as rows of ours have them."""

from __future__ import annotations

import json

import pytest

from chalicelib.imports.systems import SystemOptions, translator

GOOGLE = "115740938573456784321"
APPLE = "001851.6cbb2f5fd1b44ba9a1e0b7a5d0a5d0a5.1012"

AUTH0 = [
    {"provider": "auth0", "connection": "Username-Password-Authentication", "user_id": "5f7c", "isSocial": False},
    {
        "provider": "google-oauth2",
        "connection": "google-oauth2",
        "user_id": GOOGLE,
        "isSocial": True,
        "profileData": {"email": "ann@gmail.example", "email_verified": True},
        "access_token": "ya29.x",
    },
    {"provider": "github", "connection": "github", "user_id": 583231, "isSocial": True},
    {"provider": "oidc", "connection": "Corp", "user_id": "Corp|00u1", "isSocial": False},
    {"provider": "samlp", "connection": "adfs", "user_id": "adfs|ann@corp.example", "isSocial": False},
]
COGNITO = [
    {
        "userId": GOOGLE,
        "providerName": "Google",
        "providerType": "Google",
        "issuer": None,
        "primary": "true",
        "dateCreated": "1639000000000",
    },
    {"userId": APPLE, "providerName": "SignInWithApple", "providerType": "SignInWithApple", "issuer": None},
    {"userId": "00u1", "providerName": "Corp", "providerType": "OIDC", "issuer": "https://corp.example"},
    {"userId": "ann", "providerName": "ADFS", "providerType": "SAML", "issuer": "http://adfs.example/trust"},
]
FIREBASE = [
    {"providerId": "password", "rawId": "ann@corp.example", "email": "ann@corp.example"},
    {"providerId": "phone", "phoneNumber": "+15550100"},
    {"providerId": "google.com", "rawId": GOOGLE, "email": "ann@gmail.example", "displayName": "Ann"},
    {"providerId": "facebook.com", "rawId": "10223"},
    {"providerId": "oidc.corp.com", "rawId": "00u1"},
    {"providerId": "saml.adfs", "rawId": "ann"},
    {"providerId": "microsoft.com", "rawId": "a2f0c7d8-0000-4000-8000-000000000000"},
]
KRATOS = {
    "password": {"identifiers": ["ann@corp.example"], "config": {}},
    "oidc": {
        "identifiers": [f"google:{GOOGLE}", "corp:00u1"],
        "config": {
            "providers": [
                {"provider": "google", "subject": GOOGLE, "initial_id_token": "e30"},
                {"provider": "corp", "subject": "00u1", "organization": ""},
            ]
        },
    },
    "saml": {"identifiers": ["adfs:ann"]},
}

ROWS = {
    "Auth0": (
        {"email": "ann@corp.example", "identities": AUTH0},
        [
            {"connection": "google-oauth2", "subject": GOOGLE, "kind": "google", "label": "ann@gmail.example"},
            {"connection": "github", "subject": "583231", "kind": "github"},
            {"connection": "corp", "subject": "00u1"},
            {"connection": "adfs", "subject": "ann@corp.example", "kind": "saml"},
        ],
    ),
    "Cognito": (
        {"email": "ann@corp.example", "identities": json.dumps(COGNITO)},
        [
            {"connection": "google", "subject": GOOGLE, "kind": "google"},
            {"connection": "signinwithapple", "subject": APPLE, "kind": "apple"},
            {"connection": "corp", "subject": "00u1", "issuer": "https://corp.example"},
            {"connection": "adfs", "subject": "ann", "kind": "saml"},
        ],
    ),
    "Firebase": (
        {"localId": "x1", "email": "ann@corp.example", "providerUserInfo": FIREBASE},
        [
            {"connection": "google", "subject": GOOGLE, "kind": "google", "label": "ann@gmail.example"},
            {"connection": "facebook", "subject": "10223"},
            {"connection": "corp.com", "subject": "00u1"},
            {"connection": "saml.adfs", "subject": "ann", "kind": "saml"},
            {
                "connection": "microsoft",
                "subject": "a2f0c7d8-0000-4000-8000-000000000000",
                "kind": "microsoft.com",
            },
        ],
    ),
    "Kratos": (
        {"traits": {"email": "ann@corp.example"}, "credentials": KRATOS},
        [
            {"connection": "google", "subject": GOOGLE, "kind": "google"},
            {"connection": "corp", "subject": "00u1"},
            {"connection": "adfs", "subject": "ann", "kind": "saml"},
        ],
    ),
}


@pytest.mark.parametrize("system", ROWS)
def test_identities_are_told_by_name_and_kind(system):
    row, expected = ROWS[system]
    translation = translator(system, SystemOptions())(row)
    assert (translation.row["identities"], translation.faults) == (expected, [])


@pytest.mark.parametrize("system", ["Auth0", "Firebase"])
def test_a_systems_own_ways_in_are_no_identities(system):
    row, _ = ROWS[system]
    field = "identities" if system == "Auth0" else "providerUserInfo"
    translation = translator(system, SystemOptions())({**row, field: row[field][:1]})
    assert ("identities" in translation.row, translation.faults) == (False, [])


@pytest.mark.parametrize(
    ("user_id", "kind"),
    [("Zk1_sub-7hJ3", "microsoft"), ("0c4d2a7e-9f3b-4c55-8a61-2f7d1e5b9c10", "waad")],
)
def test_an_object_id_is_no_subject_of_microsofts(user_id, kind):
    row = {"identities": [{"provider": "waad", "connection": "corp", "user_id": user_id, "isSocial": False}]}
    assert translator("Auth0", SystemOptions())(row).row["identities"] == [
        {"connection": "corp", "subject": user_id, "kind": kind}
    ]


def test_kratos_identifiers_stand_for_a_config_that_was_not_listed():
    oidc = {"identifiers": ["github:583231", "corp:a:b"], "config": {}}
    translation = translator("Kratos", SystemOptions())({"traits": {}, "credentials": {"oidc": oidc}})
    assert translation.row["identities"] == [
        {"connection": "github", "subject": "583231", "kind": "github"},
        {"connection": "corp", "subject": "a:b"},
    ]


LIST, EACH = "must be a list of objects", "must name a provider and a subject each"


@pytest.mark.parametrize(
    ("system", "row", "fault"),
    [
        ("Auth0", {"identities": "x"}, ("identities", LIST)),
        ("Auth0", {"identities": {"provider": "github"}}, ("identities", LIST)),
        ("Auth0", {"identities": [AUTH0[1], 1]}, ("identities", LIST)),
        ("Auth0", {"identities": [{"provider": "github", "connection": "github"}]}, ("identities", EACH)),
        ("Auth0", {"identities": [{"provider": ["auth0"], "user_id": "1"}]}, ("identities", EACH)),
        ("Cognito", {"identities": "[{"}, ("identities", "is not JSON: Expecting property name enclosed in ")),
        ("Cognito", {"identities": "7"}, ("identities", LIST)),
        ("Cognito", {"identities": '[{"userId": "1", "providerType": []}]'}, ("identities", EACH)),
        ("Firebase", {"providerUserInfo": [{"rawId": "1"}]}, ("providerUserInfo", EACH)),
        ("Firebase", {"providerUserInfo": [{"providerId": "oidc.", "rawId": "1"}]}, ("providerUserInfo", EACH)),
        ("Kratos", {"traits": {}, "credentials": {"oidc": "x"}}, ("credentials", LIST)),
        ("Kratos", {"traits": {}, "credentials": {"oidc": {"identifiers": [1]}}}, ("credentials", LIST)),
        ("Kratos", {"traits": {}, "credentials": {"oidc": {"identifiers": ["x"]}}}, ("credentials", EACH)),
    ],
)
def test_what_is_malformed_is_a_fault_of_its_member(system, row, fault):
    translation = translator(system, SystemOptions())(row)
    ((field, reason),) = translation.faults
    assert (field, reason.startswith(fault[1])) == (fault[0], True)
    assert "identities" not in translation.row


def test_a_subject_that_is_a_list_is_refused_by_the_rule_of_identities():
    row = {"identities": [{"provider": "github", "connection": "github", "user_id": [1]}]}
    assert translator("Auth0", SystemOptions())(row).row["identities"][0]["subject"] == [1]
