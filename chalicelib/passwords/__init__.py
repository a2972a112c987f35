"""Passwords: our hashes and those of other systems, the policy for new passwords, and breaches. Does not depend on
persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of
from chalicelib.passwords.policy import MOST_FORMS, fits, forms, hashed, is_replaceable
from chalicelib.passwords.schemes import is_foreign
from chalicelib.passwords.schemes import kind as kind_of

if TYPE_CHECKING:
    from chalicelib.passwords.foreign import NoPassword, as_stored
else:
    __getattr__ = names_of(__name__, {"NoPassword": "foreign", "as_stored": "foreign"})

__all__ = [
    "MOST_FORMS",
    "NoPassword",
    "as_stored",
    "breaches",
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
