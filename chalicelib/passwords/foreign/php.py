"""Hashes of PHP's applications.

- `$P$` and `$H$`: phpass, of WordPress until 6.7, phpBB and many others (https://www.openwall.com/phpass/)
- `$S$`: Drupal 7 to 10.0, phpass with SHA-512, cut (includes/password.inc of https://git.drupalcode.org/project/drupal)
- `$wp$2y$`: WordPress since 6.8, bcrypt of an HMAC (wp_check_password in wp-includes/pluggable.php)
"""

from __future__ import annotations

import re

from chalicelib.passwords.schemes import crypt64
from chalicelib.passwords.schemes.phc import Phc

_PHPASS = re.compile(r"\$[PHS]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22}|[./0-9A-Za-z]{43})")

ROUNDS = range(7, 31)
"""The exponents of two that phpass and Drupal allow."""


def converted(text: str) -> str:
    """The hash as we store it. Raises ValueError."""
    if text.startswith("$wp$2y$"):
        return f"$bcrypt-wp-sha384{text.removeprefix('$wp')}"
    match = _PHPASS.fullmatch(text)
    is_drupal = text.startswith("$S$")
    if not match or is_drupal != (len(match[3]) == 43):
        raise ValueError("is no hash as phpass, WordPress or Drupal writes it")
    power = crypt64.number(match[1])
    if power not in ROUNDS:
        raise ValueError(f"has not 2^{ROUNDS[0]} to 2^{ROUNDS[-1]} rounds")
    parameters = {"i": str(2**power + 1), "tail": "password"}
    name = "iterated-sha512" if is_drupal else "iterated-md5"
    return str(Phc(name, parameters, match[2].encode(), crypt64.decoded(match[3])))
