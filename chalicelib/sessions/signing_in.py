"""Signing in with address and password, in the same work and the same words whoever the address belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import accounts
from chalicelib.core import ids
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.sessions import model, refresh_tokens
from chalicelib.sessions.grants import Grant, grant
from chalicelib.sessions.store import sessions

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item


def sign_in(email: str, password: str, *, source_ip: str, agent: str) -> Grant:
    """Begin a session.

    Raises Unauthenticated for an unknown address, a wrong password and a disabled person alike, TooManyRequests
    where the address was tried too often, or the client failed too often. Failures are what is counted of a client,
    and one process may notice a failure later than another that it was the last.
    """
    accounts.limits().refuse_known("sign-in", source_ip)
    account = accounts.email_key(email)
    accounts.attempts().reserve(account)
    person, known = _person_and_password(account)
    fits = accounts.password_fits(known["hash"] if known else None, password)
    if person is None or known is None or not fits or not accounts.is_active(person):
        accounts.limits().take("sign-in", source_ip, settings().sign_ins_per_hour)
        raise Unauthenticated("the address or the password is wrong")
    token = refresh_tokens.first(ids.new_id(), person["id"])
    sessions().start(model.new_session(person, token, agent))
    accounts.attempts().clear(account)
    if accounts.hash_is_outdated(known["hash"]):
        accounts.people().rehash(person["id"], known, accounts.hash_password(password))
    return grant(token, person)


def _person_and_password(account: str) -> tuple[Item | None, Item | None]:
    """Three reads, for an unknown address too. The person comes first: a session takes their version from here, so
    a password that is changed after this reading ends it."""
    person = accounts.people().find_by_email(account)
    return person, accounts.people().password(person["id"] if person else accounts.nobody(account))
