"""better-auth: the column `password` of `account`, `<salt>:<hex>`, as its package @better-auth/utils makes it in
src/password.node.ts. Lucia's `s2:<salt>:<hex>` is the same computation.

scrypt takes the salt's text, and the password in the normalization form NFKC.
"""

from __future__ import annotations

from chalicelib.passwords.foreign.faults import hex_of
from chalicelib.passwords.schemes.phc import Phc

PARAMETERS = {"ln": "14", "r": "16", "p": "1"}


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    salt, _, value = text.removeprefix("s2:").partition(":")
    return str(Phc("scrypt-nfkc", PARAMETERS, salt.encode(), hex_of(value)))
