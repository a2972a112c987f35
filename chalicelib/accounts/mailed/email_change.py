"""Change the email address of an account: its owner asks for it, and a token mailed to the new mailbox confirms it."""

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
    """Ask for a mail to the new email address, with the token that confirms the change. This does not look up the
    address, so the answer does not show whether another person has it. Raises TooManyRequests, and PreconditionFailed
    if the person is not at the `expected` version."""
    check_version(person, expected)
    rates().take("email", source_ip, settings().registrations_per_hour)
    bound_to = {
        "user_id": person["id"],
        "former_key": person.get("email_key"),
        "since": model.sessions_since(person),
    }
    intents().write(intent_from("email", email, source_ip, seconds=EMAIL_SECONDS, **bound_to))


def confirm(person: Person, token: str, *, session_id: str) -> Person:
    """Give the person the email address to which the token was mailed, and end every session but this one. The count of
    failed attempts at their password moves to the new address.

    Raises Gone if the token is used, too old or another person's, or if the person's email address was changed or their
    sessions were ended since they asked. Raises EmailTaken if the address has an account by now.
    """
    intent = intents().find(links.redeem(PURPOSE, token))
    if intent is None or intent["user_id"] != person["id"]:
        raise Gone("this link is not valid, or no longer")

    def proof_changes(present: Person) -> dict[str, Any]:
        if (present.get("email_key"), model.sessions_since(present)) != (
            intent.get("former_key"),
            intent["since"],
        ):
            raise Gone("this link has been used, or your account was changed since")
        return {"email_verified": True, **model.ended_sessions(present, kept=session_id)}

    new_email_key, former_account = intent["email_key"], model.account_of(person)
    moved_attempts = attempts().moving(former_account, new_email_key) if new_email_key != former_account else {}
    further_actions = {"intent": intents().using(intent["id"]), **moved_attempts}
    changed = people().change_email(person, intent["email"], new_email_key, proof_changes, further_actions)
    if new_email_key != former_account:
        intents().erase_of(former_account)
    return changed
