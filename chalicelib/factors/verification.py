"""Verifying a second factor. What proves it is used up by a conditional write, and counts only after that write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import FactorRequired, Unauthenticated
from chalicelib.factors import model, passkeys, recovery_codes, totp
from chalicelib.factors.enrolment import opened, sealed
from chalicelib.factors.store import factors

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.factors.model import PresentedFactor
    from chalicelib.factors.rows import FactorsRow


_WRONG_CODE = "the code is wrong, or was used before"


def verify(person: Person, proof: PresentedFactor) -> None:
    """Check a person's second factor: one read, one write. Does nothing where the person has none.

    Raises FactorRequired where nothing was sent, Unauthenticated where it is wrong or was used before. The caller
    counts attempts, before this.
    """
    if not model.enrolled(person):
        return
    user_id = person["id"]
    if proof.otp is not None:
        _use_otp(user_id, proof.otp)
    elif proof.recovery_code is not None:
        _use_recovery_code(user_id, proof.recovery_code)
    elif proof.passkey is not None:
        passkeys.verify(user_id, proof.passkey)
    else:
        raise FactorRequired(model.usable(factors().of(user_id)))


def _use_otp(user_id: str, otp: str) -> None:
    def use(row: FactorsRow) -> FactorsRow:
        stored = row.get("totp")
        if stored is None:
            raise Unauthenticated(_WRONG_CODE)
        secret = opened(user_id, stored)
        step = totp.step_of(secret, otp, after=stored["last_step"])
        if step is None:
            raise Unauthenticated(_WRONG_CODE)
        # Sealed again, under the current key: so a key that was replaced is needed no more one day.
        return model.next_version(row, totp={**stored, **sealed(user_id, secret), "last_step": step})

    factors().update(user_id, use)


def _use_recovery_code(user_id: str, code: str) -> None:
    digest = recovery_codes.hashed(user_id, code)

    def use(row: FactorsRow) -> FactorsRow:
        codes = row.get("recovery_codes", [])
        if digest not in codes:
            raise Unauthenticated("the recovery code is wrong, or was used before")
        return model.next_version(row, recovery_codes=[unused for unused in codes if unused != digest])

    factors().update(user_id, use)
