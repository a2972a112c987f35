"""Tokens and short codes in mails: they prove that whoever sends them reads the mailbox that they were sent to.

A token is `<record id>.<key number>.<MAC>`; the record holds when it expires and whether it was used. A short code is
typed by hand. It proves something only for a record that is found without it, and that counts wrong codes.
"""

from __future__ import annotations

import hmac

from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Gone
from chalicelib.core.ids import base64url
from chalicelib.core.settings import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The characters of short codes: Crockford's base 32, which leaves out I, L, O and U."""

SHORT_CODE_LENGTH = 8
"""In characters: 40 bits. NIST SP 800-63B-4, section 3.1.3.2, requires 20 bits where guesses are limited."""

_MISTYPED = str.maketrans("ILO", "110", "- ")


def mint(purpose: str, record_id: str) -> str:
    """The token for one record and one purpose (`confirm`, `reset`)."""
    key_id = app_keys.current_key_id()
    return f"{record_id}.{key_id}.{base64url(app_keys.mac('links', purpose, record_id, key_id=key_id))}"


def redeem(purpose: str, token: str) -> str:
    """The id of the record that the token is for. Raises Gone for a token that we did not mint for this purpose."""
    record_id, _, rest = token.partition(".")
    key_id, _, mac = rest.partition(".")
    try:
        expected = base64url(app_keys.mac("links", purpose, record_id, key_id=key_id))
    except KeyError:
        expected = ""
    if not expected or not hmac.compare_digest(expected.encode(), mac.encode()):
        raise Gone("this link is not valid, or no longer")
    return record_id


def is_for(purpose: str, token: str) -> bool:
    """Whether we minted the token for this purpose."""
    try:
        redeem(purpose, token)
    except Gone:
        return False
    return True


def url(path: str, token: str) -> str:
    """A link into the app, with the token in the fragment, which browsers do not send to servers."""
    return f"{settings().public_url}{path}#token={token}"


def short_code(purpose: str, record_id: str, key_id: str | None = None) -> str:
    """The short code for one record and one purpose. It is computed when needed and stored nowhere."""
    mac = app_keys.mac("codes", purpose, record_id, key_id=key_id)
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in mac[:SHORT_CODE_LENGTH])


def is_short_code(purpose: str, record_id: str, typed: str) -> bool:
    """Whether what was typed is the record's short code, by the current key or the one before. Case, spaces, hyphens
    and letters that look like digits make no difference."""
    code = typed.upper().translate(_MISTYPED).encode()
    valid_codes = [short_code(purpose, record_id, key_id).encode() for key_id in app_keys.key_ids()]
    return any(hmac.compare_digest(valid, code) for valid in valid_codes)
