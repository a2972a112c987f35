"""The first proof of a person's mailbox by a way that brings no password: somebody else may have made the account, so
what they set before goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.mailbox_proof import proved_mailbox
from chalicelib.core import clock
from chalicelib.core.errors import Conflict

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action


class AddressMoved(Conflict):
    """The address whose mailbox was proved is the person's no more."""

    def __init__(self) -> None:
        super().__init__("the address of the account was changed meanwhile")


class FirstProof:
    """A proof that the caller reads the mailbox of `person`, as they were read: one read of their password, and none
    where the mailbox was proved before. `changes` and `actions` are for one transaction."""

    def __init__(self, person: Person) -> None:
        self._email_key = person.get("email_key")
        self._password_row = None if person["email_verified"] else credentials().password(person["id"])

    def changes(self, present: Person) -> dict[str, Any]:
        """What changes of the person: nothing where the mailbox was proved by now. Raises AddressMoved."""
        if present.get("email_key") != self._email_key:
            raise AddressMoved
        if present["email_verified"]:
            return {}
        dropped = {"password_changed_at": clock.timestamp(), "legacy_hash": None} if self._password_row else {}
        # For an imported person, the session that begins next is the first one. It removes the mark.
        return {**proved_mailbox(present), **dropped, model.AWAITED: present.get(model.AWAITED)}

    def actions(self, present: Person) -> dict[str, Action]:
        """The end of the password that was read. Also where there was none: whoever has a session can set one."""
        if present["email_verified"]:
            return {}
        if self._password_row is None:
            return {"password": credentials().checking_password(present["id"], None)}
        return {"password": credentials().dropping_password(self._password_row)}
