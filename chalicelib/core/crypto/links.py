"""Tokens and short codes that mails carry: proof that their bearer reads the mailbox they were sent to.

A token is `<record id>.<key number>.<MAC>`; the record it names holds the expiry and whether it was used. A short
code can be typed, and is good only for a record that is found without it and counts the wrong ones.
"""

from __future__ import annotations

import hmac

from chalicelib.core.crypto import app_keys
from chalicelib.core.errors import Gone
from chalicelib.core.ids import base64url
from chalicelib.core.settings import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of short codes: Crockford's base 32, which leaves out I, L, O and U."""

SHORT_CODE_LENGTH = 8
"""40 bits, where NIST SP 800-63B-4, section 3.1.3.2, asks for 20 of a code whose guesses are limited."""

_MISTYPED = str.maketrans("ILO", "110", "- ")


def mint(purpose: str, record_id: str) -> str:
    """The token for one record and one purpose (`confirm`, `reset`)."""
    key_id = app_keys.current_key_id()
    return f"{record_id}.{key_id}.{base64url(app_keys.mac('links', purpose, record_id, key_id=key_id))}"


def redeem(purpose: str, token: str) -> str:
    """The id of the record that the token is for. Raises Gone for a token that we did not mint for this."""
    record_id, _, rest = token.partition(".")
    key_id, _, given = rest.partition(".")
    try:
        expected = base64url(app_keys.mac("links", purpose, record_id, key_id=key_id))
    except KeyError:
        expected = ""
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
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
    """A link into the app: the token rides in the fragment, which browsers send to nobody."""
    return f"{settings().public_url}{path}#token={token}"


def short_code(purpose: str, record_id: str, key_id: str | None = None) -> str:
    """The short code for one record and one purpose, made anew each time and kept nowhere."""
    made = app_keys.mac("codes", purpose, record_id, key_id=key_id)
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in made[:SHORT_CODE_LENGTH])


def is_short_code(purpose: str, record_id: str, typed: str) -> bool:
    """Whether that was typed of the record's short code, by the current key or the one before. Case, spaces,
    hyphens and the letters that look like digits make no difference."""
    given = typed.upper().translate(_MISTYPED).encode()
    made = [short_code(purpose, record_id, key_id).encode() for key_id in app_keys.key_ids()]
    return any(hmac.compare_digest(one, given) for one in made)
