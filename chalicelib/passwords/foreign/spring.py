"""Spring Security's SCryptPasswordEncoder, `$<parameters>$<salt>$<hash>`, and Lambdaworks' `$s0$…` of the same form:
the parameters are the hex of log2 N in the upper 16 bits, r in the next eight, and p in the last.

https://github.com/wg/scrypt and org.springframework.security.crypto.scrypt.SCryptPasswordEncoder
"""

from __future__ import annotations

import re

from chalicelib.passwords.foreign.faults import bytes_of
from chalicelib.passwords.schemes.phc import Phc

_TEXT = re.compile(r"\$(?:s0\$)?([0-9a-f]{5,6})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})")


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    match = _TEXT.fullmatch(text)
    if not match:
        raise ValueError("is no scrypt hash as Spring Security writes it")
    number = int(match[1], 16)
    parameters = {"ln": str(number >> 16), "r": str(number >> 8 & 0xFF), "p": str(number & 0xFF)}
    return str(Phc("scrypt", parameters, bytes_of(match[2]), bytes_of(match[3])))
