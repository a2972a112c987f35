"""Registration: from the request for an account to a person.

With `EMAIL_VERIFICATION=required`, a registration is stored as an intent, and no email address is looked up. The person
is created for the one who has both the mailed token (so they read the mailbox) and the password (so they registered).
With `optional`, the person is created at once. The first proof of the mailbox then ends every older session. It
also replaces the password, unless the proof came with that password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import connections
from chalicelib.accounts import model, new_password
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.mailbox_proof import proved_mailbox
from chalicelib.accounts.mailed import invitations
from chalicelib.accounts.store import IdTaken, people
from chalicelib.core.crypto import links
from chalicelib.core.errors import Conflict, FieldError, Gone, Invalid
from chalicelib.core.settings import settings
from chalicelib.intents import intent_from, intents
from chalicelib.limits import counted_redemption, rates
from chalicelib.passwords import policy
from chalicelib.profile.fields import REGISTERED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.intents.rows import Intent

FAILURES_LIMIT = 10
"""After this many wrong passwords, a registration is void. Whoever guesses has the mailed token already, so they could
win only an account that they could have registered themselves."""

PURPOSE = "confirm"
"""The purpose of the mailed token."""

RESEND_SECONDS = 3600
"""How long a request to send the mail again can wait for its answer."""


def register(fields: Mapping[str, Any], password: str, source_ip: str) -> Person | None:
    """Accept a registration. Returns None if it waits for its confirmation, and the person if the stage does not
    require one.

    `fields` and `password` have passed their rules. Raises TooManyRequests, Invalid if the password was found in a
    breach, ConnectionRequired for a domain whose people come from their own identity provider, and with `optional`
    EmailTaken.
    """
    rates().take("register", source_ip, settings().registrations_per_hour)
    connections.check_way(fields["email"])
    email, seconds = fields["email"], settings().confirm_hours * 3600
    password_hash = policy.hashed(new_password.unbreached(password))
    if settings().email_verification == "required":
        waiting = {**fields, "password_hash": password_hash}
        intents().write(intent_from("register", source_ip=source_ip, seconds=seconds, **waiting))
        return None
    verify = intent_from("verify", email, source_ip, seconds=seconds, locale=fields.get("locale"))
    person = model.new_person(source="registration", id=verify["id"], **fields)
    return people().create(person, password_hash, {"intent": intents().writing(verify)})


def ask_again(email: str, source_ip: str) -> None:
    """Ask for the confirmation mail again. The answer does not show whether a registration waits. Raises
    TooManyRequests."""
    rates().take("resend", source_ip, settings().registrations_per_hour)
    intents().write(intent_from("resend", email, source_ip, seconds=RESEND_SECONDS))


def confirm(token: str, password: str, source_ip: str) -> Person:
    """Create the person whose registration the token confirms. Of several registrations with one email address, the
    first one confirmed gets it. The token of an invitation is accepted here too, by `invitations.accept`.

    Raises Gone if the token is used, void or too old, Invalid if the password is not that of the registration,
    EmailTaken if the email address has an account by now, TooManyRequests.
    """
    with counted_redemption(token, source_ip, PURPOSE, invitations.PURPOSE):
        return _confirm(token, password)


def _confirm(token: str, password: str) -> Person:
    if invitations.is_token(token):
        return invitations.accept(token, password)
    intent = intents().find(links.redeem(PURPOSE, token))
    if intent is None or intent.get("failures", 0) >= FAILURES_LIMIT:
        raise Gone("this link is not valid, or no longer: register again")
    connections.check_way(intent["email"])
    if intent["purpose"] == "verify":
        return _prove_mailbox(intent, password)
    if not policy.fits(intent["password_hash"], password):
        intents().count_failure(intent["id"])
        message = "is not the one that you registered with"
        raise Invalid([FieldError(field="password", message=message, code="another-password")])
    registered: Mapping[str, Any] = intent
    fields = {field: registered[field] for field in REGISTERED if field in registered}
    person = model.new_person(source="registration", id=intent["id"], email_verified=True, **fields)
    try:
        return people().create(person, intent["password_hash"])
    except IdTaken:
        raise Gone("this link has been used") from None


def _prove_mailbox(intent: Intent, password: str) -> Person:
    person = people().find(intent["id"])
    if person is None or person["email_verified"] or person.get("email_key") != intent["email_key"]:
        raise Gone("this link has been used")

    def proof_changes(present: Person) -> dict[str, Any]:
        if present["email_verified"]:
            raise Conflict("this address has just been confirmed")
        return proved_mailbox(present)

    def registrant_proof_changes(present: Person) -> dict[str, Any]:
        return {**proof_changes(present), "unproved_profile": None, "identities": present.get("identities")}

    password_row = credentials().password(person["id"])
    if password_row and policy.fits(password_row["hash"], password):
        return people().change(person, registrant_proof_changes)
    checked_password = new_password.choose(password, person)
    short = policy.is_short(checked_password)
    return people().set_password(person, policy.hashed(checked_password), password_row, proof_changes, short=short)
