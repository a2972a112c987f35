"""What a failed sign-in costs: it counts against the hourly limit of its client network, and it takes a minimum time.
Each attempt is logged."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chalicelib import accounts, limits, passwords
from chalicelib.connections import ConnectionRequired
from chalicelib.core import clock, logs
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
    """One attempt to sign in. Its details are for the log only: the answer to the request says less."""

    way: Literal["password", "mailed code", "passkey", "connection"]
    user_agent: UserAgent
    second_factor: str = ""
    account: str = ""
    hashes: int = 0
    """How many password hashes a failure computes: one for each form of the password, whatever the email address."""
    subject: str = ""
    reason: str = ""
    is_under_way: bool = False
    """Whether it has been counted as a sign-in under way."""
    is_on_known_device: bool = False
    """Whether the person has signed in on its device before."""

    def about(self, person: Person | None) -> None:
        device = self.user_agent.device
        self.subject = person["id"] if person else ""
        self.is_on_known_device = device is not None and device.is_of(person)

    @property
    def is_guess(self) -> bool:
        """Whether it may be a guess at a password or a short code. Nobody can guess a passkey or the token of a link.
        So a person who has one can sign in even if others in their network fail too often."""
        return bool(self.account)


@contextmanager
def counted(attempt: Attempt) -> Iterator[None]:
    """Wraps every way to sign in: counts failures for the client network, and answers them after the minimum time.

    So the time of a failure does not show which kind of hash was computed, or whether one was. A missing second factor
    is not a failure yet. A success does not clear the count of the client network. Raises TooManyRequests if the client
    network failed too often, or if too many sign-ins are under way. A guess is refused before it is tried. A passkey,
    the token of a link, and any attempt from a known device are refused only after they have failed. So failures of
    others in the same network do not keep a person out.
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
            _wait_for_floor(started, attempt)
        raise
    except TooManyRequests:
        _log(attempt, "too many")
        raise
    except ConnectionRequired:
        _log(attempt, "connection required")
        raise
    _log(attempt)


def count_under_way(attempt: Attempt) -> None:
    """Count the attempt as a sign-in under way. Raises TooManyRequests if too many are under way, or if the client
    network failed too often."""
    limits.rates().refuse_known(PURPOSE, attempt.user_agent.source_ip)
    attempt.is_under_way = True
    # All attempts of a way share their windows, whatever form a password has.
    longest = failure_delay.recent_floor_milliseconds(passwords.MOST_FORMS if attempt.hashes else 0)
    concurrent_sign_ins.sign_ins_under_way().count(attempt.way, attempt.user_agent.source_ip, longest)


def _wait_for_floor(started: float, attempt: Attempt) -> None:
    """Wait until the minimum time has passed since `started`. A failure that took longer by itself tells something of
    its hash, so it is logged: the estimates do not hold on this stage (docs/passwords.md)."""
    floor = failure_delay.floor_milliseconds(attempt.hashes)
    taken = (clock.running() - started) * 1000
    if 0 < floor < taken:
        logs.warning("failed sign-in outran its floor", way=attempt.way, floor=floor, milliseconds=round(taken))
    clock.wait_until(started + floor / 1000)


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
