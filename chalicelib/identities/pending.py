"""What is still missing after a provider has proved somebody: a second factor, the proof of an account to link, or
the word of somebody new to the terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import factors
from chalicelib.connections import model as connection_model
from chalicelib.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, field_error
from chalicelib.identities import linking
from chalicelib.identities.arrival import WAY, LinkNeeded, arrive
from chalicelib.identities.begin import usable
from chalicelib.identities.faults import SignInFailed
from chalicelib.identities.single_use import use_up
from chalicelib.profile import terms
from chalicelib.sessions import failures, second_factors

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.connections.rows import Connection
    from chalicelib.identities.flow_cookies import Pending
    from chalicelib.sessions.new_session import Grant, UserAgent


def view(pending: Pending) -> dict[str, Any]:
    """What is pending, as the browser's own page shows it."""
    return {
        "connection": connection_model.public_view(_connection_of(pending)),
        "need": pending.need,
        "factors": list(pending.factors),
        "label": pending.identity.label,
        "email": pending.identity.email or None,
        "return_to": pending.return_to or None,
    }


def confirm(
    pending: Pending, proof: factors.PresentedFactor, user_agent: UserAgent, agreed: str | None = None
) -> Grant:
    """Begin the session of somebody whom a provider has proved, with their second factor, or where they are new, once
    they have agreed to the terms. A wrong factor may be tried again, as often as at any sign-in; a right one uses up
    what is pending.

    Raises FactorRequired, Unauthenticated, TooManyRequests, SignInFailed, Invalid for another version of the terms than
    that in force, and Conflict where a link is needed.
    """
    if pending.need == "link":
        raise Conflict("prove the account and link the identity at POST /me/identities", code="link-needed")
    if pending.need == "terms":
        _check_agreed(agreed)
        _use_up(pending)
    attempt = failures.Attempt(WAY, user_agent, factors.kind(proof), reason="wrong second factor")

    def verify(person: Person) -> bool:
        attempt.about(person)
        if person["id"] != pending.user_id:
            raise Unauthenticated("this identity is another account's by now")
        counter = second_factors.behind_connection(person, user_agent.device)
        is_proved = second_factors.verify(person, proof, counter)
        _use_up(pending)
        return is_proved

    with failures.counted(attempt):
        connection = _connection_of(pending)
        try:
            return arrive(connection, pending.identity, user_agent, proof, verify, agreed)
        except LinkNeeded as needed:
            raise SignInFailed("expired", "the account was changed meanwhile: begin anew") from needed


def link(pending: Pending, person: Person) -> Person:
    """Link what is pending to the person who has signed in, if it is their account that has the identity's address.
    Raises Forbidden where it is not, and SignInFailed."""
    if pending.need != "link" or pending.user_id != person["id"]:
        raise Forbidden("what is pending is for another account")
    _connection_of(pending)
    _use_up(pending)
    return linking.link(person, pending.identity)


def _connection_of(pending: Pending) -> Connection:
    """The connection by which it was proved. One that was made anew under the same id for another provider says nothing
    of what the one before has proved. Raises SignInFailed."""
    try:
        connection = usable(pending.identity.connection_id)
    except NotFound as gone:
        raise SignInFailed("expired", "the connection was removed: begin anew") from gone
    if connection_model.sole_issuer(connection) not in {"", pending.identity.issuer}:
        raise SignInFailed("expired", "the connection is to another provider by now: begin anew")
    return connection


def _check_agreed(version: str | None) -> None:
    try:
        terms.current(version)
    except ValueError as unfit:
        raise Invalid([field_error("terms_version", unfit)]) from unfit


def _use_up(pending: Pending) -> None:
    if not use_up(pending.id):
        raise SignInFailed("expired", "this was used before: begin anew")
