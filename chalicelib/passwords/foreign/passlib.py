"""passlib: those of its formats that no system else has, https://passlib.readthedocs.io/en/stable/lib/passlib.hash.html.

Its base64 has `.` for `+`. Of `$bcrypt-sha256$` there are two versions: in the first, bcrypt takes the base64 of the
password's SHA-256, in the second, that of its HMAC with the text of the salt as its key.
"""

from __future__ import annotations

import re

from chalicelib.passwords.foreign.faults import bytes_of
from chalicelib.passwords.schemes.phc import Phc

_PBKDF2 = re.compile(
    r"(?:\$pbkdf2(?:-(sha\d+))?\$|\{PBKDF2(?:-(SHA\d+))?\})(\d+)\$([A-Za-z0-9./]*)\$([A-Za-z0-9./]+)"
)
_BCRYPT = re.compile(
    r"\$bcrypt-sha256\$(?:(2[aby]),|v=2,t=(2[aby]),r=)(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})"
)

ATLASSIAN = "{PKCS5S2}"
ATLASSIAN_ITERATIONS = "10000"
ATLASSIAN_SALT, ATLASSIAN_DIGEST = 16, 32
"""Bytes: passlib's atlassian_pbkdf2_sha1, which Jira and Confluence write."""


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    if match := _PBKDF2.fullmatch(text):
        digest = (match[1] or match[2] or "sha1").lower()
        return str(Phc(f"pbkdf2-{digest}", {"i": match[3]}, _bytes(match[4]), _bytes(match[5])))
    if match := _BCRYPT.fullmatch(text):
        first, second, cost, salt, digest = match.groups()
        name = "bcrypt-sha256-base64" if first else "bcrypt-hmac-sha256"
        return f"${name}${first or second}${int(cost):02}${salt}{digest}"
    if text.startswith(ATLASSIAN):
        value = bytes_of(text.removeprefix(ATLASSIAN))
        if len(value) != ATLASSIAN_SALT + ATLASSIAN_DIGEST:
            raise ValueError(f"has not the length of a hash of {ATLASSIAN}")
        salt_bytes, raw = value[:ATLASSIAN_SALT], value[ATLASSIAN_SALT:]
        return str(Phc("pbkdf2-sha1", {"i": ATLASSIAN_ITERATIONS}, salt_bytes, raw))
    raise ValueError("is no hash as passlib writes it")


def _bytes(text: str) -> bytes:
    return bytes_of(text.replace(".", "+"))
