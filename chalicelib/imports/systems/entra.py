"""Microsoft Entra ID, with External ID and Azure AD B2C: users as Microsoft Graph and `az ad user list` give them, and
the CSV that its portal downloads, and PowerShell writes. None has passwords.

https://learn.microsoft.com/graph/api/resources/user, https://learn.microsoft.com/graph/api/resources/objectidentity and
https://learn.microsoft.com/entra/identity/users/users-bulk-download

The `id` of a user is the claim `oid` of their ID tokens. The subject is `sub`, which is another one for each client,
and is in no file: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems import values
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.federated import Federated, take_identities
from chalicelib.imports.systems.translation import LEFT_BEHIND, SystemOptions, Translation, full_name
from chalicelib.imports.systems.values import SENSITIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTRIBUTES = {"given_name": "givenName", "family_name": "surname"}
PHONES = ("mobilePhone", "mobile", "telephoneNumber")
OF_ORGANIZATION = (
    "jobTitle",
    "department",
    "companyName",
    "employeeId",
    "officeLocation",
    "physicalDeliveryOfficeName",
    "usageLocation",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "userType",
)
"""What the organization says of a person: their `metadata`. Extensions (`extension_<app id>_<name>`) go there too."""
EXTENSION = re.compile("extension_[0-9a-f]{32}_.+")

KINDS = {"google.com": "google", "apple.com": "apple", "appleid.apple.com": "apple", "github.com": "github"}
"""The kind of connection by the `issuer` of a federated identity. Others are known by its name, without `.com`."""
OF_MICROSOFT = re.compile(
    r"(https://)?(login\.(live|microsoftonline)\.com|sts\.windows\.net|microsoftaccount).*", re.IGNORECASE
)
DIRECTORY = "entra"
"""The kind of those: what Microsoft's own directories have is no subject."""

NO_MAILBOX = re.compile(r".*#EXT#.*|.*@[a-z0-9-]+\.onmicrosoft\.com", re.IGNORECASE)
"""Names to sign in with that look like an address: of guests, and of a tenant without a domain of its own."""


def person(row: Mapping[str, Any], _options: SystemOptions) -> Translation:
    """A person of Entra ID. Nothing says that an address is verified."""
    translation = Translation()
    found = _names(row)
    identities = objects(_of(row, found, "identities"))
    principal = _of(row, found, "userPrincipalName")
    translation.put_id("id", _of(row, found, "id") or _of(row, found, "objectId"))
    email = _email(row, found, identities)
    translation.put("email", email)
    attributes = {ours: _of(row, found, member) for ours, member in ATTRIBUTES.items()}
    display_name = _of(row, found, "displayName")
    translation.put_name(full_name(display_name, attributes["given_name"], attributes["family_name"]))
    translation.put("locale", _of(row, found, "preferredLanguage"))
    is_enabled = values.truth(_of(row, found, "accountEnabled"))
    translation.put("status", "disabled" if is_enabled is False else None)
    phones = [_of(row, found, member) for member in PHONES]
    attributes["phone_number"] = next(filter(None, phones), None)
    attributes["username"] = None if principal == email else principal
    translation.merge("attributes", None, attributes)
    extensions = [name for name in row if EXTENSION.fullmatch(name) and not SENSITIVE.search(name)]
    metadata = {name: _of(row, found, name) for name in OF_ORGANIZATION}
    metadata[LEFT_BEHIND] = ["phone"] if _of(row, found, "authenticationPhoneNumber") else []
    translation.merge("metadata", None, {**metadata, **{name: row[name] for name in extensions}})
    _take_federated(identities, translation)
    return translation


def _names(row: Mapping[str, Any]) -> dict[str, str]:
    """The names of the row's members by their small letters: PowerShell writes `UserPrincipalName`."""
    return {name.casefold(): name for name in row}


def _of(row: Mapping[str, Any], names: Mapping[str, str], name: str) -> Any:
    return row.get(names.get(name.casefold(), name))


def _email(row: Mapping[str, Any], names: Mapping[str, str], identities: list[dict[str, Any]]) -> object:
    """The address: `mail`, or what a customer signs in with, or another one, or the principal name if it can be one."""
    mail = _of(row, names, "mail")
    by_address = [each.get("issuerAssignedId") for each in identities if each.get("signInType") == "emailAddress"]
    others = _of(row, names, "otherMails")
    principal = _of(row, names, "userPrincipalName")
    alternate = _of(row, names, "alternateEmailAddress")
    candidates = [
        mail,
        *by_address,
        *(others if isinstance(others, list) else []),
        alternate,
        None if isinstance(principal, str) and NO_MAILBOX.fullmatch(principal) else principal,
    ]
    return next(filter(None, candidates), None)


def _take_federated(identities: list[dict[str, Any]], translation: Translation) -> None:
    """Take the identities at other providers. Those of guests have no id there, and are noted."""
    federated = [each for each in identities if each.get("signInType") == "federated"]
    named = [each for each in federated if each.get("issuerAssignedId") and each.get("issuer")]
    if len(named) < len(federated):
        translation.note("left_out", "identities")
    take_identities(translation, "identities", named, _federated)


def _federated(identity: Mapping[str, Any]) -> Federated:
    issuer = identity.get("issuer")
    if not isinstance(issuer, str):
        return Federated(None, None)
    kind = DIRECTORY if OF_MICROSOFT.fullmatch(issuer) else KINDS.get(issuer, "")
    return Federated(issuer.removesuffix(".com"), identity.get("issuerAssignedId"), kind)
