"""Passwords: schemes of hashes, ours and of others, the policy for new ones, and breaches. Knows no person."""

from chalicelib.passwords.policy import fits, hashed, is_replaceable
from chalicelib.passwords.schemes import check as check_hash
from chalicelib.passwords.schemes import is_foreign
from chalicelib.passwords.schemes import kind as kind_of

__all__ = [
    "breaches",
    "foreign",
    "policy",
    "schemes",
    "check_hash",
    "fits",
    "hashed",
    "is_foreign",
    "is_replaceable",
    "kind_of",
]
