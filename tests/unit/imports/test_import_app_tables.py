"""People and their accounts out of the tables of better-auth and NextAuth."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.imports.systems import SystemOptions, Translation, translator

OBJECT_ID = "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01"


def of(system: str, row: dict[str, Any], **options: Any) -> Translation:
    return translator(system, SystemOptions(**options))(row)


@pytest.mark.parametrize(
    "verified",
    [
        True,
        1,
        "1",
        "t",
        "true",
        "2024-03-05T10:11:12Z",
        {"$date": "2024-03-05"},
        {"$date": {"$numberLong": "1709633472000"}},
    ],
)
def test_an_address_is_verified_by_a_truth_or_a_time(verified):
    assert of("NextAuth", {"emailVerified": verified}).row == {"email_verified": True}


@pytest.mark.parametrize("verified", [False, 0, "0", "f", None, "NULL", "0000-00-00 00:00:00"])
def test_an_address_is_not_verified_by_none(verified):
    assert of("better-auth", {"email_verified": verified}).row == {"email_verified": False}


@pytest.mark.parametrize(
    ("until", "status"),
    [
        (None, "disabled"),
        ("2026-03-01T11:59:59Z", None),
        ("2026-03-01T12:00:01Z", "disabled"),
        (1772366399000, None),
        (1772366401000, "disabled"),
        ("later", "disabled"),
    ],
)
def test_a_ban_counts_while_it_lasts(until, status):
    with clock.held(datetime(2026, 3, 1, 12, 0, tzinfo=UTC)):
        assert of("better-auth", {"banned": 1, "banExpires": until}).row.get("status") == status


@pytest.mark.parametrize(
    ("provider", "subject", "kind"),
    [
        ("google", "7", "google"),
        ("microsoft", "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "microsoft"),
        ("microsoft", OBJECT_ID, "entra"),
        ("azure-ad", OBJECT_ID.upper(), "entra"),
        ("facebook", "7", None),
        ("github", 583231, "github"),
    ],
)
def test_a_subject_of_microsoft_is_no_object_id(provider, subject, kind):
    for names in (("providerId", "accountId"), ("provider", "providerAccountId"), ("provider_id", "account_id")):
        row = {"accounts": [dict(zip(names, (provider, subject), strict=True))]}
        (identity,) = of("better-auth", row).row["identities"]
        assert (identity["connection"], identity.get("kind")) == (provider, kind)
        assert identity["subject"] == str(subject)


def test_no_token_of_an_account_goes_anywhere():
    tokens = dict.fromkeys(("accessToken", "refreshToken", "idToken", "access_token", "session_state"), "secret")
    found = of("better-auth", {"id": "u", "accounts": [{"providerId": "google", "accountId": "7", **tokens}]})
    assert "secret" not in str(found.row)
    assert {note.name for note in found.notes} == {f"accounts.{name}" for name in tokens}


def test_a_guest_is_nobody():
    found = of("better-auth", {"id": "u", "email": "temp@example.com", "isAnonymous": 1})
    assert (found.nobody, found.row) == ("anonymous", {})


def test_a_password_is_that_of_the_applications_own_account():
    accounts = [
        {"providerId": "google", "accountId": "7", "password": "x"},
        {"providerId": "credential", "password": "y"},
    ]
    assert of("better-auth", {"accounts": accounts}).row["password_hash"] == "y"
    assert of("better-auth", {"providerId": "credential", "password": "z"}).row == {"password_hash": "z"}


def test_roles_are_the_applications_own_unless_the_job_wants_them():
    assert of("better-auth", {"role": "admin,Editor,so called"}).row == {
        "metadata": {"groups": ["admin", "Editor", "so called"]}
    }
    found = of("better-auth", {"role": "admin,Editor,so called"}, groups_as_roles=True)
    assert found.row == {"roles": ["admin", "editor"]}
    assert [note.name for note in found.notes] == ["role"]
