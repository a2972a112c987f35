"""What every failed sign-in costs: one of those that its client has, and time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.errors import FactorRequired, Unauthenticated
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PURPOSE = "sign-in"


@contextmanager
def counted(source_ip: str) -> Iterator[None]:
    """Around every way to sign in: failures are counted of the client, and answered no earlier than the floor.

    So the time of a failure does not tell which hash was computed, or whether any was. A missing second factor is
    no failure yet. Successes clear nothing of the client's. Raises TooManyRequests where the client failed too often:
    at once, unless this very process has yet to notice which failure was the last.
    """
    started = clock.running()
    accounts.limits().refuse_known(PURPOSE, source_ip)
    try:
        yield
    except FactorRequired:
        raise
    except Unauthenticated:
        try:
            accounts.limits().take(PURPOSE, source_ip, settings().sign_ins_per_hour)
        finally:
            clock.wait_until(started + settings().failed_sign_in_milliseconds / 1000)
        raise
