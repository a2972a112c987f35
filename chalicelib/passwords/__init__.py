"""Passwords: our hashes and those of other systems, the policy for new passwords, and breaches. Does not depend on
persons."""

from chalicelib.passwords.policy import MOST_FORMS, fits, forms, hashed, is_replaceable
from chalicelib.passwords.schemes import check as check_hash
from chalicelib.passwords.schemes import is_foreign
from chalicelib.passwords.schemes import kind as kind_of

__all__ = [
    "MOST_FORMS",
    "breaches",
    "check_hash",
    "fits",
    "foreign",
    "forms",
    "hashed",
    "is_foreign",
    "is_replaceable",
    "kind_of",
    "policy",
    "schemes",
]
