"""FusionAuth: `encryptionScheme`, `factor`, `salt` and `password` of a user, as its import takes them.

https://fusionauth.io/docs/reference/password-hashes has each scheme as pseudocode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import FieldFault, base64_of, blaming
from chalicelib.passwords.schemes.phc import Phc, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD_FIRST = encoded(b"{PASSWORD}{SALT}")


def from_fusionauth(scheme: object, factor: object, salt: object, password: object) -> str:
    """The hash as we store it; `password` is FusionAuth's name of the hash. Raises FieldFault."""
    form = _FORMS.get(scheme) if isinstance(scheme, str) else None
    if form is None and isinstance(scheme, str) and scheme in PHPASS:
        raise FieldFault("encryptionScheme", "has no documented base64: bring the text `$P$…` that PHP wrote")
    if form is None:
        raise FieldFault("encryptionScheme", f"must be one of {', '.join(_FORMS)}")
    if not isinstance(salt, str):
        raise FieldFault("salt", "must be a text")
    if not isinstance(password, str):
        raise FieldFault("password", "must be a text")
    text = form(_factor(factor) if scheme != HMAC else 1, salt, password)
    with blaming("password"):
        return schemes.check(text)


def _factor(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise FieldFault("factor", "must be a whole number above 0")
    return value


def _digest(algorithm: str) -> Callable[[int, str, str], str]:
    """A digest of password and salt, of which another is made until there are as many as the factor says."""

    def form(factor: int, salt: str, password: str) -> str:
        parameters = {"i": str(factor), "pf": PASSWORD_FIRST}
        return str(Phc(f"iterated-{algorithm}", parameters, *_salt_and_hash(salt, password)))

    return form


def _pbkdf2(algorithm: str) -> Callable[[int, str, str], str]:
    return lambda factor, salt, password: str(
        Phc(f"pbkdf2-{algorithm}", {"i": str(factor)}, *_salt_and_hash(salt, password))
    )


def _hmac(_: int, salt: str, password: str) -> str:
    key, digest = _salt_and_hash(salt, password)
    return str(Phc("hmac-sha256", {"key": encoded(key)}, b"", digest))


def _bcrypt(factor: int, salt: str, password: str) -> str:
    return f"$2a${factor:02}${salt}{password}"


def _salt_and_hash(salt: str, password: str) -> tuple[bytes, bytes]:
    return base64_of(salt, "salt"), base64_of(password, "password")


HMAC = "salted-hmac-sha256"
"""The one scheme without a factor."""
PHPASS = ("phpass-md5", "phpass-sha512", "phppass-sha512")

_FORMS: dict[str, Callable[[int, str, str], str]] = {
    "bcrypt": _bcrypt,
    "salted-pbkdf2-hmac-sha256": _pbkdf2("sha256"),
    "salted-pbkdf2-hmac-sha256-512": _pbkdf2("sha256"),
    "salted-pbkdf2-hmac-sha512-512": _pbkdf2("sha512"),
    "salted-sha256": _digest("sha256"),
    "salted-md5": _digest("md5"),
    HMAC: _hmac,
}
