"""Second factors at sign-in and step-up, how often one may be guessed, and that the owner hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts, factors, limits
from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.sessions.devices import Device


REPORTED_AT = 3
"""Wrong second factors in a row of which the owner hears: whoever gave them was past the first factor. People mistype a
code once or twice."""


def verify(person: Person, proof: factors.PresentedFactor, counter: str) -> bool:
    """Check a person's second factor: True where it is right, False where they have none.

    Wrong ones are counted apart from wrong passwords, under `counter`: neither a right password nor a reset makes
    a code any easier to guess. The owner hears of the third in a row, and of the last. Raises FactorRequired where
    nothing was given, Unauthenticated where it is wrong or too many were, TooManyRequests where the next must wait.
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
    """What wrong factors are counted under behind the right password: the device where it is known, so that others
    keep no owner out, and else the person, as long as they have the same factors."""
    return _at_sign_in(person, device, "")


def behind_mailbox(person: Person, device: Device | None) -> str:
    """The same behind a mailed code, in a row of its own: whoever has the password alone locks nobody out who reads
    the mailbox."""
    return _at_sign_in(person, device, "mailbox#")


def forgive_password(person: Person, device: Device | None) -> None:
    """End the row behind the password: the second factor was proved behind the mailbox."""
    limits.attempts().clear(_row(behind_password(person, device)))


def _at_sign_in(person: Person, device: Device | None, way: str) -> str:
    if device and device.is_of(person):
        return device.counter
    return f"{way}{person['id']}#{person.get('factors_changed_at', '')}"


def _row(counter: str) -> str:
    return f"factor#{counter}"
