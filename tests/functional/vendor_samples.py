"""Files of other systems as `tests/samples` has them: whom they hold, and with which passwords they sign in."""

from __future__ import annotations

from tests.functional.vendor_exports import EXPORTS, sample
from tests.functional.vendor_files import BCRYPT_PASSWORD, FILES, VendorFile

LONG_PASSWORD = "a long enough password"

OBJECT_IDS = [f"3f1c8a1e-5b0d-4c52-9a53-0d2b6b7f1a0{number}" for number in (1, 2, 3)]

SAMPLES = {
    **EXPORTS,
    "Clerk": VendorFile(
        sample("clerk.csv"),
        "Clerk, CSV",
        people={
            "ada@example.com": {
                "id": "user_2YDryYFVMM1W1plDDKz7Gzf4we6",
                "name": "Ada Lovelace",
                "email_verified": True,
                "attributes": {
                    "given_name": "Ada",
                    "family_name": "Lovelace",
                    "username": "ada",
                    "phone_number": "+15551234567",
                },
                "factors": ["totp"],
                "legacy_hash": "bcrypt",
            },
            "grace@example.com": {
                "name": 'Grace "Amazing" Hopper, RADM',
                "email_verified": False,
                "legacy_hash": "pbkdf2",
            },
            "otto@example.com": {"name": "Otto", "email_verified": True, "legacy_hash": "bcrypt"},
            "nopass@example.com": {"attributes": {"username": "nopass"}},
            "user_2cukOsyNsh0J3MCEvrgM6PkoB0J": {
                "attributes": {"username": "phone", "phone_number": "+15557654321"}
            },
        },
        passwords={
            "ada@example.com": BCRYPT_PASSWORD,
            "grace@example.com": "Grüße aus Köln",
            "otto@example.com": BCRYPT_PASSWORD,
        },
        totp=("ada@example.com",),
    ),
    "Clerk API": VendorFile(
        sample("clerk.json"),
        "Clerk, JSON array",
        people={
            "ada@example.com": {
                "id": "user_2YDryYFVMM1W1plDDKz7Gzf4we6",
                "email_verified": True,
                "locale": "en-GB",
                "metadata": {
                    "plan": "pro",
                    "crm": 7,
                    "external_id": "crm-7",
                    "second_factors_left_behind": ["totp", "backup_code", "phone", "passkey"],
                    "identities_left_behind": ["google"],
                },
            },
            "grace@example.com": {"name": "Grace Hopper", "email_verified": False},
        },
        passwords={},
    ),
    "better-auth": VendorFile(
        sample("better_auth.json"),
        "better-auth, JSON array",
        people={
            "ada@example.com": {
                "id": "3V8LbGXMVzEmC8SIRzWzjBqkqioT5bAY",
                "name": "Ada Lovelace",
                "email_verified": True,
                "attributes": {
                    "picture": "https://example.com/ada.png",
                    "username": "ada",
                    "phone_number": "+15551234567",
                },
                "metadata": {"groups": ["admin", "editor"], "stripeCustomerId": "cus_9s6XKzkNRiz8i3"},
                "legacy_hash": "scrypt-nfkc",
            },
            "grace@example.com": {
                "name": "Grace Hopper",
                "email_verified": False,
                "metadata": {"groups": ["user"], "identities_left_behind": ["google", "microsoft"]},
            },
            "otto@example.com": {
                "metadata": {"groups": ["user"], "second_factors_left_behind": ["totp"]},
                "legacy_hash": "bcrypt",
            },
        },
        passwords={"ada@example.com": LONG_PASSWORD, "otto@example.com": BCRYPT_PASSWORD},
    ),
    "NextAuth": VendorFile(
        sample("next_auth.json"),
        "NextAuth, JSON array",
        people={
            "ada@example.com": {
                "id": "cl9ebqhxk00003b600tymydho",
                "email_verified": True,
                "metadata": {"identities_left_behind": ["google"]},
            },
            "grace@example.com": {
                "email_verified": False,
                "metadata": {"identities_left_behind": ["github", "azure-ad"]},
            },
            "otto@example.com": {"name": "Otto", "legacy_hash": "bcrypt"},
        },
        passwords={"otto@example.com": BCRYPT_PASSWORD},
    ),
    "FusionAuth": VendorFile(
        sample("fusionauth.json")
        .replace(b'"active": false', b'"active": true')
        .replace(b"1600000000000", b"null"),
        "FusionAuth, JSON",
        people={
            "ada@example.com": {
                "id": OBJECT_IDS[0],
                "name": "Ada, Countess of Lovelace",
                "email_verified": True,
                "birthdate": "1985-12-10",
                "locale": "en-GB",
                "metadata": {
                    "plan": "pro",
                    "groups": ["editor"],
                    "legacyIdentifier": "crm-7",
                    "second_factors_left_behind": ["email", "recovery_codes"],
                },
                "factors": ["totp"],
                "legacy_hash": "pbkdf2",
            },
            "grace@example.com": {"id": OBJECT_IDS[1], "name": "Grace Hopper", "email_verified": False},
            "otto@example.com": {"legacy_hash": "bcrypt"},
            "plain@example.com": {},
        },
        passwords={"ada@example.com": LONG_PASSWORD, "otto@example.com": BCRYPT_PASSWORD},
        totp=("ada@example.com",),
    ),
    "Okta": VendorFile(
        sample("okta.json").replace(b"SUSPENDED", b"ACTIVE"),
        "Okta, JSON array",
        people={
            "ada@example.com": {
                "id": "00u1f96ECLNVOKVMUSEA",
                "name": "Ada Lovelace",
                "email_verified": True,
                "locale": "en-GB",
            },
            "grace@example.com": {
                "name": "Grace Hopper",
                "email_verified": False,
                "attributes": {"given_name": "Grace", "family_name": "Hopper", "username": "grace"},
            },
            "otto@example.com": {"id": "00u1f96ECLNVOKVMUSEC", "locale": "de"},
        },
        passwords={},
    ),
    "Entra ID": VendorFile(
        sample("entra.json").replace(b'"accountEnabled": false', b'"accountEnabled": true'),
        "Entra ID, JSON",
        people={
            "ada@example.com": {"id": OBJECT_IDS[0], "name": "Ada Lovelace", "locale": "en-GB"},
            "grace@example.com": {
                "id": OBJECT_IDS[1],
                "email_verified": False,
                "metadata": {"identities_left_behind": ["google"]},
            },
            "otto@example.org": {"name": "Otto Hahn", "metadata": {"userType": "Guest"}},
        },
        passwords={},
    ),
    "Entra ID CSV": VendorFile(
        sample("entra_portal.csv").replace(b",False,", b",True,"),
        "Entra ID, CSV",
        people={
            "ada@example.com": {"id": OBJECT_IDS[0], "name": "Ada Lovelace"},
            "grace@gmail.com": {"id": OBJECT_IDS[1], "metadata": {"userType": "Guest"}},
            OBJECT_IDS[2]: {"name": "=1+3", "attributes": {"username": "otto@example.onmicrosoft.com"}},
        },
        passwords={},
    ),
}

EVERY = {**FILES, **SAMPLES}
