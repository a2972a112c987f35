"""Plain passwords, which files have that people write for another system's import."""

from __future__ import annotations

from chalicelib.passwords import foreign

PASSWORD_LIMIT = 256
"""Characters of a plain password: the same limit as for a password that is chosen here."""


def plain_password(password: object) -> str:
    """The password, of no policy. Raises FieldFault for what nobody can type."""
    if not isinstance(password, str) or not 1 <= len(password) <= PASSWORD_LIMIT:
        raise foreign.FieldFault("password", f"must have 1 to {PASSWORD_LIMIT} characters")
    if not password.isprintable():
        raise foreign.FieldFault("password", "holds characters that nobody can type")
    return password
