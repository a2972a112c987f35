"""Factors go: by their owner, by an administrator, or with the person.

A password that was chosen with a second factor may be too short to stand alone. Its owner keeps their last factor
until it is changed; where an administrator takes that away, the password goes with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.factors import model
from chalicelib.factors.store import Change, factors

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Item


def remove_totp(person: Person) -> None:
    """Remove one's TOTP secret. Raises NotFound, and Conflict where the password is too short without it."""

    def removed(record: Item) -> Change:
        if "totp" not in record:
            raise NotFound("you have no one-time codes")
        return _with_one_less(person["id"], record, **model.WITHOUT_TOTP)

    factors().change(person, removed)


def remove_passkey(person: Person, passkey_id: str) -> None:
    """Remove one of one's passkeys. Raises what `remove_totp` does."""

    def removed(record: Item) -> Change:
        passkeys = record.get("passkeys", [])
        left = [passkey for passkey in passkeys if passkey["id"] != passkey_id]
        if left == passkeys:
            raise NotFound("you have no such passkey")
        change = _with_one_less(person["id"], record, passkeys=left or None)
        return replace(
            change, actions={**change.actions, f"passkey {passkey_id}": factors().releasing(passkey_id)}
        )

    factors().change(person, removed)


def remove_all(user_id: str) -> None:
    """Take every factor from a person, who has lost them: recovery codes too, and a TOTP secret that waits to be
    confirmed, which somebody else may have been shown. Does nothing where there is none.

    Sessions that are open go on, but what was proved in them counts no more. A short password goes too, and then the
    sessions end, so they come back by a mail to reset it. Raises NotFound for no such person.
    """
    person = accounts.people().get(user_id)
    record = factors().of(user_id)
    if not model.usable(record) and "pending" not in record:
        return

    def removed(record: Item) -> Change:
        following = model.following(record, passkeys=None, **model.WITHOUT_TOTP, **model.WITHOUT_RECOVERY_CODES)
        ids = [passkey["id"] for passkey in record.get("passkeys", ())]
        releasing = {f"passkey {passkey_id}": factors().releasing(passkey_id) for passkey_id in ids}
        known = accounts.people().password(user_id)
        if known is not None and known.get("short"):
            dropping = accounts.people().dropping_password(known)
            return Change(following, {**releasing, "password": dropping}, _taken_with_password)
        unchanged = accounts.people().checking_password(user_id, known)
        return Change(following, {**releasing, "password": unchanged}, model.taken_from)

    factors().change(person, removed)


def erase(user_id: str) -> Erased:
    """Remove every factor of a person who was removed."""
    return Erased(factors().remove(user_id), done=True)


def _with_one_less(user_id: str, record: Item, **changes: Any) -> Change:
    """The change of a record that takes one factor away; with the last one, recovery codes go too."""
    following = model.following(record, **changes)
    if model.kinds(following):
        return Change(following, person=model.lost_by)
    known = accounts.people().password(user_id)
    if known is not None and known.get("short"):
        raise Conflict("choose a longer password first: yours is too short without a second factor")
    bare = model.following(record, **changes, **model.WITHOUT_RECOVERY_CODES)
    return Change(bare, {"password": accounts.people().checking_password(user_id, known)}, model.lost_by)


def _taken_with_password(person: Person) -> dict[str, Any]:
    return {**model.taken_from(person), **accounts.ended_sessions(person)}
