"""Files of other systems as `tests/samples` has them: whom they hold, and with which passwords they sign in."""

from __future__ import annotations

from tests.functional.vendor_exports import EXPORTS, sample
from tests.functional.vendor_files import BCRYPT_PASSWORD, FILES, VendorFile

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
}

EVERY = {**FILES, **SAMPLES}
