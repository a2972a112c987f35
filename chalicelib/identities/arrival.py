"""Who is it? What an identity provider has proved becomes a person of ours, or the need for something more.

The key is (connection, issuer, subject). An address is a hint: an identity is linked to the account of that address
only where the provider's word counts for the mailbox, or where the person has proved the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from chalicelib import accounts, connections, factors, profile
from chalicelib.connections import model as connection_model
from chalicelib.core.aws.dynamo import TransactionRefused
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.errors import Conflict
from chalicelib.core.settings import settings
from chalicelib.identities import model
from chalicelib.identities.faults import SignInFailed
from chalicelib.identities.store import identities
from chalicelib.intents import intent_from, intents
from chalicelib.profile import fields, terms
from chalicelib.sessions.authentication import Authentication, methods_of
from chalicelib.sessions.new_session import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.connections.provider_identity import ProviderIdentity
    from chalicelib.connections.rows import Connection
    from chalicelib.core.aws.dynamo import Action
    from chalicelib.identities.rows import IdentityOwner
    from chalicelib.sessions.new_session import Grant, UserAgent

CONFIRM_SECONDS = 86400
"""How long the mail that confirms the address of a new person is good for."""

WAY: Literal["connection"] = "connection"


class LinkNeeded(Exception):
    """The identity is nobody's, and its address is that of this person's account: they have to prove it."""

    def __init__(self, person: Person) -> None:
        super().__init__(person["id"])
        self.person = person


class TermsNeeded(Exception):
    """The person is new, and has not agreed to the terms of the stage."""


def arrive(
    connection: Connection,
    proved: ProviderIdentity,
    user_agent: UserAgent,
    proof: factors.PresentedFactor,
    verify: Callable[[Person], bool],
    agreed: str | None = None,
) -> Grant:
    """Begin a session of the person whom the provider has proved. `verify` checks their second factor, and is asked
    where the person has one and the provider does not vouch for one. `agreed` is the version of the terms that they
    have agreed to, which new people need where a stage has terms.

    Raises LinkNeeded, TermsNeeded, what `verify` raises, SignInFailed, TooManyRequests, and Conflict where others keep
    changing the account.
    """
    _check_domain(connection, proved)
    _check_way(proved.email, proved)
    person, has_second_factor = _person(connection, proved, user_agent.source_ip, verify, agreed)
    methods = methods_of((), proof, second_factor=has_second_factor and not proved.vouched)
    if proved.vouched:
        methods = ("mfa",)
    authentication = Authentication(WAY, methods, has_second_factor, proved.connection_id)
    return begin(person, user_agent, authentication)


def _person(
    connection: Connection,
    proved: ProviderIdentity,
    source_ip: str,
    verify: Callable[[Person], bool],
    agreed: str | None,
) -> tuple[Person, bool]:
    """The person, and whether two factors are proved. Of two callbacks at once, one makes the person, and the other
    finds them."""
    for _ in range(ATTEMPTS):
        ownership = identities().ownership(model.id_of(proved))
        if ownership.person is not None:
            return ownership.person, _second_factor(ownership.person, proved, verify)
        key = _email_key(proved)
        person = accounts.people().find_by_email(key) if key else None
        try:
            if person is None:
                return _create(connection, proved, ownership.owner, source_ip, agreed), proved.vouched
            if not _is_trusted(connection, proved):
                _check_active(person)
                raise LinkNeeded(person)
            has_second_factor = _second_factor(person, proved, verify)
            return link_trusted(person, proved, ownership.owner), has_second_factor
        except (accounts.AddressMoved, accounts.AlsoRefused, accounts.EmailTaken, TransactionRefused):
            continue
    raise Conflict("the account is being changed by others")


def _check_domain(connection: Connection, proved: ProviderIdentity) -> None:
    if not connection_model.admits(connection, proved.domain):
        raise SignInFailed("not-allowed", "addresses of this domain do not come by this connection")


def _check_way(email_address: str | None, proved: ProviderIdentity) -> None:
    """Raises SignInFailed where people with this address come by another connection."""
    try:
        connections.check_way(email_address, proved.connection_id)
    except connections.ConnectionRequired as required:
        raise SignInFailed("connection-required", required.detail) from required


def _is_trusted(connection: Connection, proved: ProviderIdentity) -> bool:
    """Whether the provider has proved the address, and its word counts for mailboxes of that domain."""
    return proved.email_verified and connection_model.trusts(connection, proved.domain or "")


def _check_active(person: Person) -> None:
    if not accounts.is_active(person):
        raise SignInFailed("disabled", "the account is disabled")


def _second_factor(person: Person, proved: ProviderIdentity, verify: Callable[[Person], bool]) -> bool:
    """Whether two factors are proved. Raises what `verify` raises, and SignInFailed for a person who is disabled, or
    whose own address comes by another connection."""
    _check_active(person)
    _check_way(person.get("email"), proved)
    return proved.vouched or verify(person)


def _create(
    connection: Connection,
    proved: ProviderIdentity,
    owner: IdentityOwner | None,
    source_ip: str,
    agreed: str | None,
) -> Person:
    """Make a person. Their address counts as verified only where the provider's word counts for its domain; otherwise a
    mail asks them to confirm it."""
    if not connection_model.is_open(connection):
        raise SignInFailed("registration-closed", "people without an account do not come by this connection")
    if settings().terms_version not in {"", agreed}:
        raise TermsNeeded
    identity = model.new_identity(proved)
    supplied = _fields(proved, trusted=_is_trusted(connection, proved))
    person = accounts.new_person(source="connection", **terms.agreed({**supplied, "terms_version": agreed}))
    person["identities"] = [model.entry_of(identity)]
    also = {**identities().creating(person, identity, owner), **_confirmation(person, source_ip)}
    return accounts.people().create(person, None, also)


def _fields(proved: ProviderIdentity, *, trusted: bool) -> dict[str, Any]:
    """The fields of the new person: what of the provider's claims keeps our rules."""
    email = {"email": proved.email, "email_verified": trusted} if _email_key(proved) else {}
    clean, _ = fields.check_fields({**dict(proved.profile), **email})
    return clean


def _email_key(proved: ProviderIdentity) -> str:
    """The key of the address; empty where there is none, or none that mail can reach."""
    try:
        return profile.email_key(profile.check_email(proved.email)) if proved.email else ""
    except ValueError:
        return ""


def _confirmation(person: Person, source_ip: str) -> Mapping[str, Action]:
    """The request for the mail that confirms the address: as for a change of it, by who is signed in. So the person
    keeps their identity, and a stranger whose address was used gets nothing that could be misused."""
    email = person.get("email")
    if not email or person["email_verified"]:
        return {}
    bound_to = {"user_id": person["id"], "former_key": person["email_key"], "since": 0}
    intent = intent_from("email", email, source_ip, seconds=CONFIRM_SECONDS, **bound_to)
    return {"intent": intents().writing(intent)}


def link_trusted(person: Person, proved: ProviderIdentity, owner: IdentityOwner | None) -> Person:
    """Link an identity whose provider's word counts for the person's mailbox. That proves the mailbox: if nobody had
    proved it before, the password, the identities and the sessions of whoever made the account end."""
    proof = accounts.FirstProof(person)
    return identities().link(person, model.new_identity(proved), owner, proof.changes, proof.actions)
