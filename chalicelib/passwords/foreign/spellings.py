"""A password hash in any spelling whose form tells what it is, as we store it.

Where a form has several readings, it has one here: that of the system which writes it most, or none.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from chalicelib.passwords import schemes
from chalicelib.passwords.foreign.faults import FieldFault, NoPassword, unpadded

if TYPE_CHECKING:
    from collections.abc import Callable

SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:pbkdf2_sha(?:1|256|512)|scrypt|bcrypt(?:_sha256)?|argon2|md5|sha1)\$"), "django"),
    (re.compile(r"(?:scrypt|pbkdf2):|sha(?:224|256|384|512)\$"), "werkzeug"),
    (re.compile(r"\$pbkdf2(?:-sha\d+)?\$\d|\$bcrypt-sha256\$|\{PBKDF2|\{PKCS5S2\}"), "passlib"),
    (re.compile(r"\$[PHS]\$|\$wp\$"), "php"),
    (re.compile(r"(?:s2:[0-9A-Za-z]{16}|[0-9a-f]{32}):[0-9a-f]{128}$"), "better_auth"),
    (re.compile(r"A[A-Q][A-Za-z0-9+/]{54,}={0,2}$"), "aspnet"),
    (re.compile(r"\$(?:s0\$)?[0-9a-f]{5,6}\$"), "spring"),
    (re.compile(r"\$fbscrypt\$"), "supabase"),
    (
        re.compile(
            r"\$(?:md5|sha256|sha512)-crypt\$|\$scrypt\$ln=\d{3,9},|\$firescrypt\$(?:[^$]*\$){4}|\$md5\$[^$]+$"
        ),
        "kratos",
    ),
    (re.compile(r"\{"), "braces"),
)
"""By what a hash begins with, or all of it: the module of `passwords.foreign` that converts it, which is loaded for the
first such hash."""

UNUSABLE = ("!", "*")
"""What the mark of an account without a usable password begins with: Django's UNUSABLE_PASSWORD_PREFIX, and the
characters of shadow(5) that no hash begins with."""

_MYSQL = re.compile(r"\*[0-9A-F]{40}$")

REFUSED: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"\$(?:y|gy|7)\$"),
        "is a yescrypt hash, which cannot be checked here: leave it out, and have a password reset mailed",
    ),
    (_MYSQL, "is a hash of MySQL's PASSWORD(), which has no salt: leave it out, and have a password reset mailed"),
    (re.compile(r"\$2x\$"), "is a bcrypt hash of a library with a fault, which fits several passwords"),
    (
        re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$"),
        "is a digest alone, which does not say what was hashed, nor how",
    ),
)


def as_stored(value: object) -> str:
    """A hash in any spelling that we know, in the format of `passwords.schemes` in which it is stored. One that is in
    such a format already comes back as it is.

    Raises NoPassword for the mark of an account without one (`!…`, `*…`), and ValueError where the spelling is not
    known, the hash is malformed, or it costs too much. The reason quotes nothing of it.
    """
    if not isinstance(value, str) or not value.isascii() or len(value) > schemes.LENGTH_LIMIT:
        return schemes.check(value)
    if value.startswith(UNUSABLE) and not _MYSQL.match(value):
        raise NoPassword
    try:
        return schemes.check(value)
    except ValueError:
        converted = _converted(value)
        if converted is None:
            raise
    return schemes.check(converted)


def _converted(text: str) -> str | None:
    """The text in a format of `passwords.schemes`; None where it is in no other spelling. Raises ValueError."""
    for pattern, reason in REFUSED:
        if pattern.match(text):
            raise ValueError(reason)
    for pattern, module in SPELLINGS:
        if pattern.match(text):
            convert: Callable[[str], str] = import_module(f"chalicelib.passwords.foreign.{module}").converted
            try:
                return convert(text)
            except FieldFault as fault:
                raise ValueError(fault.reason) from fault
    return unpadded(text) if text.startswith("$") and text != unpadded(text) else None
