"""People out of Clerk, member by member."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.imports.systems import SystemOptions, Translation, translator


def of(row: dict[str, Any]) -> Translation:
    return translator("Clerk", SystemOptions())(row)


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def renamed(value: Any) -> Any:
    """A value of the API as the SDK has it."""
    if isinstance(value, dict):
        return {camel(name): renamed(each) for name, each in value.items()}
    return [renamed(each) for each in value] if isinstance(value, list) else value


USER = {
    "id": "user_1",
    "first_name": "Ada",
    "primary_email_address_id": "idn_2",
    "email_addresses": [
        {"id": "idn_1", "email_address": "work@example.com", "verification": {"status": "verified"}},
        {"id": "idn_2", "email_address": "ada@example.com", "verification": {"status": "verified"}},
    ],
    "primary_phone_number_id": "idn_3",
    "phone_numbers": [{"id": "idn_3", "phone_number": "+1", "reserved_for_second_factor": True}],
    "external_accounts": [
        {"provider": "oauth_google", "provider_user_id": "7", "email_address": "ada@example.com"},
        {"provider": "oauth_custom_corp", "provider_user_id": "8", "verification": {"status": "verified"}},
        {"provider": "oauth_github", "provider_user_id": "9", "verification": {"status": "unverified"}},
    ],
    "totp_enabled": True,
    "public_metadata": {"plan": "pro", "crm": 1},
    "private_metadata": {"crm": 2},
    "unsafe_metadata": {"theme": "dark"},
}


@pytest.mark.parametrize("row", [USER, renamed(USER)], ids=["api", "sdk"])
def test_the_api_and_the_sdk_say_the_same(row):
    assert of(row).row == {
        "id": "user_1",
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada",
        "attributes": {"given_name": "Ada", "phone_number": "+1", "theme": "dark"},
        "identities": [
            {"connection": "google", "subject": "7", "kind": "google", "label": "ada@example.com"},
            {"connection": "corp", "subject": "8"},
        ],
        "metadata": {"plan": "pro", "crm": 2, "second_factors_left_behind": ["totp", "phone"]},
    }


def test_what_nobody_proved_at_a_provider_is_no_identity():
    names = {note.name for note in of(USER).notes}
    assert {"external_accounts.oauth_github", "other email addresses"} <= names


@pytest.mark.parametrize(
    ("cells", "email", "verified"),
    [
        ({"primary_email_address": "a@b.example", "verified_email_addresses": "a@b.example"}, "a@b.example", True),
        (
            {"primary_email_address": "a@b.example", "unverified_email_addresses": "a@b.example"},
            "a@b.example",
            False,
        ),
        ({"verified_email_addresses": "c@d.example; e@f.example"}, "c@d.example", True),
        (
            {"unverified_email_addresses": "c@d.example", "verified_email_addresses": "e@f.example"},
            "e@f.example",
            True,
        ),
        ({"primary_email_address": "a@b.example"}, "a@b.example", None),
    ],
)
def test_the_address_of_a_table_is_the_primary_one_or_one_that_is_verified(cells, email, verified):
    row = of(cells).row
    assert (row["email"], row.get("email_verified")) == (email, verified)


def test_a_secret_that_comes_along_is_not_left_behind():
    found = of({"totp_secret": "JBSWY3DPEHPK3PXP", "totp_enabled": True, "backup_code_enabled": True}).row
    assert found["metadata"] == {"second_factors_left_behind": ["backup_code"]}


@pytest.mark.parametrize("member", ["banned", "deprovisioned"])
def test_who_may_not_sign_in_there_is_disabled(member):
    assert of({member: True}).row == of({member: "true"}).row == {"status": "disabled"}
    assert of({member: False, "locked": True}).row == {}
