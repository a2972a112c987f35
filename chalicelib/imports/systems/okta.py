"""Okta: users as `GET /api/v1/users` lists them, tables of the same that command lines write, the CSV of profiles that
Okta imports, and what the browser extension Rockstar exports. None has passwords.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ and the types `User` and `UserProfile`
of the package @okta/okta-sdk-nodejs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.translation import SystemOptions, Translation, full_name
from chalicelib.imports.systems.values import SENSITIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

DISABLED = frozenset({"SUSPENDED", "DEPROVISIONED"})
"""Who may not sign in. `LOCKED_OUT` ends by itself; `STAGED` and `PROVISIONED` have not signed in yet."""

ATTRIBUTES = {
    "given_name": "firstName",
    "middle_name": "middleName",
    "family_name": "lastName",
    "nickname": "nickName",
    "profile": "profileUrl",
    "phone_number": "mobilePhone",
    "zoneinfo": "timezone",
}
"""What is the person's own. All else of a profile is what the organization says of them, and becomes `metadata`."""
TAKEN = frozenset({*ATTRIBUTES.values(), "login", "email", "displayName", "locale", "preferredLanguage"})

LABELS = {
    "Username": "login",
    "First name": "firstName",
    "Middle name": "middleName",
    "Last name": "lastName",
    "Primary email": "email",
    "Display name": "displayName",
    "Nickname": "nickName",
    "Profile Url": "profileUrl",
    "Mobile phone": "mobilePhone",
    "Time zone": "timezone",
    "Locale": "locale",
    "Preferred language": "preferredLanguage",
    "Secondary email": "secondEmail",
    "Primary phone": "primaryPhone",
    "Street address": "streetAddress",
    "Zip code": "zipCode",
    "Country code": "countryCode",
    "Postal Address": "postalAddress",
    "User type": "userType",
    "Employee number": "employeeNumber",
    "Cost center": "costCenter",
    "Manager Id": "managerId",
    "Honorific prefix": "honorificPrefix",
    "Honorific suffix": "honorificSuffix",
    "Title": "title",
    "City": "city",
    "State": "state",
    "Organization": "organization",
    "Division": "division",
    "Department": "department",
    "Manager": "manager",
}
"""The members by the labels that Rockstar writes into its header."""
MEMBERS = frozenset(LABELS.values())
"""The members of every profile. Others are an organization's own."""
PROFILE = "profile."


def person(row: Mapping[str, Any], _options: SystemOptions) -> Translation:
    """A person of Okta. The address is the profile's `email`, or else its `login`, if that is one."""
    translation = Translation()
    profile = _profile(row)
    translation.put_id("id", row.get("id") or row.get("User Id"))
    login, email = profile.get("login"), profile.get("email")
    if not email and isinstance(login, str) and "@" in login:
        email = login
    translation.put("email", email)
    translation.put("email_verified", _is_verified(row.get("credentials"), email))
    given_name, family_name = profile.get("firstName"), profile.get("lastName")
    translation.put_name(full_name(profile.get("displayName"), given_name, family_name))
    translation.put("locale", profile.get("locale") or profile.get("preferredLanguage"))
    status = row.get("status") or row.get("Status")
    translation.put("status", "disabled" if isinstance(status, str) and status in DISABLED else None)
    attributes = {ours: profile.get(member) for ours, member in ATTRIBUTES.items()}
    if login != email:
        attributes["username"] = login
    translation.merge("attributes", None, attributes)
    of_organization = [name for name in profile if name not in TAKEN and not SENSITIVE.search(name)]
    translation.merge("metadata", None, {name: profile[name] for name in of_organization})
    return translation


def _profile(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of the profile by Okta's names for them, in each of the forms of a file. Without the `profile.` of
    its own members, an organization's cannot be told from those that are none."""
    profile = row.get("profile") if "profile" in row else None
    if isinstance(profile, dict):
        return profile
    if any(name.startswith(PROFILE) for name in row):
        names = {name.removeprefix(PROFILE): name for name in row if name.startswith(PROFILE)}
    else:
        named = {LABELS.get(name, name): name for name in row}
        names = {member: name for member, name in named.items() if member in MEMBERS}
    return {member: row[name] for member, name in names.items() if not SENSITIVE.search(member)}


def _is_verified(credentials: object, email: object) -> bool | None:
    """Whether the primary address is verified; None where the file does not say it."""
    emails = objects(credentials.get("emails")) if isinstance(credentials, dict) else []
    stated = [each for each in emails if each.get("value") == email]
    return any(each.get("status") == "VERIFIED" for each in stated) if stated else None
