"""Tables of people in an application's own database, with their accounts at providers, as better-auth and NextAuth
(Auth.js) have them: the same but for a few names. Columns are in camelCase or in snake_case.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.imports.systems import values
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.federated import OBJECT_ID, Federated, take_identities
from chalicelib.imports.systems.groups import METADATA, groups
from chalicelib.imports.systems.translation import LEFT_BEHIND, SystemOptions, Translation

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTRIBUTES = {"picture": "image", "username": "username", "phone_number": "phoneNumber"}
PASSWORDS = ("password", "hashedPassword", "passwordHash")
"""Where the hash is: in an account, where there is one with a password, and in NextAuth's table of people wherever an
application has put it."""

KINDS = {
    "google": "google",
    "apple": "apple",
    "github": "github",
    "microsoft": "microsoft",
    "azure-ad": "microsoft",
    "microsoft-entra-id": "microsoft",
}
"""The kind of connection by `providerId` and `provider`. Others are known by name."""
BY_OBJECT_ID = "entra"
"""No kind of ours. In better-auth since 1.7 Microsoft's identities have object ids; an OpenID Connect client is told
other subjects."""
OWN_PROVIDERS = frozenset({"credential", "credentials", "email", "email-otp", "magic-link", "phone-number"})
OWN_TYPES = ("credentials", "email", "webauthn")
"""What is a way in of the application itself."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person with the accounts that are joined to them: a list in `accounts`, or one in the row itself."""
    translation = Translation()
    if values.truth(_of(row, "isAnonymous")) is True:
        translation.nobody = "anonymous"
        return translation
    user_id = _of(row, "id") or _database_id(row.get("_id"))
    translation.put_id("id", values.text(user_id))
    translation.put("email", _of(row, "email"))
    if "emailVerified" in row or "email_verified" in row:
        translation.put("email_verified", values.confirmed(_of(row, "emailVerified")))
    translation.put_name(_of(row, "name"))
    translation.merge("attributes", None, {ours: _of(row, member) for ours, member in ATTRIBUTES.items()})
    accounts = _accounts(row, translation)
    take_identities(translation, "accounts", [each for each in accounts if not _is_own(each)], _federated)
    role = _of(row, "role")
    roles = groups(
        translation, "role", role.split(",") if isinstance(role, str) else [role] if role else [], options
    )
    left_behind = ["totp"] if values.truth(_of(row, "twoFactorEnabled")) is True else []
    customer = _of(row, "stripeCustomerId")
    metadata = {METADATA: roles, "stripeCustomerId": customer, LEFT_BEHIND: left_behind}
    translation.merge("metadata", None, metadata)
    translation.put("status", "disabled" if _is_banned(row) else None)
    for account in (row, *filter(_is_own, accounts)):
        for name in PASSWORDS:
            translation.put("password_hash", _of(account, name))
    return translation


def _of(row: Mapping[str, Any], name: str) -> Any:
    """A member by its name in camelCase, or in snake_case. None for what databases write for no value."""
    snake = _snake(name)
    return values.present(row.get(snake) if snake in row else row.get(name))


@cache
def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda match: f"_{match[1].lower()}", name)


def _database_id(database_id: object) -> object:
    """The id of a row of MongoDB, as mongoexport writes it."""
    return database_id.get("$oid") if isinstance(database_id, dict) else database_id


def _is_banned(row: Mapping[str, Any]) -> bool:
    """Whether the person may not sign in now: better-auth lifts a ban when its time is over."""
    until = values.moment(_of(row, "banExpires"))
    is_over = isinstance(until, str) and until < clock.timestamp()
    return values.truth(_of(row, "banned")) is True and not is_over


def _accounts(row: Mapping[str, Any], translation: Translation) -> list[Mapping[str, Any]]:
    """The accounts of the row. Those of a list that have no provider are noted."""
    listed = values.present(row.get("accounts"))
    if listed is not None and not isinstance(listed, list):
        translation.faults.append(("accounts", "must be a list of objects"))
    accounts: list[Mapping[str, Any]] = [*objects(listed), *([row] if _provider(row) else [])]
    named = [account for account in accounts if isinstance(_provider(account), str)]
    if len(named) < len(accounts) or (isinstance(listed, list) and len(objects(listed)) < len(listed)):
        translation.note("left_out", "accounts")
    return named


def _provider(account: Mapping[str, Any]) -> Any:
    return _of(account, "providerId") or _of(account, "provider")


def _is_own(account: Mapping[str, Any]) -> bool:
    return _provider(account) in OWN_PROVIDERS or account.get("type") in OWN_TYPES


def _federated(account: Mapping[str, Any]) -> Federated:
    subject = values.text(_of(account, "accountId") or _of(account, "providerAccountId"))
    provider = _provider(account)
    kind = KINDS.get(provider, "")
    if kind == "microsoft" and isinstance(subject, str) and OBJECT_ID.fullmatch(subject):
        kind = BY_OBJECT_ID
    return Federated(provider, subject, kind)
