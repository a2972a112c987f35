"""Sign in with a mailed code. Anyone may ask for one. It is mailed to the account's mailbox, and works once.

Each code is valid for ten minutes, and another request does not void it. A browser or app that can keep a secret (the
`asker`) sends it when it asks for a code, and again with the code. Such a code works only with this secret, and guesses
without the secret do not count against it. Each mail says which request it answers, so that its reader can check it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import connections
from chalicelib.accounts import model
from chalicelib.accounts.first_proof import FirstProof
from chalicelib.accounts.store import AlsoRefused, people
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.crypto import links
from chalicelib.core.errors import Conflict, Gone, Unauthenticated
from chalicelib.core.http import user_agents
from chalicelib.core.ids import digest_of
from chalicelib.core.settings import settings
from chalicelib.intents import intent_from, intents
from chalicelib.limits import rates
from chalicelib.profile.email_keys import email_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.accounts.rows import Person
    from chalicelib.intents.rows import Intent

CODE_SECONDS = 10 * 60
"""The longest time that NIST SP 800-63B-4, section 3.1.3.2, allows for such a code."""

TRIES = 5
"""How many short codes may be tried for one email address, or for one asker of it, since the latest code was mailed.
The tokens of the links cannot be guessed, so they stay valid after that: nobody can keep the owner out."""

PURPOSE = "code"


def ask(email: str, source_ip: str, *, agent: str = "", asker: str | None = None) -> None:
    """Ask for a mail with a code to sign in. This does not look up the address. `asker` is the secret of the browser or
    app that asks: with one, only that browser or app can use the code. Raises TooManyRequests."""
    rates().take("code", source_ip, settings().registrations_per_hour)
    connections.check_way(email)
    request_details = {"asked_from": source_ip, "asked_with": user_agents.named(agent) or None}
    intents().write(
        intent_from("code", email, source_ip, seconds=CODE_SECONDS, asker=_hashed(asker), **request_details)
    )


def redeem(
    code: str,
    email: str | None = None,
    *,
    asker: str | None = None,
    admit: Callable[[Person], None] = lambda _: None,
) -> Person:
    """The person to whose mailbox the code was sent. `code` is the token of the link, or the short code with their
    email address. If the code was asked for with an `asker`, the same one is needed.

    `admit` is called with the person before the code is used up. If it raises an error, the code stays valid: so a
    request without the second factor can be sent again with it. Raises Unauthenticated for a code that is wrong, used,
    too old or another asker's. The reads and writes are the same whether or not the email address has an account.
    """
    digest = _hashed(asker)
    intent = _by_token(code) if email is None else _by_short_code(code, email_key(email), digest)
    if intent is None or intent.get("asker") not in {None, digest}:
        raise _refused()
    person = _recipient(intent)
    if person is None:
        raise _refused()
    admit(person)
    if not intents().use(intent["id"]):
        raise _refused()
    return person if person["email_verified"] else _first_proof(person)


def _by_token(token: str) -> Intent | None:
    """The intent that the token of the link names."""
    try:
        return intents().find(links.redeem(PURPOSE, token))
    except Gone:
        return None


def _by_short_code(code: str, key: str, asker: str | None) -> Intent | None:
    """The intent with this short code, among those of the email address. The attempt is counted before any code is
    compared, so that parallel requests get no additional guesses."""
    intent_ids = intents().guess(key, asker, TRIES)
    matching_ids = [intent_id for intent_id in intent_ids if links.is_short_code(PURPOSE, intent_id, code)]
    return intents().find(matching_ids[0]) if matching_ids else None


def _recipient(intent: Intent) -> Person | None:
    """The person to whom the intent's code was mailed, if they still have the same email address and their sessions
    were not ended since."""
    person = people().find(intent["user_id"]) if "user_id" in intent else None
    if person is None or not model.is_active(person):
        return None
    unchanged = (intent["email_key"], intent["since"]) == (person.get("email_key"), model.sessions_since(person))
    return person if unchanged else None


def _first_proof(person: Person) -> Person:
    """The person after the first proof of their mailbox. Perhaps somebody else registered the account, so the proof
    ends every older session and deletes the password."""
    for _ in range(ATTEMPTS):
        proof = FirstProof(person)
        try:
            return people().change(person, proof.changes, also=proof.actions)
        except AlsoRefused:  # whoever has a session set a password meanwhile, and the code is used up
            continue
    raise Conflict("the account is being changed by others")


def _refused() -> Unauthenticated:
    return Unauthenticated("the code is wrong, no longer good, or was asked for elsewhere")


def _hashed(asker: str | None) -> str | None:
    """The hash that is stored of an asker's secret. The secret has 256 bits, so a plain hash is enough."""
    return digest_of(asker) if asker else None
