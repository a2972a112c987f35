"""The samples of systems that keep their people in a database of one's own, with what an import makes of them."""

from __future__ import annotations

from pathlib import Path

from tests.functional.vendor_files import BCRYPT_PASSWORD, FIREBASE_PASSWORD, VendorFile

SAMPLES_FOLDER = Path(__file__).parent.parent / "samples"

EXPORTERS_PASSWORD = "a long enough password"
"""Of everybody in a file that the system's own exporter wrote."""


def sample(name: str) -> bytes:
    return (SAMPLES_FOLDER / name).read_bytes()


EXPORTS = {
    "Supabase": VendorFile(
        sample("supabase.json"),
        "Supabase, JSON array",
        people={
            "ada@example.com": {
                "id": "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01",
                "name": "Ada Lovelace",
                "email_verified": True,
                "locale": "en-GB",
                "birthdate": "1985-12-10",
                "attributes": {
                    "name": "Ada",
                    "theme": "dark",
                    "picture": "https://lh3.googleusercontent.com/a/x",
                    "phone_number": "+4915112345678",
                },
                "metadata": {
                    "plan": "pro",
                    "roles": ["editor"],
                    "second_factors_left_behind": ["phone"],
                    "identities_left_behind": ["google"],
                },
                "factors": ["totp"],
                "legacy_hash": "bcrypt",
            },
            "grace@example.com": {
                "name": 'Grace "Amazing" Hopper, RADM',
                "email_verified": False,
                "legacy_hash": "firescrypt",
            },
            "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a03": {"attributes": {"phone_number": "+4915112345679"}},
        },
        passwords={"ada@example.com": BCRYPT_PASSWORD, "grace@example.com": FIREBASE_PASSWORD},
        totp=("ada@example.com",),
        disabled=1,
        nobodies=2,
    ),
    "Keycloak": VendorFile(
        sample("keycloak.json"),
        "Keycloak, JSON",
        people={
            "ada@customer.example": {
                "id": "f29a3187-c39d-4451-bbee-152ce82fc5da",
                "name": "Ada Lovelace",
                "email_verified": True,
                "locale": "en-GB",
                "birthdate": "1985-12-10",
                "attributes": {
                    "given_name": "Ada",
                    "family_name": "Lovelace",
                    "username": "ada",
                    "phone_number": "+44123",
                },
                "metadata": {
                    "department": "engines",
                    "teams": ["a", "b"],
                    "groups": ["editor", "staff", "staff/uk", "shop/buyer"],
                    "identities_left_behind": ["google", "corp", "microsoft"],
                },
            },
            "otto@customer.example": {
                "metadata": {"second_factors_left_behind": ["recovery-authn-codes", "webauthn"]},
                "factors": ["totp"],
                "legacy_hash": "pbkdf2",
            },
            "nopass@customer.example": {"name": "Nopass Lovelace"},
        },
        passwords=dict.fromkeys(["ada@customer.example", "otto@customer.example"], EXPORTERS_PASSWORD),
        totp=("otto@customer.example",),
        totp_secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        disabled=1,
        nobodies=1,
    ),
    "Django": VendorFile(
        sample("django.json"),
        "Django, JSON array",
        people={
            "ada@example.com": {
                "id": "1",
                "name": "Ada Lovelace",
                "email_verified": True,
                "attributes": {"given_name": "Ada", "family_name": "Lovelace", "username": "ada"},
                "metadata": {
                    "groups": ["Editors"],
                    "second_factors_left_behind": ["recovery_codes"],
                    "identities_left_behind": ["google"],
                },
                "factors": ["totp"],
                "legacy_hash": "pbkdf2",
            },
            "Grace@example.com": {"id": "2", "email_verified": False, "factors": ["totp"]},
            "nopass@example.com": {"id": "3", "attributes": {}},
            "otto@example.com": {
                "name": "Otto Mustermann",
                "birthdate": "1985-12-10",
                "locale": "de",
                "attributes": {"phone_number": "+4915112345678"},
                "metadata": {"plan": "gold", "newsletter": True},
                "legacy_hash": "scrypt",
            },
        },
        passwords=dict.fromkeys(["ada@example.com", "Grace@example.com", "otto@example.com"], EXPORTERS_PASSWORD),
        totp=("ada@example.com", "Grace@example.com"),
        disabled=1,
        nobodies=2,
    ),
    "Django CSV": VendorFile(
        sample("django.csv"),
        "Django, CSV",
        people={
            "ada@example.com": {"id": "1", "name": "Ada Lovelace", "legacy_hash": "pbkdf2"},
            "grace@example.com": {"name": 'Grace "Amazing" Hopper, RADM'},
        },
        passwords=dict.fromkeys(["ada@example.com", "grace@example.com"], EXPORTERS_PASSWORD),
        disabled=1,
    ),
    "Cognito list": VendorFile(
        sample("cognito_list.json"),
        "Cognito, JSON",
        people={
            "ada@example.com": {
                "id": "3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a01",
                "name": "Ada Lovelace",
                "email_verified": True,
                "birthdate": "1985-12-10",
                "attributes": {"given_name": "Ada", "family_name": "Lovelace", "phone_number": "+4915112345678"},
                "metadata": {
                    "plan": "pro",
                    "groups": ["Editors", "night shift"],
                    "second_factors_left_behind": ["sms", "totp"],
                },
            },
            "grace@example.com": {
                "name": "Grace Hopper",
                "email_verified": False,
                "attributes": {"username": "Google_1143600001"},
                "metadata": {"second_factors_left_behind": ["sms"], "identities_left_behind": ["google"]},
            },
        },
        passwords={},
        disabled=2,
    ),
}
