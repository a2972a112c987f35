"""Link an identity to an account that its person has proved, and unlink one. Nobody loses their last way in so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts, factors
from chalicelib.connections import connections
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.identities import model
from chalicelib.identities.faults import SignInFailed
from chalicelib.identities.store import identities
from chalicelib.sessions import sessions

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.connections.provider_identity import ProviderIdentity
    from chalicelib.core.aws.dynamo import Action


def link_in_session(session_id: str, user_id: str, proved: ProviderIdentity) -> None:
    """Link an identity to the person of a session that is still open. Raises SignInFailed, and what `link` raises."""
    session_and_person = sessions().find_with_person(session_id, user_id)
    if session_and_person is None:
        raise SignInFailed("session-ended", "the session in which this began has ended")
    link(session_and_person[1], proved)


def link(person: Person, proved: ProviderIdentity) -> Person:
    """Link an identity to this person, who was read with their session. Does nothing where it is theirs already. Raises
    SignInFailed where it is another's, the person has too many, or their sessions were ended meanwhile, and Conflict
    where others keep changing the person."""

    def in_session(present: Person) -> dict[str, Any]:
        if accounts.have_ended_since(person, present):
            raise SignInFailed("session-ended", "the session in which this began has ended")
        return {}

    for _ in range(ATTEMPTS):
        ownership = identities().ownership(model.id_of(proved))
        if ownership.person is not None:
            if ownership.person["id"] != person["id"]:
                raise SignInFailed("identity-taken", "this identity is another account's")
            return ownership.person
        try:
            return identities().link(person, model.new_identity(proved), ownership.owner, in_session, lambda _: {})
        except accounts.AlsoRefused:
            continue
    raise Conflict("the identities are being changed by others")


def unlink(person: Person, identity: str, *, expected: int | None = None) -> Person:
    """Unlink one of a person's own identities. Raises NotFound, and Conflict where it is their last way in: they need
    a password, a passkey, or another identity of a connection that is enabled. The transaction checks that it is
    still there."""
    if not model.is_listed(person, identity):
        raise NotFound("you have no such identity")
    return identities().unlink(
        person, identity, lambda present: _remaining_way(present, identity), expected=expected
    )


def unlink_of(user_id: str, identity: str, *, expected: int | None = None) -> Person:
    """Unlink an identity of a person, also the last one, for an administrator. Raises NotFound."""
    person = accounts.people().get(user_id)
    if not model.is_listed(person, identity):
        raise NotFound("there is no such identity")
    return identities().unlink(person, identity, lambda _: {}, expected=expected)


def _remaining_way(person: Person, identity: str) -> dict[str, Action]:
    """The check of a way in that remains to the person as they are now. A password is none without an address. Of
    another identity there is nothing to check: the person's row, which is written on the condition that it is this one,
    lists it."""
    password_row = accounts.credentials().password(person["id"]) if "email_key" in person else None
    if password_row is not None:
        return {"password": accounts.credentials().checking_password(person["id"], password_row)}
    factors_row = factors.passkeys_of(person["id"])
    if factors_row is not None:
        return {"factors": factors.checking(factors_row)}
    enabled = {connection["connection_id"] for connection in connections().enabled()}
    if any(each["connection"] in enabled for each in model.listed(person) if each["id"] != identity):
        return {}
    raise Conflict("this is your last way in: choose a password or add a passkey first", code="last-way-in")
