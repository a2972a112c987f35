"""Proving a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import FactorRequired, Unauthenticated
from chalicelib.factors.model import Proof, enrolled

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item


def prove(person: Item, proof: Proof) -> None:
    """Hold a person to their second factor, and use up what proved it; whoever has none has nothing to prove.

    Raises FactorRequired where nothing was given, Unauthenticated where it is wrong. Counts nothing: the caller
    reserves an attempt before.
    """
    factors = enrolled(person)
    if not factors:
        return
    if proof == Proof():
        raise FactorRequired([*factors, "recovery_code"])
    raise Unauthenticated("the second factor is wrong")
