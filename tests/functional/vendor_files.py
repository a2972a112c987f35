"""Files as other systems write them: by their published schemas and examples, with hashes from published vectors.

- Auth0: https://auth0.com/docs/manage-users/user-migration/bulk-user-import-database-schema-and-examples
- Cognito: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
- Firebase: firebase-tools' src/accountExporter.ts
- Kratos: https://www.ory.com/docs/kratos/manage-identities/import-user-accounts-identities
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

PF = "e1NBTFR9e1BBU1NXT1JEfQ=="
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
BCRYPT_PASSWORD = "U*U"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

HASH_CONFIG = {
    "base64_signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
    "base64_salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}
"""https://github.com/firebase/scrypt, under the names that Firebase's console shows."""

FIREBASE_SALT = "42xEC+ixf3L2lw=="
FIREBASE_HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
FIREBASE_PASSWORD = "user1password"


@dataclass(frozen=True)
class VendorFile:
    """A file, what it is told to be, whom it holds (some of their fields), and with which passwords they sign in."""

    data: bytes
    format: str
    people: dict[str, dict[str, Any]]
    passwords: dict[str, str]
    options: dict[str, str] = field(default_factory=dict)
    totp: tuple[str, ...] = ()
    totp_secret: str = TOTP
    disabled: int = 0
    """People in it who are disabled, and whom a privileged import alone takes."""
    nobodies: int = 0
    """Rows that are no people."""


_AUTH0_ROWS = [
    {
        "user_id": "auth0|5f7c8ec7c33c6c004bbafe82",
        "email": "john.doe@contoso.example",
        "email_verified": False,
        "name": "John Doe",
        "nickname": "johnny",
        "picture": "https://contoso.example/john.png",
        "app_metadata": {"roles": ["admin"], "plan": "premium"},
        "user_metadata": {"theme": "light"},
        "password_hash": BCRYPT,
    },
    {
        "email": "ann@contoso.example",
        "email_verified": True,
        "given_name": "Ann",
        "family_name": "Ünal",
        "custom_password_hash": {
            "algorithm": "ldap",
            "hash": {"value": "{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a", "encoding": "utf8"},
        },
        "mfa_factors": [{"totp": {"secret": TOTP}}, {"phone": {"value": "+15551112233"}}],
    },
    {"email": "nobody-yet@contoso.example", "created_at": "2020-10-06T15:35:35Z", "logins_count": 4},
]
_AUTH0_PEOPLE = {
    "john.doe@contoso.example": {
        "id": "auth0|5f7c8ec7c33c6c004bbafe82",
        "name": "John Doe",
        "email_verified": False,
        "attributes": {
            "theme": "light",
            "nickname": "johnny",
            "picture": "https://contoso.example/john.png",
        },
        "metadata": {"roles": ["admin"], "plan": "premium"},
        "roles": [],
        "legacy_hash": "bcrypt",
    },
    "ann@contoso.example": {
        "name": "Ann Ünal",
        "email_verified": True,
        "metadata": {"second_factors_left_behind": ["phone"]},
        "factors": ["totp"],
        "legacy_hash": "ldap",
    },
    "nobody-yet@contoso.example": {"email_verified": False},
}
_AUTH0_PASSWORDS = {"john.doe@contoso.example": BCRYPT_PASSWORD, "ann@contoso.example": "test123"}

_COGNITO = (
    "cognito:username,name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,email,"
    "email_verified,gender,birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,"
    "cognito:mfa_enabled,custom:plan,cognito:password_hash\r\n"
    'John,,John,Doe,,,,,,,johndoe@example.com,TRUE,,02/01/1985,,,+12345550100,TRUE,123 Any Street\\, "Any" Town,'
    f"1700000000,FALSE,gold,{BCRYPT}\r\n"
    "jane@example.com,Jane Roe,,,,,,,,,jane@example.com,false,,,,en_US,,,,,TRUE,,\r\n"
).encode()

_FIREBASE_USERS = [
    {
        "localId": "ZCK9fwaVpbSIFbd1cKh8MxHgqvJ3",
        "email": "User1@example.com",
        "emailVerified": True,
        "passwordHash": FIREBASE_HASH,
        "salt": FIREBASE_SALT,
        "displayName": 'Lovelace, "Ada"',
        "photoUrl": "https://example.com/ada.png",
        "lastSignedInAt": "1486324027000",
        "createdAt": "1486324027000",
        "phoneNumber": "+15551112233",
        "customAttributes": '{"tier":"gold, red","level":3}',
        "providerUserInfo": [{"providerId": "google.com", "rawId": "113", "email": "ada@gmail.example"}],
    },
    {"localId": "anonymous1", "emailVerified": False, "createdAt": "1486324027000"},
]
_FIREBASE_CSV = (
    f'ZCK9fwaVpbSIFbd1cKh8MxHgqvJ3,User1@example.com,true,{FIREBASE_HASH},{FIREBASE_SALT},"Lovelace, "Ada"",'
    "https://example.com/ada.png,113,ada@gmail.example,,,,,,,,,,,,,,,1486324027000,1486324027000,+15551112233,,"
    '"{""tier"":""gold, red"",""level"":3}",\n'
    "anonymous1,,false,,,,,,,,,,,,,,,,,,,,,1486324027000,,,,,\n"
).encode()
_FIREBASE_PEOPLE = {
    "User1@example.com": {
        "id": "ZCK9fwaVpbSIFbd1cKh8MxHgqvJ3",
        "name": 'Lovelace, "Ada"',
        "email_verified": True,
        "attributes": {"picture": "https://example.com/ada.png", "phone_number": "+15551112233"},
        "metadata": {"tier": "gold, red", "level": 3, "identities_left_behind": ["google"]},
        "legacy_hash": "firescrypt",
    },
    "anonymous1": {"id": "anonymous1"},
}
_FIREBASE: dict[str, Any] = {
    "people": _FIREBASE_PEOPLE,
    "passwords": {"user1@example.com": FIREBASE_PASSWORD},
    "options": {"firebase_project": "shop"},
}

_IDENTITY = {
    "id": "6a0f9f0e-5f0c-4f7b-9f4e-3a2f6d1c2b3a",
    "schema_id": "default",
    "schema_url": "https://kratos.example/schemas/default",
    "state": "active",
    "traits": {"email": "docs@example.org", "name": {"first": "Docs", "last": "Example"}, "plan": "free"},
    "verifiable_addresses": [
        {"value": "docs@example.org", "verified": True, "via": "email", "status": "completed"}
    ],
    "recovery_addresses": [{"value": "docs@example.org", "via": "email"}],
    "metadata_public": {"theme": "dark"},
    "metadata_admin": {"crm": 7},
    "credentials": {
        "password": {
            "type": "password",
            "identifiers": ["docs@example.org"],
            "config": {"hashed_password": f"$sha1$pf={PF}$NW9wbWtnejAzcg==$2qU2SGWP8viTM1md3FiI3+rjWXQ="},
        },
        "totp": {"config": {"totp_url": f"otpauth://totp/Shop:docs@example.org?secret={TOTP}&issuer=Shop"}},
        "webauthn": {"config": {"credentials": []}},
    },
}
_KRATOS_PEOPLE = {
    "docs@example.org": {
        "id": "6a0f9f0e-5f0c-4f7b-9f4e-3a2f6d1c2b3a",
        "name": "Docs Example",
        "email_verified": True,
        "attributes": {"plan": "free"},
        "metadata": {"theme": "dark", "crm": 7, "second_factors_left_behind": ["webauthn"]},
        "factors": ["totp"],
        "legacy_hash": "sha1",
    },
    "plain@example.org": {"name": "Plain"},
}
_PLAIN = {
    "traits": {"email": "plain@example.org", "name": "Plain"},
    "credentials": {"password": {"config": {"password": "password-of-no-policy"}}},
}
_KRATOS: dict[str, Any] = {
    "people": _KRATOS_PEOPLE,
    "passwords": {"docs@example.org": "test", "plain@example.org": "password-of-no-policy"},
    "totp": ("docs@example.org",),
}
_AUTH0: dict[str, Any] = {"people": _AUTH0_PEOPLE, "passwords": _AUTH0_PASSWORDS, "totp": ("ann@contoso.example",)}


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def _firebase_json() -> bytes:
    """As firebase-tools writes it: each user over several lines."""
    users = ",\n".join(json.dumps(user, indent=2) for user in _FIREBASE_USERS)
    return f'{{"users": [\n{users}]}}'.encode()


FILES = {
    "Auth0": VendorFile(json.dumps(_AUTH0_ROWS, indent=4).encode(), "Auth0, JSON array", **_AUTH0),
    "Auth0 lines": VendorFile(_lines(_AUTH0_ROWS), "Auth0, JSON lines", **_AUTH0),
    "Auth0 hashes": VendorFile(
        _lines(
            [
                {
                    "_id": {"$oid": "60425da93519d90068f82966"},
                    "email_verified": True,
                    "email": "hashed@contoso.example",
                    "passwordHash": BCRYPT,
                    "password_set_date": {"$date": "2021-03-05T16:34:49.502Z"},
                    "tenant": "contoso",
                    "connection": "Username-Password-Authentication",
                    "_tmp_is_unique": True,
                }
            ]
        ),
        "Auth0, JSON lines",
        people={
            "hashed@contoso.example": {
                "id": "auth0|60425da93519d90068f82966",
                "email_verified": True,
                "legacy_hash": "bcrypt",
            }
        },
        passwords={"hashed@contoso.example": BCRYPT_PASSWORD},
    ),
    "Cognito": VendorFile(
        _COGNITO,
        "Cognito, CSV",
        people={
            "johndoe@example.com": {
                "id": "John",
                "name": "John Doe",
                "email_verified": True,
                "birthdate": "1985-02-01",
                "attributes": {
                    "given_name": "John",
                    "family_name": "Doe",
                    "phone_number": "+12345550100",
                    "address": '123 Any Street, "Any" Town',
                },
                "metadata": {"plan": "gold"},
                "legacy_hash": "bcrypt",
            },
            "jane@example.com": {
                "name": "Jane Roe",
                "email_verified": False,
                "locale": "en-US",
                "attributes": {},
                "metadata": {"second_factors_left_behind": ["sms"]},
            },
        },
        passwords={"johndoe@example.com": BCRYPT_PASSWORD},
        options={"cognito_hash_algorithm": "BCRYPT"},
    ),
    "Firebase JSON": VendorFile(_firebase_json(), "Firebase, JSON", **_FIREBASE),
    "Firebase CSV": VendorFile(_FIREBASE_CSV, "Firebase, CSV", **_FIREBASE),
    "Kratos list": VendorFile(json.dumps([_IDENTITY, _PLAIN]).encode(), "Kratos, JSON array", **_KRATOS),
    "Kratos batch": VendorFile(
        json.dumps(
            {"identities": [{"create": _IDENTITY}, {"patch_id": "p", "create": _PLAIN}]}, indent=2
        ).encode(),
        "Kratos, JSON",
        **_KRATOS,
    ),
}
