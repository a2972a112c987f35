"""Hashes that begin with the name of their kind in braces: LDAP's (RFC 2307) in any case, and whole hashes of another
format behind a name, as LDAP's `{CRYPT}`, Dovecot's `{BLF-CRYPT}` and Spring Security's `{bcrypt}` have them.

https://doc.dovecot.org/main/core/config/auth/schemes.html, and org.springframework.security.crypto.password.
DelegatingPasswordEncoder.
"""

from __future__ import annotations

import re
from base64 import b64encode

from chalicelib.passwords.foreign.faults import hex_of
from chalicelib.passwords.foreign.spellings import UNUSABLE, as_stored
from chalicelib.passwords.schemes.digests import SIZES
from chalicelib.passwords.schemes.ldap import ALGORITHMS

_TEXT = re.compile(r"\{([A-Za-z0-9-]{2,14})(?:@SpringSecurity_v5_8)?\}(.+)")

WRAPPERS = frozenset(
    {
        *("crypt", "blf-crypt", "md5-crypt", "sha256-crypt", "sha512-crypt"),
        *("bcrypt", "scrypt", "argon2", "argon2i", "argon2id"),
    }
)
"""What follows these is a whole hash."""
PLAIN = frozenset({"noop", "plain", "plaintext", "cleartext", "clear"})


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    match = _TEXT.fullmatch(text)
    name, value = (match[1].lower(), match[2]) if match else ("", "")
    if name in PLAIN:
        raise ValueError("is a password in plain text, which is no hash")
    if name in WRAPPERS and value.startswith(("$", *UNUSABLE)):
        return as_stored(value)
    algorithm = ALGORITHMS.get(name.upper())
    if algorithm and len(value) == 2 * SIZES[algorithm]:
        value = b64encode(hex_of(value)).decode()
    if algorithm or ALGORITHMS.get(name.upper().removeprefix("S")):
        return f"{{{name.upper()}}}{value}"
    raise ValueError("is a password hash of an unsupported kind")
