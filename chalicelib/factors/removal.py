"""Removing factors: by their owner, by an administrator, or with the person.

A password that was chosen with a second factor may be too short to be used alone. Its owner cannot remove their last
factor before they have changed it. Where an administrator removes that factor, the password is removed too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.factors import model
from chalicelib.factors.store import FactorChange, factors

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.factors.rows import FactorsRow


def remove_totp(person: Person) -> None:
    """Remove a person's TOTP secret. Raises NotFound, and Conflict where the password is too short without it."""

    def remove(row: FactorsRow) -> FactorChange:
        if "totp" not in row:
            raise NotFound("you have no one-time codes")
        return _with_one_less(person["id"], row, **model.WITHOUT_TOTP)

    factors().change(person, remove)


def remove_passkey(person: Person, passkey_id: str) -> None:
    """Remove one of a person's passkeys. Raises what `remove_totp` does, and Conflict for the last way in of somebody
    who has neither an address, to which a code may be mailed, nor an identity elsewhere."""

    def remove(row: FactorsRow) -> FactorChange:
        passkeys = row.get("passkeys", [])
        remaining = [passkey for passkey in passkeys if passkey["id"] != passkey_id]
        if remaining == passkeys:
            raise NotFound("you have no such passkey")
        if not remaining and not {"email_key", "identities"} & person.keys():
            raise Conflict("this is your last way in", code="last-way-in")
        change = _with_one_less(person["id"], row, passkeys=remaining or None)
        return replace(
            change, actions={**change.actions, f"passkey {passkey_id}": factors().releasing(passkey_id)}
        )

    factors().change(person, remove)


def remove_all(user_id: str) -> None:
    """Remove every factor of a person who has lost them. Recovery codes go too, and so does a TOTP secret that is not
    confirmed yet, because another person may have seen it. Does nothing where there is none.

    Open sessions go on, but proofs from before count no more in them. A short password is removed too; then the
    sessions end, and the person comes back by a mail to reset it. Raises NotFound where there is no such person.
    """
    person = accounts.people().get(user_id)
    row = factors().of(user_id)
    if not model.usable(row) and "pending" not in row:
        return

    def remove(row: FactorsRow) -> FactorChange:
        next_version = model.next_version(row, passkeys=None, **model.WITHOUT_TOTP, **model.WITHOUT_RECOVERY_CODES)
        passkey_ids = [passkey["id"] for passkey in row.get("passkeys", ())]
        releasing = {f"passkey {passkey_id}": factors().releasing(passkey_id) for passkey_id in passkey_ids}
        password = accounts.credentials().password(user_id)
        if password is not None and password.get("short"):
            drop = accounts.credentials().dropping_password(password)
            return FactorChange(next_version, {**releasing, "password": drop}, _taken_factors_and_password)
        unchanged = accounts.credentials().checking_password(user_id, password)
        return FactorChange(next_version, {**releasing, "password": unchanged}, model.taken_factors)

    factors().change(person, remove, in_session=False)


def erase(user_id: str) -> Erased:
    """Remove every factor of a person who was removed."""
    return Erased(factors().remove(user_id), done=True)


def _with_one_less(user_id: str, row: FactorsRow, **changes: Any) -> FactorChange:
    """The change that removes one factor; with the last one, the recovery codes go too."""
    next_version = model.next_version(row, **changes)
    if model.kinds(next_version):
        return FactorChange(next_version, person=model.lost_factor)
    password = accounts.credentials().password(user_id)
    if password is not None and password.get("short"):
        message = "choose a longer password first: yours is too short without a second factor"
        raise Conflict(message, code="password-short")
    without_factors = model.next_version(row, **changes, **model.WITHOUT_RECOVERY_CODES)
    return FactorChange(
        without_factors,
        {"password": accounts.credentials().checking_password(user_id, password)},
        model.lost_factor,
    )


def _taken_factors_and_password(person: Person) -> dict[str, Any]:
    return {**model.taken_factors(person), **accounts.ended_sessions(person)}
