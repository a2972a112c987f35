"""Invitations: an administrator creates a person, who gets access with a mailed token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import connections
from chalicelib.accounts import administration, model, new_password
from chalicelib.accounts.mailbox_proof import proved_mailbox
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
    """Create a person who will choose their own password. If they were invited before and have not accepted, replace
    their fields and mail them again, which makes the token of the mail before void. Returns the person, and whether
    they are new. `fields` have passed their rules.

    The first event of the person is the invitation, and its mail has the token. Raises EmailTaken if the email address
    has an account that is not waiting for its invitation to be accepted.
    """
    person = model.new_person(source="invitation", **fields)
    try:
        return people().create({**person, "invited_at": clock.timestamp()}, None), True
    except EmailTaken:
        present = people().find_by_email(email_key(fields["email"]))
        if present is None:
            raise
        return _mailed_again(present, fields, EmailTaken()), False


def invite_again(user_id: str, *, expected: int | None = None) -> Person:
    """Mail the invitation of a person again, which makes the token of the mail before void. Raises NotFound,
    PreconditionFailed, and Conflict if no invitation waits to be accepted, or if the person is disabled."""
    none_waits = Conflict("no invitation of this person waits to be accepted", code="not-invited")
    return _mailed_again(administration.enabled(user_id), {}, none_waits, expected=expected)


def is_token(token: str) -> bool:
    """Whether this is the token of an invitation, used or not."""
    return links.is_for(PURPOSE, token)


def accept(token: str, password: str) -> Person:
    """Accept an invitation, once: store the password that the person chooses. This also proves their mailbox, and
    clears the count of earlier attempts to sign in.

    Raises Gone if the token is used, too old, or not of the latest invitation, and Invalid for a password that the
    rules refuse.
    """
    invitation = links.redeem(PURPOSE, token)
    person = people().find(invitation.partition(":")[0])
    is_latest = person is not None and model.invitation_record(person) == invitation
    if person is None or not is_latest or not model.is_active(person) or _is_used_or_expired(person):
        raise Gone("this invitation is not valid, or no longer")
    connections.check_way(person.get("email"))
    checked_password = new_password.choose(password, person)

    def acceptance_changes(present: Person) -> dict[str, Any]:
        if "invited_at" not in present or model.invitation_record(present) != invitation:
            raise Gone("this invitation has been used, or there is a later one")
        return {**proved_mailbox(present), "invitations": None, "password_changed_at": None}

    try:
        accepted_person = people().set_password(person, policy.hashed(checked_password), None, acceptance_changes)
    except Conflict:
        raise Gone("this invitation has been used") from None
    attempts().clear(model.account_of(person))
    return accepted_person


def _mailed_again(
    person: Person, fields: Mapping[str, Any], none_waits: Conflict, *, expected: int | None = None
) -> Person:
    """The person with these fields and a new invitation. Raises `none_waits` if they were not invited, or have
    accepted."""

    def invitation_changes(present: Person) -> dict[str, Any]:
        if "invited_at" not in present:
            raise none_waits
        number = int(present.get("invitations", 1)) + 1
        return {**model.replaced_fields(present, fields), "invited_at": clock.timestamp(), "invitations": number}

    return people().change(person, invitation_changes, expected=expected)


def _is_used_or_expired(person: Person) -> bool:
    if "invited_at" not in person:
        return True
    return clock.parse(person["invited_at"]) + timedelta(days=settings().invitation_days) <= clock.now()
