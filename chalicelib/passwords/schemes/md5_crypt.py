"""MD5-crypt, `$1$`, as FreeBSD's libcrypt computes it (lib/libcrypt/crypt-md5.c): 1,000 rounds, always. Apache's
`$apr1$` differs by its name alone, which is hashed too (https://httpd.apache.org/docs/2.4/misc/password_encryptions.html).
"""

from __future__ import annotations

import hashlib
import hmac
import re

from chalicelib.passwords.schemes import crypt64

ROUNDS = 1000


class Md5Crypt:
    kind = "md5-crypt"

    _PATTERN = re.compile(r"(\$1\$|\$apr1\$)([./0-9A-Za-z]{0,8})\$([./0-9A-Za-z]{22})")

    def check(self, stored: str) -> None:
        if not self._PATTERN.fullmatch(stored):
            raise ValueError("is not an md5-crypt hash")

    def fits(self, stored: str, password: bytes) -> bool:
        match = self._PATTERN.fullmatch(stored)
        if not match or len(password) > crypt64.LONGEST_PASSWORD:
            return False
        raw = _raw(password, match[1].encode(), match[2].encode())
        groups = [bytes((raw[index], raw[index + 6], raw[(index + 12) if index < 4 else 5])) for index in range(5)]
        return hmac.compare_digest(crypt64.encoded([*groups, raw[11:12]]), match[3])


def _raw(password: bytes, name: bytes, salt: bytes) -> bytes:
    between = _md5(password + salt + password)
    padding = (between * (len(password) // 16 + 1))[: len(password)]
    # By the bits of the length: a zero byte where one is set, else the password's first.
    bits = b"".join(
        b"\0" if len(password) >> bit & 1 else password[:1] for bit in range(len(password).bit_length())
    )
    state = _md5(password + name + salt + padding + bits)
    for number in range(ROUNDS):
        middle = (salt if number % 3 else b"") + (password if number % 7 else b"")
        state = _md5(password + middle + state if number % 2 else state + middle + password)
    return state


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
