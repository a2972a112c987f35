"""Auth0: the rows of its bulk import, of its export jobs, and of what its support hands out with hashes, which has
MongoDB's ids and a spelling of its own.

https://auth0.com/docs/manage-users/user-migration/bulk-user-import-database-schema-and-examples
https://auth0.com/docs/troubleshoot/customer-support/manage-subscriptions/export-data
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    Asked,
    Translation,
    full_name,
    user_id,
)
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKS = frozenset(
    {
        "_id",
        "app_metadata",
        "blocked",
        "custom_password_hash",
        "family_name",
        "given_name",
        "mfa_factors",
        "nickname",
        "passwordHash",
        "picture",
        "user_id",
        "user_metadata",
        "username",
    }
)
"""Members that our own rows have not."""

IN_ATTRIBUTES = ("username", "given_name", "family_name", "nickname", "picture")
FACTORS_LIMIT = 10
"""Auth0's own."""


def person(row: Mapping[str, Any], _asked: Asked) -> Translation:
    """A person of Auth0. `user_metadata` becomes their `attributes`, `app_metadata` the administrators' `metadata`."""
    made = Translation()
    made.put("id", user_id(row.get("user_id") or _database_id(row.get("_id"))))
    made.put("email", row.get("email"))
    made.put("email_verified", row.get("email_verified"))
    made.put("name", full_name(row.get("name"), row.get("given_name"), row.get("family_name")))
    made.put("status", "disabled" if row.get("blocked") is True else None)
    made.merge("attributes", row.get("user_metadata"), {name: row.get(name) for name in IN_ATTRIBUTES})
    left = _factors(row.get("mfa_factors"), made)
    made.merge("metadata", row.get("app_metadata"), {LEFT_BEHIND: left})
    password_hash = row.get("password_hash", row.get("passwordHash"))
    if password_hash is not None and row.get("custom_password_hash") is not None:
        made.faults.append(("custom_password_hash", "excludes password_hash"))
    elif row.get("custom_password_hash") is not None:
        made.convert("password_hash", lambda: foreign.from_auth0(row["custom_password_hash"]))
    else:
        made.put("password_hash", password_hash)
    return made


def _database_id(given: object) -> object:
    """The user id that Auth0 makes of an id of its own database: `{"$oid": …}`."""
    number = given.get("$oid") if isinstance(given, dict) else None
    return f"auth0|{number}" if isinstance(number, str) else None


def _factors(factors: object, made: Translation) -> list[str]:
    """Take the first TOTP secret over: the names of the factors that cannot be."""
    if factors is None:
        return []
    if not isinstance(factors, list) or len(factors) > FACTORS_LIMIT:
        made.faults.append(("mfa_factors", f"must be a list of {FACTORS_LIMIT} at most"))
        return []
    left: list[str] = []
    for factor in factors:
        totp = factor.get("totp") if isinstance(factor, dict) and len(factor) == 1 else None
        if isinstance(totp, dict) and isinstance(totp.get("secret"), str) and "totp_secret" not in made.row:
            made.put("totp_secret", totp["secret"])
        elif isinstance(factor, dict) and factor.keys() <= {"phone", "email", "totp"}:
            left += sorted(factor)
        else:
            made.faults.append(("mfa_factors", "must hold objects of one of totp, phone, email"))
    return left
