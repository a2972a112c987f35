"""Keycloak: a credential of the type `password` in a realm or users file: PBKDF2 or Argon2, in `credentialData` and
`secretData`, which are JSON in a text; before Keycloak 8, in fields of the credential itself.

https://github.com/keycloak/keycloak: PasswordCredentialData and PasswordSecretData in server-spi/src/main/java/org/
keycloak/models/credential/dto, and the providers of org.keycloak.credential.hash and org.keycloak.crypto.hash.
"""

from __future__ import annotations

from typing import Any

from chalicelib.core import wire
from chalicelib.core.errors import Malformed
from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import FieldFault, base64_of, blaming
from chalicelib.passwords.schemes.phc import Phc, encoded

DATA, SECRET = "credentialData", "secretData"

PBKDF2 = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
ARGON2 = {"id": "argon2id", "i": "argon2i", "d": "argon2d"}
VERSION = "1.3"
"""Of Argon2, which the others write as 19 (0x13)."""


def from_keycloak(credential: object) -> str:
    """The hash of a password credential, as we store it. Raises FieldFault with the name of the wrong member."""
    whole = _object(credential, "credentials")
    if SECRET not in whole and "hashedSaltedValue" in whole:
        data = whole
        secret = {"value": whole["hashedSaltedValue"], "salt": whole.get("salt")}
    else:
        data, secret = _embedded(whole, DATA), _embedded(whole, SECRET)
    algorithm = data.get("algorithm")
    if algorithm == "argon2":
        text = _argon2(data, secret)
    elif isinstance(algorithm, str) and algorithm in PBKDF2:
        text = str(Phc(f"pbkdf2-{PBKDF2[algorithm]}", {"i": _iterations(data)}, *_salt_and_value(secret)))
    else:
        raise FieldFault(f"{DATA}.algorithm", f"must be one of {', '.join([*PBKDF2, 'argon2'])}")
    with blaming(f"{SECRET}.value"):
        return schemes.check(text)


def _argon2(data: dict[str, Any], secret: dict[str, Any]) -> str:
    if _parameter(data, "version") != VERSION:
        raise FieldFault(f"{DATA}.additionalParameters.version", f"must be {VERSION}")
    variant = ARGON2.get(_parameter(data, "type"))
    if variant is None:
        raise FieldFault(f"{DATA}.additionalParameters.type", f"must be one of {', '.join(ARGON2)}")
    memory, lanes = (_parameter(data, name) for name in ("memory", "parallelism"))
    salt, value = _salt_and_value(secret)
    return f"${variant}$v=19$m={memory},t={_iterations(data)},p={lanes}${encoded(salt)}${encoded(value)}"


def _parameter(data: dict[str, Any], name: str) -> str:
    """The first value of a parameter: each is a list of texts."""
    parameters = _object(data.get("additionalParameters"), f"{DATA}.additionalParameters")
    values = parameters.get(name)
    value = values[0] if isinstance(values, list) and values else values
    if not isinstance(value, str) or len(value) > 10 or "$" in value:
        raise FieldFault(f"{DATA}.additionalParameters.{name}", "must be a short text")
    return value


def _iterations(data: dict[str, Any]) -> str:
    value = data.get("hashIterations")
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise FieldFault(f"{DATA}.hashIterations", "must be a whole number above 0")
    return str(value)


def _salt_and_value(secret: dict[str, Any]) -> tuple[bytes, bytes]:
    return base64_of(secret.get("salt"), f"{SECRET}.salt"), base64_of(secret.get("value"), f"{SECRET}.value")


def _embedded(credential: dict[str, Any], name: str) -> dict[str, Any]:
    """A member that is JSON in a text, or an object already."""
    value = credential.get(name)
    if isinstance(value, str):
        try:
            value = wire.from_json(value)
        except Malformed as error:
            raise FieldFault(name, "must be JSON in a text") from error
    return _object(value, name)


def _object(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FieldFault(field, "must be an object")
    return value
