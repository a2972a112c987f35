"""Check second factors at sign-in and step-up, limit the guesses, and report wrong ones to the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts, factors, limits
from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.devices import Device


REPORTED_AT = 3
"""After this many wrong second factors in a row, the owner gets a mail: whoever sent them has passed the first factor.
One or two may be typing mistakes."""


def verify(person: Person, proof: factors.PresentedFactor, counter: str) -> bool:
    """Check a person's second factor: True if it is right, False if the person has none.

    Wrong ones are counted under `counter`, apart from wrong passwords. So neither a right password nor a password reset
    gives anybody more guesses at a code. The owner gets a mail about the third in a row, and about the last one that is
    allowed. Raises FactorRequired if the request has no second factor, Unauthenticated if it is wrong or too many were
    wrong before, TooManyRequests if the next attempt must wait.
    """
    if not factors.enrolled(person):
        return False
    if proof == factors.PresentedFactor():
        factors.verify(person, proof)
    number = limits.attempts().reserve(_row(counter))
    try:
        if limits.is_beyond(number):
            raise Unauthenticated("the second factor is wrong")
        factors.verify(person, proof)
    except Unauthenticated:
        if number == REPORTED_AT or limits.is_last(number):
            accounts.people().change(person, lambda _: {"second_factor_failed_at": clock.timestamp()})
        raise
    limits.attempts().clear(_row(counter))
    return True


def behind_password(person: Person, device: Device | None) -> str:
    """The counter of wrong second factors after a right password. On a known device it is the device's own, so that
    others cannot keep the owner out. Otherwise it is the person's; it starts anew when their factors change."""
    return _at_sign_in(person, device, "")


def behind_mailbox(person: Person, device: Device | None) -> str:
    """The counter of wrong second factors after a mailed code. It has its own row, so that somebody who has only the
    password cannot lock out the person who reads the mailbox."""
    return _at_sign_in(person, device, "mailbox#")


def behind_connection(person: Person, device: Device | None) -> str:
    """The counter of wrong second factors after a sign-in at an identity provider, which has its own row as well."""
    return _at_sign_in(person, device, "connection#")


def forgive_password(person: Person, device: Device | None) -> None:
    """Clear the counter after a right password, because the second factor was proved after a mailed code."""
    limits.attempts().clear(_row(behind_password(person, device)))


def _at_sign_in(person: Person, device: Device | None, way: str) -> str:
    if device and device.is_of(person):
        return device.counter
    return f"{way}{person['id']}#{person.get('factors_changed_at', '')}"


def _row(counter: str) -> str:
    return f"factor#{counter}"
