"""scrypt (RFC 7914) as `$scrypt$ln=<log2 N>,r=<block size>,p=<parallelization>$salt$hash`.

`$scrypt-nfkc$` is the same of a password in the normalization form NFKC. It is a kind of its own, because a system that
knows scrypt does not verify it.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from chalicelib.passwords.schemes import phc

MEMORY_BYTES = 128 * 2**20
"""The most bytes of the table, 128·N·r. N of 2^17 with r of 8, which OWASP asks for, need as many."""
LANES_BYTES = 2**20
"""The most of the lanes, 128·r·p. PBKDF2 makes and hashes them, which the work does not count; the usual r of 8
needs 16 KiB for 16 lanes."""
WORK = 2**23
"""The most of N·r·p, which is what a hash costs in time."""
LANES = 16
SHORTEST_DIGEST = 16


class Scrypt:
    kind = "scrypt"

    def check(self, stored: str) -> None:
        check_cost(phc.parse(stored))

    def fits(self, stored: str, password: bytes) -> bool:
        parts = phc.parse(stored)
        return hmac.compare_digest(derived(parts, password, len(parts.digest)), parts.digest)


class ScryptOfNfkc(Scrypt):
    kind = "scrypt-nfkc"

    def fits(self, stored: str, password: bytes) -> bool:
        return super().fits(stored, nfkc(password))


def nfkc(password: bytes) -> bytes:
    """The UTF-8 of a password in NFKC, which makes one of characters that look alike, such as wide letters."""
    return unicodedata.normalize("NFKC", password.decode()).encode()


def check_cost(parts: phc.Phc) -> None:
    """Raise ValueError where the parameters are not valid for scrypt, or cost more than is accepted."""
    parts.only("ln", "r", "p")
    log_n, block, lanes = parts.number("ln"), parts.number("r"), parts.number("p")
    if lanes > LANES:
        raise ValueError(f"asks for more than {LANES} lanes of scrypt")
    # The exponent is compared first: 2^ln of any number that fits the text would be a stall of its own.
    if log_n > MEMORY_BYTES.bit_length() or 128 * 2**log_n * block > MEMORY_BYTES:
        raise ValueError(f"asks for more than {MEMORY_BYTES // 2**20} MiB of memory")
    if 128 * block * lanes > LANES_BYTES:
        raise ValueError(f"asks for more than {LANES_BYTES // 2**20} MiB of lanes")
    if 2**log_n * block * lanes > WORK:
        raise ValueError(f"asks for more than {WORK:,} as N·r·p of scrypt")
    if log_n >= 16 * block:
        raise ValueError("asks for an N that scrypt does not have for its r: RFC 7914, section 6")
    if len(parts.digest) < SHORTEST_DIGEST:
        raise ValueError(f"is shorter than {SHORTEST_DIGEST} bytes")


def derived(parts: phc.Phc, password: bytes, size: int) -> bytes:
    """A key of `size` bytes from the password."""
    n, block, lanes = 2 ** parts.number("ln"), parts.number("r"), parts.number("p")
    working_memory = 128 * block * (n + lanes + 2)
    return hashlib.scrypt(
        password, salt=parts.salt, n=n, r=block, p=lanes, maxmem=working_memory + 2**20, dklen=size
    )
