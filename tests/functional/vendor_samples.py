"""Files of other systems as `tests/samples` has them: whom they hold, and with which passwords they sign in."""

from __future__ import annotations

from tests.functional.vendor_exports import EXPORTS, sample
from tests.functional.vendor_files import BCRYPT_PASSWORD, FILES, VendorFile

LONG_PASSWORD = "a long enough password"

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
            "grace@example.com": {"name": 'Grace "Amazing" Hopper, RADM', "email_verified": False},
            "otto@example.com": {"name": "Otto", "email_verified": True, "legacy_hash": "bcrypt"},
            "nopass@example.com": {"attributes": {"username": "nopass"}},
            "user_2cukOsyNsh0J3MCEvrgM6PkoB0J": {
                "attributes": {"username": "phone", "phone_number": "+15557654321"}
            },
        },
        passwords={"ada@example.com": BCRYPT_PASSWORD, "otto@example.com": BCRYPT_PASSWORD},
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
                "legacy_hash": "scrypt",
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
}

EVERY = {**FILES, **SAMPLES}
