"""A forgotten password: asked for by anyone, mailed to the stored address, good for one password only.

It keeps the person's factors, which whoever signs in afterwards has to prove."""

from __future__ import annotations

from chalicelib.accounts import model, new_password
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import people
from chalicelib.core.crypto import links
from chalicelib.core.errors import Conflict, Gone
from chalicelib.core.settings import settings
from chalicelib.intents import intent_from, intents
from chalicelib.limits import attempts, counted_redemption, rates
from chalicelib.passwords import policy

RESET_SECONDS = 30 * 60

PURPOSE = "reset"


def ask(email: str, source_ip: str) -> None:
    """Ask for a mail that lets its reader choose a new password; looks nothing up. Raises TooManyRequests."""
    rates().take("reset", source_ip, settings().registrations_per_hour)
    intents().write(intent_from("reset", email, source_ip, seconds=RESET_SECONDS))


def confirm(token: str, password: str, source_ip: str) -> None:
    """Replace the password that was there when the mail was sent; ends every session and starts none.

    Proves the mailbox too. Raises Gone where the token is used or too old or the password has changed since,
    Invalid for a password that may not be chosen, TooManyRequests.
    """
    with counted_redemption(token, source_ip, PURPOSE):
        _confirm(token, password)


def _confirm(token: str, password: str) -> None:
    intent = intents().find(links.redeem(PURPOSE, token))
    person = people().find(intent["user_id"]) if intent and "user_id" in intent else None
    if intent is None or person is None or not model.is_active(person):
        raise Gone("this link is not valid, or no longer")
    password_row = credentials().password(person["id"])
    password_version = password_row["version"] if password_row else 0
    if (password_version, model.sessions_since(person)) != (intent["password_version"], intent["since"]):
        raise Gone("this link has been used, or the password was changed since")
    chosen = new_password.choose(password, person)
    replacing = policy.hashed(chosen)
    try:
        people().set_password(person, replacing, password_row, model.proved_mailbox, short=policy.is_short(chosen))
    except Conflict:
        raise Gone("this link has been used, or the password was changed since") from None
    attempts().clear(model.account_of(person))
