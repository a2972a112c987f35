"""One digest of salt and password, `$sha256$pf=<template>,pe=<encoding>$salt$hash`, or one HMAC of them,
`$hmac-sha256$key=<key>,pf=…,pe=…$salt$hash`.

- `pf`, in base64: a template in which `{SALT}` and `{PASSWORD}` are replaced, as Ory Kratos writes it;
  `{SALT}{PASSWORD}` where it is left out.
- `pe`: `utf16le` or `latin1`, the encoding of the password; UTF-8 where it is left out. `$md4$pe=utf16le$$…` is
  Windows' NT hash.
- `key`: base64 of the HMAC's key.
- The salt may be empty.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from chalicelib.passwords.schemes import md4, phc

SIZES = {"md4": 16, "md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
"""Bytes of each digest."""

SALT_FIRST = b"{SALT}{PASSWORD}"
PLACEHOLDERS = 4
"""The most placeholders of a template: each is replaced by up to 4 KiB."""

ENCODINGS = {"utf16le": "utf-16-le", "latin1": "latin-1"}
"""The encodings of a password that is not in UTF-8: our names, which are Node's, and Python's."""

_PLACEHOLDER = re.compile(rb"(\{SALT\}|\{PASSWORD\})")


class Digest:
    """One digest, without a key."""

    def __init__(self, algorithm: str) -> None:
        self.kind = algorithm
        self._algorithm = algorithm

    def check(self, stored: str) -> None:
        parts = phc.parse(stored)
        parts.only("pf", "pe")
        _check(parts, self._algorithm)

    def fits(self, stored: str, password: bytes) -> bool:
        parts = phc.parse(stored)
        text = text_of(parts, password)
        return text is not None and hmac.compare_digest(digest(self._algorithm, text), parts.digest)


class Hmac:
    """One HMAC (RFC 2104)."""

    kind = "hmac"

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm

    def check(self, stored: str) -> None:
        parts = phc.parse(stored)
        parts.only("key", "pf", "pe")
        if not phc.decoded(parts.parameters.get("key", "")):
            raise ValueError("needs the HMAC's key as key=")
        _check(parts, self._algorithm)

    def fits(self, stored: str, password: bytes) -> bool:
        parts = phc.parse(stored)
        text = text_of(parts, password)
        key = phc.decoded(parts.parameters["key"])
        return text is not None and hmac.compare_digest(_mac(self._algorithm, key, text), parts.digest)


def digest(algorithm: str, data: bytes) -> bytes:
    """The digest of some bytes, by an algorithm of `SIZES`."""
    if algorithm == "md4":
        return md4.digest(data)
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _mac(algorithm: str, key: bytes, data: bytes) -> bytes:
    if algorithm != "md4":
        return hmac.digest(key, data, algorithm)
    whole = (md4.digest(key) if len(key) > md4.BLOCK_BYTES else key).ljust(md4.BLOCK_BYTES, b"\0")
    inner = md4.digest(bytes(byte ^ 0x36 for byte in whole) + data)
    return md4.digest(bytes(byte ^ 0x5C for byte in whole) + inner)


def _check(parts: phc.Phc, algorithm: str) -> None:
    if len(parts.digest) != SIZES[algorithm]:
        raise ValueError(f"is not {SIZES[algorithm]} bytes long, as {algorithm} makes them")
    check_text(parts)


def check_text(parts: phc.Phc) -> None:
    """Raise ValueError where the parameters `pf` and `pe` do not say what is hashed."""
    if parts.parameters.get("pe", "utf16le") not in ENCODINGS:
        raise ValueError(f"has an encoding of the password other than {' and '.join(ENCODINGS)} as pe=")
    placeholders = _PLACEHOLDER.findall(template_of(parts))
    if b"{PASSWORD}" not in placeholders or len(placeholders) > PLACEHOLDERS:
        raise ValueError(f"needs a template with {{PASSWORD}} and {PLACEHOLDERS} places at most as pf=")


def template_of(parts: phc.Phc) -> bytes:
    """The template of `pf`, or that which is meant where there is none."""
    return phc.decoded(parts.parameters["pf"]) if "pf" in parts.parameters else SALT_FIRST


def text_of(parts: phc.Phc, password: bytes) -> bytes | None:
    """The bytes that are hashed by `pf` and `pe`, or None for a password that the encoding cannot express."""
    encoding = parts.parameters.get("pe")
    if encoding:
        try:
            password = password.decode().encode(ENCODINGS[encoding])
        except UnicodeError:
            return None
    fill = {b"{SALT}": parts.salt, b"{PASSWORD}": password}
    return b"".join(fill.get(piece, piece) for piece in _PLACEHOLDER.split(template_of(parts)))
