"""People out of FusionAuth, and out of the directories Okta and Entra ID, member by member."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.imports.systems import SystemOptions, Translation, translator

OBJECT_ID = "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01"
B2C_NAME = f"{OBJECT_ID}@t.onmicrosoft.com"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def of(system: str, row: dict[str, Any], **options: Any) -> Translation:
    return translator(system, SystemOptions(**options))(row)


@pytest.mark.parametrize(
    ("row", "email"),
    [
        ({"mail": "a@b.example", "userPrincipalName": "c@d.example"}, "a@b.example"),
        ({"mail": None, "userPrincipalName": "c@d.example"}, "c@d.example"),
        ({"UserPrincipalName": "c@d.example", "Mail": ""}, "c@d.example"),
        ({"userPrincipalName": "a_b.example#EXT#@t.onmicrosoft.com"}, None),
        ({"userPrincipalName": B2C_NAME}, None),
        ({"userPrincipalName": B2C_NAME, "otherMails": ["a@b.example"]}, "a@b.example"),
        ({"userPrincipalName": B2C_NAME, "alternateEmailAddress": "a@b.example"}, "a@b.example"),
        (
            {
                "userPrincipalName": B2C_NAME,
                "identities": [{"signInType": "emailAddress", "issuer": "t", "issuerAssignedId": "a@b.example"}],
            },
            "a@b.example",
        ),
    ],
)
def test_an_address_of_entra_is_one_that_has_a_mailbox(row, email):
    found = of("Entra ID", row).row
    assert (found.get("email"), "email_verified" in found) == (email, False)


@pytest.mark.parametrize(
    ("issuer", "connection", "kind"),
    [
        ("google.com", "google", "google"),
        ("appleid.apple.com", "appleid.apple", "apple"),
        ("facebook.com", "facebook", None),
        ("https://login.microsoftonline.com/t/v2.0", "https://login.microsoftonline.com/t/v2.0", "entra"),
        ("login.live.com", "login.live", "entra"),
        ("MicrosoftAccount", "microsoftaccount", "entra"),
    ],
)
def test_identities_of_customers_come_along_but_never_as_microsofts(issuer, connection, kind):
    member = {"signInType": "federated", "issuer": issuer, "issuerAssignedId": "7"}
    (identity,) = of("Entra ID", {"id": OBJECT_ID, "identities": [member]}).row["identities"]
    assert (identity["connection"], identity.get("kind"), identity["subject"]) == (connection, kind, "7")


def test_nobodys_object_id_becomes_a_subject():
    member = {"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": None}
    found = of("Entra ID", {"id": OBJECT_ID, "identities": [member]})
    assert found.row == {"id": OBJECT_ID}
    assert "identities" in {note.name for note in found.notes}


@pytest.mark.parametrize("value", [False, "False", "FALSE", "false"])
def test_a_disabled_account_of_entra_is_disabled(value):
    assert of("Entra ID", {"id": "u", "accountEnabled": value}).row["status"] == "disabled"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("SUSPENDED", "disabled"),
        ("DEPROVISIONED", "disabled"),
        *((each, None) for each in ("ACTIVE", "STAGED", "LOCKED_OUT")),
    ],
)
def test_a_status_of_okta(status, expected):
    for row in ({"status": status, "profile": {}}, {"status": status, "profile.login": "a"}, {"Status": status}):
        assert of("Okta", row).row.get("status") == expected


def test_what_an_organization_says_is_for_administrators_and_a_secret_for_nobody():
    profile = {"nickName": "Ada", "department": "Engines", "shirtSize": "M", "badgeToken": "s", "city": ""}
    expected = {"attributes": {"nickname": "Ada"}, "metadata": {"department": "Engines", "shirtSize": "M"}}
    found = of("Okta", {"profile": profile})
    assert (found.row, [note.name for note in found.notes]) == (expected, ["profile.badgeToken"])
    assert of("Okta", {f"profile.{name}": value for name, value in profile.items()}).row == expected


@pytest.mark.parametrize(
    ("emails", "verified"),
    [
        ([{"value": "a@b.example", "status": "VERIFIED"}], True),
        ([{"value": "a@b.example", "status": "UNVERIFIED"}], False),
        ([{"value": "c@d.example", "status": "VERIFIED"}], None),
        (None, None),
    ],
)
def test_an_address_of_okta_is_verified_where_it_says_so(emails, verified):
    row = {"profile": {"email": "a@b.example"}, "credentials": {"emails": emails}}
    assert of("Okta", row).row.get("email_verified") is verified


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        ({"algorithm": "HmacSHA1", "codeLength": 6, "timeStep": 30}, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        ({"algorithm": "HmacSHA256"}, None),
        ({"timeStep": 60}, None),
    ],
)
def test_a_secret_of_fusionauth_is_the_base64_of_its_bytes(settings, expected):
    """That of RFC 6238, appendix B."""
    method = {"method": "authenticator", "secret": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "authenticator": settings}
    found = of("FusionAuth", {"twoFactor": {"methods": [method]}}).row
    assert found.get("totp_secret") == expected
    assert found.get("metadata") == (None if expected else {"second_factors_left_behind": ["totp"]})


def test_a_person_of_fusionauth_whose_time_is_over_is_disabled():
    with clock.held(NOW):
        milliseconds = clock.epoch() * 1000
        assert of("FusionAuth", {"expiry": milliseconds - 1}).row == {"status": "disabled"}
        assert of("FusionAuth", {"expiry": milliseconds + 1}).row == {}
    assert of("FusionAuth", {"active": False}).row == {"status": "disabled"}


def test_roles_of_fusionauth_are_those_of_all_registrations():
    row = {"registrations": [{"roles": ["editor", "admin"]}, {"roles": ["editor"]}, {"roles": None}]}
    assert of("FusionAuth", row).row == {"metadata": {"groups": ["editor", "admin"]}}
    assert of("FusionAuth", row, groups_as_roles=True).row == {"roles": ["editor", "admin"]}


def test_a_hash_of_fusionauth_is_of_its_default_scheme_where_none_is_named():
    row = {"salt": "MDEyMzQ1Njc4OWFiY2RlZg==", "password": "lK8AFoqkK3dv5xzpiR7JlsnbLgUYJgjxW8hIt03UtVc="}
    assert of("FusionAuth", row).row["password_hash"].startswith("$pbkdf2-sha256$i=24000")
    plain = of("FusionAuth", {"password": "hunter2"})
    assert (plain.row, [note.name for note in plain.notes]) == ({}, ["password"])
