"""Second factors at sign-in and step-up, and how often one may be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts, factors
from chalicelib.core.errors import Unauthenticated

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item
    from chalicelib.sessions.devices import Device


def prove(person: Item, proof: factors.Proof, device: Device | None = None) -> bool:
    """Hold a person to their second factor: True once it is proved, False for who has none.

    Wrong ones are counted under the person, or their known device, apart from wrong passwords: neither a right
    password nor a reset makes a code any easier to guess. Raises FactorRequired where nothing was given,
    Unauthenticated where it is wrong or too many were, TooManyRequests where the next must wait.
    """
    if not factors.enrolled(person):
        return False
    if proof == factors.Proof():
        factors.prove(person, proof)
    known = device is not None and device.is_of(person)
    counter = f"factor#{device.id if device and known else person['id']}"
    number = accounts.attempts().reserve(counter)
    if accounts.is_beyond(number):
        raise Unauthenticated("the second factor is wrong")
    factors.prove(person, proof)
    accounts.attempts().clear(counter)
    return True
