"""How often what was mailed may be brought back in vain, together with a password.

Only failures count, so who confirms costs no write more. A token that we minted counts for itself, so that whoever
makes tokens up keeps nobody out who reads a mailbox, not even in their own network. One that we did not is refused by
its MAC and reads nothing; those of a client are counted in this process alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.core.crypto import links
from chalicelib.core.errors import Gone, Refused
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from chalicelib.limits.rate_limits import rates

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def counted_redemption(token: str, source_ip: str, *purposes: str) -> Iterator[None]:
    """Around what a mailed token of one of these purposes does. Raises TooManyRequests, before anything is read or
    hashed, where it failed too often."""
    limit = settings().registrations_per_hour
    if not any(links.is_for(purpose, token) for purpose in purposes):
        rates().tally("token", source_ip, limit)
        raise Gone("this link is not valid, or no longer")
    counter = f"token-{digest_of(token)}"
    rates().refuse_known(counter, source_ip)
    try:
        yield
    except Refused:
        rates().take(counter, source_ip, limit)
        raise
