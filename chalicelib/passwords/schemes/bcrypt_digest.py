"""bcrypt of a digest of the password, which every byte of a long one counts in: `$bcrypt-<digest>$2b$<cost>$…`, a hash
of bcrypt behind the name of the digest that it takes:

- `sha256-hex`: SHA-256 in hex, Django's BCryptSHA256PasswordHasher (django/contrib/auth/hashers.py)
- `sha256-base64`: SHA-256 in base64, passlib's `$bcrypt-sha256$` of version 1
- `hmac-sha256`: HMAC-SHA-256 in base64 with the text of bcrypt's salt as its key, passlib's version 2
  (passlib/handlers/bcrypt.py)
- `wp-sha384`: HMAC-SHA-384 in base64 with a key of WordPress 6.8 (wp_check_password in wp-includes/pluggable.php)
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import TYPE_CHECKING

from chalicelib.passwords.schemes.bcrypt import SALT_CHARACTERS, Bcrypt

if TYPE_CHECKING:
    from collections.abc import Callable

WORDPRESS_KEY = b"wp-sha384"

DIGESTS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "sha256-hex": lambda password, _: hashlib.sha256(password).hexdigest().encode(),
    "sha256-base64": lambda password, _: b64encode(hashlib.sha256(password).digest()),
    "hmac-sha256": lambda password, salt: b64encode(hmac.digest(salt, password, "sha256")),
    "wp-sha384": lambda password, _: b64encode(hmac.digest(WORDPRESS_KEY, password, "sha384")),
}
"""What bcrypt takes, by the password and the text of the salt. All are below the 72 bytes that count."""


class BcryptDigest:
    """bcrypt of one of these digests."""

    kind = "bcrypt-digest"

    def __init__(self, digest: str) -> None:
        self._prefix = f"$bcrypt-{digest}"
        self._digest = DIGESTS[digest]
        self._bcrypt = Bcrypt()

    def check(self, stored: str) -> None:
        self._bcrypt.check(stored.removeprefix(self._prefix))

    def fits(self, stored: str, password: bytes) -> bool:
        inner = stored.removeprefix(self._prefix)
        salt = inner.rpartition("$")[2][:SALT_CHARACTERS]
        return self._bcrypt.fits(inner, self._digest(password, salt.encode()))
