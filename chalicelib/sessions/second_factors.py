"""Second factors at sign-in and step-up, and how often one may be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts, factors
from chalicelib.core.errors import Unauthenticated

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item
    from chalicelib.sessions.devices import Device


def prove(person: Item, proof: factors.Proof, counter: str) -> bool:
    """Hold a person to their second factor: True once it is proved, False for who has none.

    Wrong ones are counted apart from wrong passwords, under `counter`: neither a right password nor a reset makes
    a code any easier to guess. Raises FactorRequired where nothing was given, Unauthenticated where it is wrong or
    too many were, TooManyRequests where the next must wait.
    """
    if not factors.enrolled(person):
        return False
    if proof == factors.Proof():
        factors.prove(person, proof)
    number = accounts.attempts().reserve(f"factor#{counter}")
    if accounts.is_beyond(number):
        raise Unauthenticated("the second factor is wrong")
    factors.prove(person, proof)
    accounts.attempts().clear(f"factor#{counter}")
    return True


def at_sign_in(person: Item, device: Device | None) -> str:
    """What wrong factors are counted under at sign-in: the device where it is known, so that others keep no owner
    out, and else the person, as long as they have the same factors."""
    if device and device.is_of(person):
        return device.counter
    return f"{person['id']}#{person.get('factors_changed_at', '')}"
