"""Reset a forgotten password. Anyone may ask for it; the token is mailed to the stored email address, and works once.

The person's second factors stay: they are needed at the next sign-in."""

from __future__ import annotations

from chalicelib import connections
from chalicelib.accounts import administration, model, new_password
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.mailbox_proof import proved_mailbox
from chalicelib.accounts.store import people
from chalicelib.core import context
from chalicelib.core.crypto import links
from chalicelib.core.errors import Conflict, Gone
from chalicelib.core.settings import settings
from chalicelib.intents import intent_from, intents
from chalicelib.limits import attempts, counted_redemption, rates
from chalicelib.passwords import policy

RESET_SECONDS = 30 * 60

PURPOSE = "reset"


def ask(email: str, source_ip: str) -> None:
    """Ask for a mail with the token to choose a new password. This does not look up the address. Raises
    TooManyRequests."""
    rates().take("reset", source_ip, settings().registrations_per_hour)
    connections.check_way(email)
    intents().write(intent_from("reset", email, source_ip, seconds=RESET_SECONDS))


def ask_for(user_id: str, source_ip: str) -> None:
    """Ask for the same mail for a person, as an administrator. It goes to the person's own email address, under the
    limits of that mailbox (`limits.mail_limits`), and the event says who asked. Raises NotFound, Conflict if the person
    is disabled or has no email address, and ConnectionRequired if people of its domain have no passwords."""
    person = administration.enabled(user_id)
    email = person.get("email")
    if email is None:
        raise Conflict("this person has no address", code="no-address")
    connections.check_way(email)
    asked_by = context.current().actor
    intents().write(intent_from("reset", email, source_ip, seconds=RESET_SECONDS, changed_by=asked_by))


def confirm(token: str, password: str, source_ip: str) -> None:
    """Replace the password that the person had when the mail was sent. Ends every session and begins none.

    This proves the mailbox too. Raises Gone if the token is used or too old, or if the password was changed or the
    sessions were ended since the mail. Raises Invalid if the rules refuse the password, and TooManyRequests.
    """
    with counted_redemption(token, source_ip, PURPOSE):
        _confirm(token, password)


def _confirm(token: str, password: str) -> None:
    intent = intents().find(links.redeem(PURPOSE, token))
    person = people().find(intent["user_id"]) if intent and "user_id" in intent else None
    if intent is None or person is None or not model.is_active(person):
        raise Gone("this link is not valid, or no longer")
    connections.check_way(person.get("email"))
    password_row = credentials().password(person["id"])
    password_version = password_row["version"] if password_row else 0
    if (password_version, model.sessions_since(person)) != (intent["password_version"], intent["since"]):
        raise Gone("this link has been used, or the password was changed since")
    checked_password = new_password.choose(password, person)
    password_hash = policy.hashed(checked_password)
    try:
        people().set_password(
            person, password_hash, password_row, proved_mailbox, short=policy.is_short(checked_password)
        )
    except Conflict:
        raise Gone("this link has been used, or the password was changed since") from None
    attempts().clear(model.account_of(person))
