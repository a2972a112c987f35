"""Password hashes of LDAP directories, `{SSHA256}<base64 of digest and salt>`, by RFC 2307, section 5.3, and with the
usual further digests; without the first `S`, there is no salt."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode

from chalicelib.passwords.schemes.digests import SIZES, digest
from chalicelib.passwords.schemes.phc import BYTES_LIMIT

ALGORITHMS = {"MD5": "md5", "SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}


class Ldap:
    kind = "ldap"

    def __init__(self, algorithm: str, *, salted: bool) -> None:
        self._algorithm = algorithm
        self._salted = salted

    def check(self, stored: str) -> None:
        try:
            value = b64decode(stored.partition("}")[2], validate=True)
        except binascii.Error as error:
            raise ValueError("has a part that is not base64") from error
        salt = len(value) - SIZES[self._algorithm]
        if not (1 <= salt <= BYTES_LIMIT if self._salted else salt == 0):
            raise ValueError(
                f"has not the length of {self._algorithm} {'and a salt' if self._salted else 'alone'}"
            )

    def fits(self, stored: str, password: bytes) -> bool:
        value = b64decode(stored.partition("}")[2])
        size = SIZES[self._algorithm]
        return hmac.compare_digest(digest(self._algorithm, password + value[size:]), value[:size])
