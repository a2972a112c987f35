"""Another address for an account: asked for by its owner, and changed once the new mailbox has confirmed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model
from chalicelib.accounts.store import check_version, people
from chalicelib.core.crypto import links
from chalicelib.core.errors import Gone
from chalicelib.core.settings import settings
from chalicelib.intents import intent_from, intents
from chalicelib.limits import attempts, rates

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

EMAIL_SECONDS = 3600

PURPOSE = "email"


def ask(person: Person, email: str, source_ip: str, *, expected: int | None = None) -> None:
    """Ask for a mail to the new address that lets the person take it; looks nothing up, so that nobody learns here
    who has it. Raises TooManyRequests, or PreconditionFailed for another version than the expected one."""
    check_version(person, expected)
    rates().take("email", source_ip, settings().registrations_per_hour)
    bound = {"user_id": person["id"], "former_key": person.get("email_key"), "since": model.sessions_since(person)}
    intents().write(intent_from("email", email, source_ip, seconds=EMAIL_SECONDS, **bound))


def confirm(person: Person, token: str, *, session_id: str) -> Person:
    """Give the person the address that the token was mailed to, and end every session but this one. Failed attempts
    at their password go with them.

    Raises Gone where the token is used, too old or another's, or the person's address was changed or their sessions
    were ended since they asked; EmailTaken where the address has an account by now.
    """
    intent = intents().find(links.redeem(PURPOSE, token))
    if intent is None or intent["user_id"] != person["id"]:
        raise Gone("this link is not valid, or no longer")

    def proved(present: Person) -> dict[str, Any]:
        if (present.get("email_key"), model.sessions_since(present)) != (
            intent.get("former_key"),
            intent["since"],
        ):
            raise Gone("this link has been used, or your account was changed since")
        return {"email_verified": True, **model.ended_sessions(present, kept=session_id)}

    key, account = intent["email_key"], model.account_of(person)
    counter = attempts().moving(account, key) if key != account else {}
    also = {"intent": intents().using(intent["id"]), **counter}
    changed = people().change_email(person, intent["email"], key, proved, also)
    if key != account:
        intents().erase_of(account)
    return changed
