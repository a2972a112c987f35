"""Signing in with a code that was mailed: asked for by anyone, good once, and only from the mailbox of the account.

Nobody's asking voids the code of another request: each is good for ten minutes. Whoever can keep a secret sends it when
they ask, and again with the code: such an asker's code is good for nobody else, and nobody else's guesses touch it. The
mail says of every code whose request it answers, for those who read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.accounts import model
from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.crypto import links
from chalicelib.core.errors import Gone, Unauthenticated
from chalicelib.core.http import user_agents
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from chalicelib.intents import intent_from, intents
from chalicelib.limits import rates
from chalicelib.profile.email_keys import email_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.intents.rows import Intent

CODE_SECONDS = 10 * 60
"""The longest that NIST SP 800-63B-4, section 3.1.3.2, lets such a code live."""

TRIES = 5
"""Of the short codes of one address, or of one asker there, since the latest was mailed. The links' tokens cannot be
guessed, so they outlive them: nobody can keep the owner out."""

PURPOSE = "code"


def ask(email: str, source_ip: str, *, agent: str = "", asker: str | None = None) -> None:
    """Ask for a mail that lets its reader sign in; looks nothing up. `asker` is the secret of the browser or app that
    asks, which alone may use the code then. Raises TooManyRequests."""
    rates().take("code", source_ip, settings().registrations_per_hour)
    request_shown = {"asked_from": source_ip, "asked_with": user_agents.named(agent) or None}
    intents().write(
        intent_from("code", email, source_ip, seconds=CODE_SECONDS, asker=_hashed(asker), **request_shown)
    )


def redeem(
    code: str,
    email: str | None = None,
    *,
    asker: str | None = None,
    admit: Callable[[Person], None] = lambda _: None,
) -> Person:
    """The person whose mailbox the code was sent to: by the link's token alone, or the short code and their address,
    from the `asker` that asked, where one did.

    `admit` gets the person before the code is used up, and what it raises leaves the code good: so whoever misses a
    second factor can send the same code again, with it. Raises Unauthenticated for a code that is wrong, used, too old
    or another asker's, after the same reads and writes whether or not the address has an account.
    """
    digest = _hashed(asker)
    intent = _by_token(code) if email is None else _by_short_code(code, email_key(email), digest)
    if intent is None or intent.get("asker") not in {None, digest}:
        raise _refused()
    person = _bound_to(intent)
    if person is None:
        raise _refused()
    admit(person)
    if not intents().use(intent["id"]):
        raise _refused()
    return person if person["email_verified"] else _first_proof(person)


def _by_token(token: str) -> Intent | None:
    """The intent that the link is for."""
    try:
        return intents().find(links.redeem(PURPOSE, token))
    except Gone:
        return None


def _by_short_code(code: str, key: str, asker: str | None) -> Intent | None:
    """The intent of the address whose code that is. The try is counted before any code is compared, so that parallel
    guesses are as many as others."""
    listed = intents().guess(key, asker, TRIES)
    meant = [intent_id for intent_id in listed if links.is_short_code(PURPOSE, intent_id, code)]
    return intents().find(meant[0]) if meant else None


def _bound_to(intent: Intent) -> Person | None:
    """The person that the intent was mailed to, if they have the same address still and no session was ended."""
    person = people().find(intent["user_id"]) if "user_id" in intent else None
    if person is None or not model.is_active(person):
        return None
    unchanged = (intent["email_key"], intent["since"]) == (person.get("email_key"), model.sessions_since(person))
    return person if unchanged else None


def _first_proof(person: Person) -> Person:
    """The person after the first proof of their mailbox: whoever made the account may not have had it, so no older
    session and no password outlives it."""
    password_row = credentials().password(person["id"])

    def proved(present: Person) -> dict[str, Any]:
        if present["email_verified"]:
            return {}
        dropped = {"password_changed_at": clock.timestamp(), "legacy_hash": None} if password_row else {}
        # The session that begins next is the first since an import, where there was one: it takes the mark away.
        return {**model.proved_mailbox(present), **dropped, model.AWAITED: present.get(model.AWAITED)}

    def without_password(_: Person) -> dict[str, Action]:
        return {"password": credentials().dropping_password(password_row)} if password_row else {}

    return people().change(person, proved, also=without_password)


def _refused() -> Unauthenticated:
    return Unauthenticated("the code is wrong, no longer good, or was asked for elsewhere")


def _hashed(asker: str | None) -> str | None:
    """What is kept of an asker's secret, which has 256 bits."""
    return digest_of(asker) if asker else None
