"""Removing factors: by their owner, by an administrator, or with the person.

A password that was chosen with a second factor may be too short to be used alone. Its owner cannot remove their last
factor before they have changed it. Where an administrator removes that factor, the password is removed too.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.factors import model
from chalicelib.factors.store import FactorChange, factors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.factors.rows import FactorsRow

NOTHING_ELSE: Mapping[str, Action] = MappingProxyType({})
"""No further actions of the transaction."""


def remove_totp(person: Person) -> None:
    """Remove a person's TOTP secret. Raises NotFound, and Conflict where the password is too short without it."""
    factors().change(person, lambda row: _lost(person["id"], row, _without_totp(row)))


def remove_passkey(person: Person, passkey_id: str) -> None:
    """Remove one of a person's passkeys. Raises what `remove_totp` does, and Conflict for the last way in of somebody
    who has neither an address, to which a code may be mailed, nor an identity elsewhere."""

    def remove(row: FactorsRow) -> FactorChange:
        changes = _without_passkey(row, passkey_id)
        if not changes["passkeys"] and not {"email_key", "identities"} & person.keys():
            raise Conflict("this is your last way in", code="last-way-in")
        return _lost(person["id"], row, changes, _releasing(passkey_id))

    factors().change(person, remove)


def remove_totp_of(user_id: str) -> None:
    """Remove the TOTP secret of a person who has lost it, for an administrator: as `remove_all` does, but the other
    factors stay. Raises NotFound where there is no such person, or no secret."""
    _remove_of(user_id, lambda row: _taken(user_id, row, _without_totp(row)))


def remove_passkey_of(user_id: str, passkey_id: str) -> None:
    """The same for one passkey, also the last way in."""
    releasing = _releasing(passkey_id)
    _remove_of(user_id, lambda row: _taken(user_id, row, _without_passkey(row, passkey_id), releasing))


def remove_all(user_id: str) -> None:
    """Remove every factor of a person who has lost them, for an administrator. Recovery codes go too, and so does a
    TOTP secret that is not confirmed yet, because another person may have seen it. Does nothing where there is none.

    Open sessions go on, but proofs from before count no more in them. A short password is removed too; then the
    sessions end, and the person comes back by a mail to reset it. Raises NotFound where there is no such person.
    """
    person = accounts.people().get(user_id)
    row = factors().of(user_id)
    if not model.usable(row) and "pending" not in row:
        return

    def remove(row: FactorsRow) -> FactorChange:
        passkey_ids = [passkey["id"] for passkey in row.get("passkeys", ())]
        return _taken(user_id, row, {"passkeys": None, **model.WITHOUT_TOTP}, _releasing(*passkey_ids))

    factors().change(person, remove, in_session=False)


def erase(user_id: str) -> Erased:
    """Remove every factor of a person who was removed."""
    return Erased(factors().remove(user_id), done=True)


def _remove_of(user_id: str, decide: Callable[[FactorsRow], FactorChange]) -> None:
    factors().change(accounts.people().get(user_id), decide, in_session=False)


def _without_totp(row: FactorsRow) -> Mapping[str, Any]:
    if "totp" not in row:
        raise NotFound("there are no one-time codes")
    return model.WITHOUT_TOTP


def _without_passkey(row: FactorsRow, passkey_id: str) -> Mapping[str, Any]:
    if model.find_passkey(row, passkey_id) is None:
        raise NotFound("there is no such passkey")
    remaining = [passkey for passkey in row["passkeys"] if passkey["id"] != passkey_id]
    return {"passkeys": remaining or None}


def _releasing(*passkey_ids: str) -> dict[str, Action]:
    return {f"passkey {passkey_id}": factors().releasing(passkey_id) for passkey_id in passkey_ids}


def _lost(
    user_id: str, row: FactorsRow, changes: Mapping[str, Any], actions: Mapping[str, Action] = NOTHING_ELSE
) -> FactorChange:
    """The change of a person who removes a factor of theirs; with the last one, the recovery codes go too."""
    next_version = model.next_version(row, **changes)
    if model.kinds(next_version):
        return FactorChange(next_version, actions, model.lost_factor)
    password = accounts.credentials().password(user_id)
    if password is not None and password.get("short"):
        message = "choose a longer password first: yours is too short without a second factor"
        raise Conflict(message, code="password-short")
    unchanged = {"password": accounts.credentials().checking_password(user_id, password)}
    return FactorChange(_without_any(row, changes), {**actions, **unchanged}, model.lost_factor)


def _taken(
    user_id: str, row: FactorsRow, changes: Mapping[str, Any], actions: Mapping[str, Action] = NOTHING_ELSE
) -> FactorChange:
    """The change of a person of whom an administrator removes a factor; with the last one, the recovery codes and a
    short password go too."""
    next_version = model.next_version(row, **changes)
    if model.kinds(next_version):
        return FactorChange(next_version, actions, model.taken_factors)
    password = accounts.credentials().password(user_id)
    if password is not None and password.get("short"):
        drop = {"password": accounts.credentials().dropping_password(password)}
        return FactorChange(_without_any(row, changes), {**actions, **drop}, _taken_factors_and_password)
    unchanged = {"password": accounts.credentials().checking_password(user_id, password)}
    return FactorChange(_without_any(row, changes), {**actions, **unchanged}, model.taken_factors)


def _without_any(row: FactorsRow, changes: Mapping[str, Any]) -> FactorsRow:
    """The next version of the row of a person whose last factor these changes remove."""
    return model.next_version(row, **changes, **model.WITHOUT_RECOVERY_CODES)


def _taken_factors_and_password(person: Person) -> dict[str, Any]:
    return {**model.taken_factors(person), **accounts.ended_sessions(person)}
