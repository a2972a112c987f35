"""Tokens that mails carry: proof that their bearer reads the mailbox they were sent to.

A token is `<record id>.<key number>.<MAC>`; the record it names holds the expiry and whether it was used.
"""

from __future__ import annotations

import hmac

from chalicelib.core import appkeys
from chalicelib.core.errors import Gone
from chalicelib.core.ids import base64url
from chalicelib.core.settings import settings


def mint(purpose: str, record_id: str) -> str:
    """The token for one record and one purpose (`confirm`, `reset`)."""
    key_id = appkeys.current_key_id()
    return f"{record_id}.{key_id}.{base64url(appkeys.mac('links', purpose, record_id, key_id=key_id))}"


def redeem(purpose: str, token: str) -> str:
    """The id of the record that the token is for. Raises Gone for a token that we did not mint for this."""
    record_id, _, rest = token.partition(".")
    key_id, _, given = rest.partition(".")
    try:
        expected = base64url(appkeys.mac("links", purpose, record_id, key_id=key_id))
    except KeyError:
        expected = ""
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Gone("this link is not valid, or no longer")
    return record_id


def url(path: str, token: str) -> str:
    """A link into the app: the token rides in the fragment, which browsers send to nobody."""
    return f"{settings().public_url}{path}#token={token}"
