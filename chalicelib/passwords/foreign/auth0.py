"""Auth0: `password_hash` and `custom_password_hash` of its bulk import.

https://auth0.com/docs/manage-users/user-migration/bulk-user-import-schema
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Any

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import (
    FieldFault,
    base64_of,
    blaming,
    unpadded,
)
from chalicelib.passwords.schemes import digests
from chalicelib.passwords.schemes.phc import Phc, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = "custom_password_hash"

ENCODINGS = {"utf8": None, "utf16le": "utf16le", "ucs2": "utf16le", "latin1": "latin1", "binary": "latin1"}
"""Auth0's names of a password's encodings, which are Node's, and ours; ASCII is left out, because Node cuts other
characters off in it."""

PBKDF2_ITERATIONS = "100000"
"""For a hash that does not name them."""
DEFAULT_COST = {"cost": 16384, "blockSize": 8, "parallelization": 1}


def from_auth0(value: object) -> str:
    """A `custom_password_hash` as we store it. Raises FieldFault with the name of the wrong member."""
    custom = _object(value, ROOT)
    algorithm = custom.get("algorithm")
    form = _FORMS.get(algorithm) if isinstance(algorithm, str) else None
    if form is None:
        raise FieldFault(f"{ROOT}.algorithm", f"must be one of {', '.join(_FORMS)}")
    text = form(custom)
    with blaming(f"{ROOT}.hash.value"):
        return schemes.check(text)


def _whole_text(kind: str, *kinds: str) -> Callable[[dict[str, Any]], str]:
    """The converter of hashes whose text contains their salt and parameters."""

    def form(custom: dict[str, Any]) -> str:
        _plain_password(custom)
        if custom.get("salt") is not None:
            raise FieldFault(f"{ROOT}.salt", f"is part of the hash of {kind}")
        text = _text(custom, "hash", "value")
        if kind != "ldap":
            text = unpadded(text)
        if schemes.kind(text) not in kinds:
            raise FieldFault(f"{ROOT}.hash.value", f"is no hash of {kind}")
        return text

    return form


def _pbkdf2(custom: dict[str, Any]) -> str:
    """PBKDF2 in PHC form, in which Auth0 allows the iterations to be left out."""
    text = _whole_text("pbkdf2", "pbkdf2")(custom)
    _, name, *parts = text.split("$")
    if len(parts) == 2:
        return "$".join(["", name, f"i={PBKDF2_ITERATIONS}", *parts])
    if len(parts) == 3 and "i=" not in parts[0]:
        return "$".join(["", name, f"i={PBKDF2_ITERATIONS},{parts[0]}", *parts[1:]])
    return text


def _scrypt(custom: dict[str, Any]) -> str:
    _plain_password(custom)
    cost, block, lanes = (_number(custom, name, default) for name, default in DEFAULT_COST.items())
    if cost < 2 or cost & (cost - 1):
        raise FieldFault(f"{ROOT}.cost", "must be a power of two")
    digest = _bytes(custom, "hash")
    if "keylen" in custom and custom["keylen"] != len(digest):
        raise FieldFault(f"{ROOT}.keylen", "is not the length of the hash")
    parameters = {"ln": str(cost.bit_length() - 1), "r": str(block), "p": str(lanes)}
    return str(Phc("scrypt", parameters, _bytes(custom, "salt", "utf8"), digest))


def _digest(custom: dict[str, Any]) -> str:
    return str(Phc(custom["algorithm"], _template_parameters(custom), _salt(custom), _bytes(custom, "hash")))


def _hmac(custom: dict[str, Any]) -> str:
    digest = _text(custom, "hash", "digest")
    if digest not in digests.SIZES:
        raise FieldFault(f"{ROOT}.hash.digest", f"must be one of {', '.join(digests.SIZES)}")
    key = _object(custom["hash"].get("key"), f"{ROOT}.hash.key")
    parameters = {"key": encoded(_decoded(key, f"{ROOT}.hash.key", "utf8")), **_template_parameters(custom)}
    return str(Phc(f"hmac-{digest}", parameters, _salt(custom), _bytes(custom, "hash")))


def _template_parameters(custom: dict[str, Any]) -> dict[str, str]:
    """The parameters of `passwords.schemes.digests` for the salt's position and the password's encoding."""
    parameters = {}
    position = (custom.get("salt") or {}).get("position", "prefix") if _has_salt(custom) else "prefix"
    if position not in ("prefix", "suffix"):  # in a tuple: anything may be looked for, also what has no hash
        raise FieldFault(f"{ROOT}.salt.position", "must be prefix or suffix")
    if position == "suffix":
        parameters["pf"] = encoded(b"{PASSWORD}{SALT}")
    if encoding := _password_encoding(custom):
        parameters["pe"] = encoding
    return parameters


def _password_encoding(custom: dict[str, Any]) -> str | None:
    password = custom.get("password")
    name = _object(password, f"{ROOT}.password").get("encoding", "utf8") if password is not None else "utf8"
    if not isinstance(name, str) or name not in ENCODINGS:
        raise FieldFault(f"{ROOT}.password.encoding", f"must be one of {', '.join(ENCODINGS)}")
    return ENCODINGS[name]


def _plain_password(custom: dict[str, Any]) -> None:
    if _password_encoding(custom) is not None:
        raise FieldFault(f"{ROOT}.password.encoding", f"must be utf8 for {custom['algorithm']}")


def _has_salt(custom: dict[str, Any]) -> bool:
    return custom.get("salt") is not None and bool(_object(custom["salt"], f"{ROOT}.salt"))


def _salt(custom: dict[str, Any]) -> bytes:
    return _bytes(custom, "salt", "utf8") if _has_salt(custom) else b""


def _bytes(custom: dict[str, Any], member: str, default: str | None = None) -> bytes:
    return _decoded(_object(custom.get(member), f"{ROOT}.{member}"), f"{ROOT}.{member}", default)


def _decoded(part: dict[str, Any], field: str, default: str | None = None) -> bytes:
    """The bytes of an object's `value`, by its `encoding`."""
    value, encoding = part.get("value"), part.get("encoding", default)
    if not isinstance(value, str):
        raise FieldFault(f"{field}.value", "must be a text")
    if encoding == "base64":
        return base64_of(value, f"{field}.value")
    if encoding == "hex":
        try:
            return binascii.unhexlify(value)
        except ValueError as error:
            raise FieldFault(f"{field}.value", "must be hex, as its encoding says") from error
    if encoding == "utf8" and default == "utf8":
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            raise FieldFault(f"{field}.value", "must be Unicode") from error
    raise FieldFault(f"{field}.encoding", f"must be base64 or hex{' or utf8' if default else ''}")


def _number(custom: dict[str, Any], name: str, default: int) -> int:
    value = custom.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise FieldFault(f"{ROOT}.{name}", "must be a whole number above 0")
    return value


def _text(custom: dict[str, Any], *path: str) -> str:
    field = ROOT
    value: object = custom
    for name in path:
        value = _object(value, field).get(name)
        field = f"{field}.{name}"
    if not isinstance(value, str):
        raise FieldFault(field, "must be a text")
    return value


def _object(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FieldFault(field, "must be an object")
    return value


_FORMS: dict[str, Callable[[dict[str, Any]], str]] = {
    "argon2": _whole_text("argon2", "argon2id", "argon2i", "argon2d"),
    "bcrypt": _whole_text("bcrypt", "bcrypt"),
    "hmac": _hmac,
    "ldap": _whole_text("ldap", "ldap"),
    **dict.fromkeys(("md4", "md5", "sha1", "sha256", "sha512"), _digest),
    "pbkdf2": _pbkdf2,
    "scrypt": _scrypt,
}
