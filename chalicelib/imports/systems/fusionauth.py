"""FusionAuth: users as its import takes them, with hashes, and as its API lists and searches them, without.

https://fusionauth.io/docs/apis/users#import-users and the types `User` and `TwoFactorMethod` of the package
@fusionauth/typescript-client
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.groups import METADATA, groups
from chalicelib.imports.systems.translation import LEFT_BEHIND, SystemOptions, Translation, full_name
from chalicelib.imports.systems.watched import EMPTY
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTRIBUTES = {
    "given_name": "firstName",
    "middle_name": "middleName",
    "family_name": "lastName",
    "username": "username",
    "picture": "imageUrl",
    "phone_number": "phoneNumber",
    "zoneinfo": "timezone",
}
AUTHENTICATOR = {"algorithm": "HmacSHA1", "codeLength": 6, "timeStep": 30}
"""What a code has to be made of to be taken here, and is made of where nothing is said."""
MILLISECONDS = 1000
BCRYPT = "bcrypt"
DEFAULT_SCHEME, DEFAULT_FACTOR = "salted-pbkdf2-hmac-sha256", 24_000
"""How FusionAuth hashes, and reads an import, where nothing else is said."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of FusionAuth. Their free `data` becomes `metadata`, for only applications write it."""
    translation = Translation()
    identity = _identity_of(row, "email")
    email = row.get("email") or identity.get("value")
    translation.put_id("id", row.get("id"))
    translation.put("email", email)
    translation.put("email_verified", row.get("verified", identity.get("verified")))
    attributes = {ours: row.get(member) for ours, member in ATTRIBUTES.items()}
    attributes["phone_number"] = attributes["phone_number"] or row.get("mobilePhone")
    translation.put_name(full_name(row.get("fullName"), attributes["given_name"], attributes["family_name"]))
    translation.put("birthdate", row.get("birthDate"))
    languages = row.get("preferredLanguages")
    translation.put("locale", languages[0] if isinstance(languages, list) and languages else languages)
    translation.merge("attributes", None, attributes)
    translation.put("status", "disabled" if row.get("active") is False or _is_expired(row.get("expiry")) else None)
    further = {METADATA: _roles(row, translation, options), LEFT_BEHIND: _take_factors(row, translation)}
    translation.merge("metadata", row.get("data"), {**further, "legacyIdentifier": row.get("legacyIdentifier")})
    _take_password(row, translation)
    return translation


def _identity_of(row: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The primary identity of a type, which has the value since FusionAuth 1.59."""
    found = [each for each in objects(row.get("identities")) if each.get("type") == kind]
    return next((each for each in found if each.get("primary") is True), found[0] if found else {})


def _is_expired(expiry: object) -> bool:
    return isinstance(expiry, int) and not isinstance(expiry, bool) and expiry < clock.epoch() * MILLISECONDS


def _roles(row: Mapping[str, Any], translation: Translation, options: SystemOptions) -> list[str]:
    """The roles of all registrations: what goes to the metadata of them."""
    registrations = objects(row.get("registrations"))
    lists = [each.get("roles") for each in registrations]
    names = [name for each in lists if isinstance(each, list) for name in each]
    return groups(translation, "registrations.roles", list(dict.fromkeys(map(str, names))), options)


def _take_factors(row: Mapping[str, Any], translation: Translation) -> list[str]:
    """Put the first TOTP secret into the translation. Returns the names of the factors that are not imported."""
    two_factor = row.get("twoFactor")
    if not isinstance(two_factor, dict):
        return []
    left_behind = []
    for method in objects(two_factor.get("methods")):
        secret = _totp_secret(method)
        if secret and "totp_secret" not in translation.row:
            translation.put("totp_secret", secret)
        else:
            name = method.get("method")
            left_behind.append("totp" if name == "authenticator" else str(name)[:20])
    return [*left_behind, *(["recovery_codes"] if two_factor.get("recoveryCodes") else [])]


def _totp_secret(method: Mapping[str, Any]) -> str | None:
    """The secret in base 32; None where it is none of the codes that are taken here."""
    settings, secret = method.get("authenticator"), method.get("secret")
    settings = settings if isinstance(settings, dict) else {}
    is_usual = all(settings.get(name, usual) == usual for name, usual in AUTHENTICATOR.items())
    if method.get("method") != "authenticator" or not is_usual or not isinstance(secret, str):
        return None
    try:
        return base64.b32encode(base64.b64decode(secret, validate=True)).decode()
    except (binascii.Error, ValueError):
        return None


def _take_password(row: Mapping[str, Any], translation: Translation) -> None:
    """Convert the hash. A password without scheme and salt is a plain one, and is left out."""
    password, scheme, salt, factor = (row.get(name) for name in ("password", "encryptionScheme", "salt", "factor"))
    if password in EMPTY:
        return
    if scheme == BCRYPT and isinstance(password, str) and password.startswith("$2"):
        translation.put("password_hash", password)
    elif scheme is None and salt is None:
        translation.note("left_out", "password")
    else:
        if scheme is None:
            scheme, factor = DEFAULT_SCHEME, factor or DEFAULT_FACTOR
        translation.convert("password_hash", lambda: foreign.from_fusionauth(scheme, factor, salt, password))
