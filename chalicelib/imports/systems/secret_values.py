"""Values of columns that nobody has named, which hold something that does not belong into anybody's data."""

from __future__ import annotations

import re

from chalicelib.imports.systems.cells import parsed
from chalicelib.imports.systems.values import SENSITIVE

_HASH = re.compile(
    r"\$(?:2[abxy]|argon2\w+|scrypt|pbkdf2[\w-]*|bcrypt[\w-]*|[156yPHS]|apr1)\$|(?:pbkdf2|bcrypt)_sha"
    r"|\{(?:S?SHA|S?MD5|CRYPT|BCRYPT|ARGON2|PBKDF2)",
    re.IGNORECASE,
)
"""How the hashes of passwords begin, whatever their column is called."""


def holds_secret(value: object) -> bool:
    """Whether a value is the hash of a password, or has a member that is called like a secret, at whatever depth, also
    in a text of JSON."""
    if isinstance(value, str):
        if _HASH.match(value):
            return True
        value = parsed(value) if value[:1] in ("{", "[") else None
    if isinstance(value, dict):
        return any(SENSITIVE.search(name) or holds_secret(inner) for name, inner in value.items())
    return isinstance(value, list) and any(map(holds_secret, value))
