"""An administrator invites somebody: the person is there at once, and let in by a mailed token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model, new_password
from chalicelib.accounts.store import EmailTaken, people
from chalicelib.core import clock
from chalicelib.core.crypto import links
from chalicelib.core.errors import Conflict, Gone
from chalicelib.core.settings import settings
from chalicelib.limits import attempts
from chalicelib.passwords import policy
from chalicelib.profile.email_keys import email_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person

PURPOSE = "invitation"


def invite(fields: Mapping[str, Any]) -> tuple[Person, bool]:
    """Make a person who is to choose their password, or mail them again with what is given now, which voids the mail
    before: the person, and whether they are new. `fields` have passed their rules.

    Their first event is the invitation, and its mail brings the token. Raises EmailTaken where the address has an
    account whose owner has been in.
    """
    person = model.new_person(source="invitation", **fields)
    try:
        return people().create({**person, "invited_at": clock.timestamp()}, None), True
    except EmailTaken:
        present = people().find_by_email(email_key(fields["email"]))
        if present is None:
            raise
        return _again(present, fields), False


def is_token(token: str) -> bool:
    """Whether that is a token of an invitation, used or not."""
    return links.is_for(PURPOSE, token)


def accept(token: str, password: str) -> Person:
    """Let the invited person in with the password that they choose, once; proves their mailbox too, and forgets how
    often others tried to get in before.

    Raises Gone where the token is used, too old, or not of the latest invitation, and Invalid for a password that may
    not be chosen.
    """
    invitation = links.redeem(PURPOSE, token)
    person = people().find(invitation.partition(":")[0])
    is_latest = person is not None and model.invitation_record(person) == invitation
    if person is None or not is_latest or not model.is_active(person) or _is_over(person):
        raise Gone("this invitation is not valid, or no longer")
    chosen = new_password.choose(password, person)

    def accepted(present: Person) -> dict[str, Any]:
        if "invited_at" not in present or model.invitation_record(present) != invitation:
            raise Gone("this invitation has been used, or there is a later one")
        return {**model.proved_mailbox(present), "invitations": None, "password_changed_at": None}

    try:
        entered = people().set_password(person, policy.hashed(chosen), None, accepted)
    except Conflict:
        raise Gone("this invitation has been used") from None
    attempts().clear(model.account_of(person))
    return entered


def _again(person: Person, fields: Mapping[str, Any]) -> Person:
    def invited(present: Person) -> dict[str, Any]:
        if "invited_at" not in present:
            raise EmailTaken
        number = int(present.get("invitations", 1)) + 1
        return {**model.replaced_fields(present, fields), "invited_at": clock.timestamp(), "invitations": number}

    return people().change(person, invited)


def _is_over(person: Person) -> bool:
    if "invited_at" not in person:
        return True
    return clock.parse(person["invited_at"]) + timedelta(days=settings().invitation_days) <= clock.now()
