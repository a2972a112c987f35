"""A digest of salt and password that is digested again and again, as phpass, Drupal 7, Symfony and FusionAuth do:
`$iterated-sha512$i=<digests>,tail=<tail>,pf=<template>$salt$hash`.

- `i`: how many digests there are. The first is that of the template, as in `digests`; each later one is that of the one
  before and of the tail.
- `tail`: `password`, `text` (what was hashed first), or nothing where it is left out.
- `pf`, in base64: a template with one `{PASSWORD}` and `{SALT}` once at most; `{SALT}{PASSWORD}` where it is left out.

A hash may be cut: Drupal keeps half of SHA-512.
"""

from __future__ import annotations

import hashlib
import hmac

from chalicelib.passwords.schemes import crypt64, digests, phc

ALGORITHMS = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}

TAILS = ("password", "text")

ITERATIONS = 1_000_000
SHORTEST_DIGEST = 16
LONGEST_SALT, LONGEST_TEMPLATE = 128, 32
"""Bytes: some tails have them in every round. So it is with passwords, whose limit is that of crypt(3): longer ones fit
no hash. A template is its two places, and a few signs about them, as Symfony's braces."""


class Iterated:
    """One digest, many times."""

    kind = "iterated"

    def __init__(self, algorithm: str) -> None:
        self._hash = ALGORITHMS[algorithm]
        self._size = digests.SIZES[algorithm]

    def check(self, stored: str) -> None:
        parts = phc.parse(stored)
        parts.only("i", "tail", "pf")
        if parts.number("i") > ITERATIONS:
            raise ValueError(f"asks for more than {ITERATIONS:,} digests")
        if parts.parameters.get("tail", TAILS[0]) not in TAILS:
            raise ValueError(f"has a tail other than {' and '.join(TAILS)} as tail=")
        if not SHORTEST_DIGEST <= len(parts.digest) <= self._size:
            raise ValueError(f"has not {SHORTEST_DIGEST} to {self._size} bytes")
        digests.check_text(parts)
        template = digests.template_of(parts)
        if template.count(b"{PASSWORD}") + template.count(b"{SALT}") > 2 or template.count(b"{PASSWORD}") > 1:
            raise ValueError("needs a template with {PASSWORD} once, and {SALT} once at most, as pf=")
        if len(parts.salt) > LONGEST_SALT or len(template) > LONGEST_TEMPLATE:
            raise ValueError(f"has a salt above {LONGEST_SALT} bytes, or a template above {LONGEST_TEMPLATE}")

    def fits(self, stored: str, password: bytes) -> bool:
        parts = phc.parse(stored)
        text = digests.text_of(parts, password)
        if text is None or len(password) > crypt64.LONGEST_PASSWORD:
            return False
        tail = {"password": password, "text": text}.get(parts.parameters.get("tail", ""), b"")
        state = self._hash(text, usedforsecurity=False).digest()
        for _ in range(parts.number("i") - 1):
            state = self._hash(state + tail, usedforsecurity=False).digest()
        return hmac.compare_digest(state[: len(parts.digest)], parts.digest)
