"""Werkzeug, and so Flask: `<method>$<salt>$<hex>` of generate_password_hash.

https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.generate_password_hash. Before 2.3 its method
could be a digest alone, which is an HMAC with the salt as its key (werkzeug/security.py, `_hash_internal`); `md5$…` and
`sha1$…` look like Django's, and are read as those.
"""

from __future__ import annotations

import re

from chalicelib.passwords.foreign.faults import hex_of, log2_of
from chalicelib.passwords.schemes.phc import Phc, encoded

_SCRYPT = re.compile(r"scrypt:(\d+):(\d+):(\d+)\$([^$]+)\$([0-9a-f]+)")
_PBKDF2 = re.compile(r"pbkdf2:(sha\d+):(\d+)\$([^$]+)\$([0-9a-f]+)")
_HMAC = re.compile(r"(sha\d+)\$([^$]+)\$([0-9a-f]+)")


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    if match := _SCRYPT.fullmatch(text):
        n, block, lanes, salt, value = match.groups()
        return str(Phc("scrypt", {"ln": log2_of(n), "r": block, "p": lanes}, salt.encode(), hex_of(value)))
    if match := _PBKDF2.fullmatch(text):
        digest, iterations, salt, value = match.groups()
        return str(Phc(f"pbkdf2-{digest}", {"i": iterations}, salt.encode(), hex_of(value)))
    if match := _HMAC.fullmatch(text):
        digest, key, value = match.groups()
        return str(Phc(f"hmac-{digest}", {"key": encoded(key.encode())}, b"", hex_of(value)))
    raise ValueError("is no hash as Werkzeug writes it, with its iterations")
