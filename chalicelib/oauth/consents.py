"""What a person allowed applications: `consents` of their row, by client. No AWS here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.oauth import model

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.accounts.rows import Consent, Person
    from chalicelib.oauth.grants.rows import Grant
    from chalicelib.oauth.rows import Client

LIMIT = 50
"""Applications of one person: each is a part of the row that every request of theirs reads."""


def consents_of(person: Person) -> dict[str, Consent]:
    """What they allowed, by the id of the client."""
    return person.get("consents", {})


def covers(person: Person, client_id: str, scopes: Collection[str], resource: str | None) -> bool:
    """Whether they allowed all of this before."""
    consent = consents_of(person).get(client_id)
    if consent is None or not set(scopes) <= set(consent["scopes"]):
        return False
    return resource is None or resource in consent.get("resources", ())


def still_allowed(person: Person, client: Client, grant: Grant) -> bool:
    """Whether what a client was given is still allowed: it is the owner's own, or the person has not revoked it since.

    So a revoked consent ends it with the write of the person's row, whatever becomes of the row of the grant.
    """
    if model.registered(client)["first_party"]:
        return True
    consent = consents_of(person).get(grant["client_id"])
    if consent is None or grant["created_at"] < consent["since"]:
        return False
    return covers(person, grant["client_id"], grant["scopes"], grant.get("resource"))


def with_consent(person: Person, client_id: str, scopes: Collection[str], resource: str | None) -> dict[str, Any]:
    """The changes of a person who allows this, beside what they allowed before. Raises Conflict where they allowed too
    many applications something."""
    consents = consents_of(person)
    if client_id not in consents and len(consents) >= LIMIT:
        raise Conflict(f"you have allowed {LIMIT} applications something: revoke one of them first")
    now = clock.timestamp()
    before: Consent = consents.get(client_id, {"scopes": [], "since": now, "at": now})
    resources = {*before.get("resources", ()), *([resource] if resource else ())}
    consent: Consent = {"scopes": sorted({*before["scopes"], *scopes}), "since": before["since"], "at": now}
    if resources:
        consent["resources"] = sorted(resources)
    return {"consents": {**consents, client_id: consent}}


def without_consent(person: Person, client_id: str) -> dict[str, Any]:
    """The changes of a person who revokes what they allowed a client; none where they allowed it nothing."""
    consents = consents_of(person)
    if client_id not in consents:
        return {}
    remaining = {other: consent for other, consent in consents.items() if other != client_id}
    return {"consents": remaining or None}
