"""Proving a second factor: whatever proves it is used up by a conditional write, and counts only once that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import FactorRequired, Unauthenticated
from chalicelib.factors import model, passkeys, recovery_codes, totp
from chalicelib.factors.enrolment import opened, sealed
from chalicelib.factors.store import factors

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item
    from chalicelib.factors.model import Proof


_WRONG_CODE = "the code is wrong, or was used before"


def prove(person: Person, proof: Proof) -> None:
    """Hold a person to their second factor; whoever has none has nothing to prove. One read, one write.

    Raises FactorRequired where nothing was given, Unauthenticated where it is wrong or was used before. Counts
    nothing: the caller reserves an attempt before.
    """
    if not model.enrolled(person):
        return
    user_id = person["id"]
    if proof.otp is not None:
        _use_otp(user_id, proof.otp)
    elif proof.recovery_code is not None:
        _use_recovery_code(user_id, proof.recovery_code)
    elif proof.passkey is not None:
        passkeys.prove(user_id, proof.passkey)
    else:
        raise FactorRequired(model.usable(factors().of(user_id)))


def _use_otp(user_id: str, otp: str) -> None:
    def used(record: Item) -> Item:
        known = record.get("totp")
        if known is None:
            raise Unauthenticated(_WRONG_CODE)
        secret = opened(user_id, known)
        step = totp.step_of(secret, otp, after=known["last_step"])
        if step is None:
            raise Unauthenticated(_WRONG_CODE)
        # Sealed anew, so that a key that was replaced is of use to nobody one day.
        return model.following(record, totp={**known, **sealed(user_id, secret), "last_step": step})

    factors().update(user_id, used)


def _use_recovery_code(user_id: str, code: str) -> None:
    digest = recovery_codes.hashed(user_id, code)

    def used(record: Item) -> Item:
        codes = record.get("recovery_codes", [])
        if digest not in codes:
            raise Unauthenticated("the recovery code is wrong, or was used before")
        return model.following(record, recovery_codes=[left for left in codes if left != digest])

    factors().update(user_id, used)
