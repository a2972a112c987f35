"""What a failed sign-in costs: one of the failures that a client network may have, and time. Each attempt is logged."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chalicelib import accounts, limits
from chalicelib.core import clock
from chalicelib.core.errors import FactorRequired, TooManyRequests, Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.sessions import concurrent_sign_ins, failure_delay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.new_session import UserAgent

PURPOSE = "sign-in"


@dataclass
class Attempt:
    """One attempt to sign in. What it collects is for the log alone: answers say less."""

    way: Literal["password", "mailed code", "passkey"]
    user_agent: UserAgent
    second_factor: str = ""
    account: str = ""
    subject: str = ""
    reason: str = ""
    is_under_way: bool = False
    """Whether it is counted as one that is under way."""
    is_on_known_device: bool = False
    """Whether its device is known to be of the person whom it is about."""

    def about(self, person: Person | None) -> None:
        device = self.user_agent.device
        self.subject = person["id"] if person else ""
        self.is_on_known_device = device is not None and device.is_of(person)

    @property
    def is_guess(self) -> bool:
        """Whether it may be a guess at a password or short code. Nobody guesses a link's token or a passkey, so
        whoever has one comes in whatever others do."""
        return bool(self.account)


@contextmanager
def counted(attempt: Attempt) -> Iterator[None]:
    """Around every way to sign in: failures are counted of the client, and answered no earlier than the floor.

    So the time of a failure does not tell which hash was computed, or whether any was. A missing second factor is
    no failure yet. Successes clear nothing of the client's. Raises TooManyRequests where the client failed too often
    or too many are under way: a guess before it is tried, and what cannot be guessed, or comes from a device that is
    known, only once it has failed. So whoever else fails in their network keeps no owner out.
    """
    started, source_ip = clock.running(), attempt.user_agent.source_ip
    try:
        if attempt.is_guess and attempt.user_agent.device is None:
            count_under_way(attempt)
        yield
    except FactorRequired:
        _log(attempt, "second factor missing")
        raise
    except Unauthenticated:
        _log(attempt, attempt.reason)
        if not (attempt.is_under_way or attempt.is_on_known_device):
            count_under_way(attempt)
        try:
            limits.rates().take(PURPOSE, source_ip, settings().sign_ins_per_hour)
        finally:
            clock.wait_until(started + failure_delay.floor_milliseconds() / 1000)
        raise
    except TooManyRequests:
        _log(attempt, "too many")
        raise
    _log(attempt)


def count_under_way(attempt: Attempt) -> None:
    """Count the attempt as a sign-in under way. Raises TooManyRequests where there are too many, or where the client
    network failed too often."""
    limits.rates().refuse_known(PURPOSE, attempt.user_agent.source_ip)
    attempt.is_under_way = True
    concurrent_sign_ins.sign_ins_under_way().count(
        attempt.way, attempt.user_agent.source_ip, failure_delay.floor_milliseconds()
    )


def _log(attempt: Attempt, reason: str = "") -> None:
    accounts.log_sign_in(
        attempt.way,
        "refused" if reason else "granted",
        reason=reason,
        second_factor=attempt.second_factor,
        account=attempt.account,
        subject=attempt.subject,
        source_ip=attempt.user_agent.source_ip,
    )
