"""Identities of a person: their keys, and what is shown of them. This module does not call AWS."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.aws import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.connections.provider_identity import ProviderIdentity
    from chalicelib.identities.rows import IdentitiesRow, Identity

IDENTITIES_LIMIT = 10


def identity_id(connection_id: str, issuer: str, subject: str) -> str:
    """The id of an identity. It depends on the issuer: a connection that is made anew under an old id, for another
    provider, has none of the identities of the one before."""
    key = "\n".join((connection_id, issuer, subject))
    return ids.id_from(hashlib.sha256(key.encode()).digest())


def id_of(proved: ProviderIdentity) -> str:
    return identity_id(proved.connection_id, proved.issuer, proved.subject)


def new_identity(proved: ProviderIdentity) -> Identity:
    """What is stored of an identity that is linked now."""
    return {
        "id": id_of(proved),
        "connection": proved.connection_id,
        "issuer": proved.issuer,
        "subject": proved.subject,
        "label": proved.label,
        "linked_at": clock.timestamp(),
    }


def listed(person: Person) -> list[dict[str, str]]:
    """The identities that the person's row lists: `id`, `connection` and `linked_at` of each. These count."""
    return person.get("identities", [])


def is_listed(person: Person, identity: str) -> bool:
    return any(each["id"] == identity for each in listed(person))


def entry_of(identity: Identity) -> dict[str, str]:
    """What the person's row has of an identity. Events tell it, so it has no subject."""
    return {"id": identity["id"], "connection": identity["connection"], "linked_at": identity["linked_at"]}


def counting(row: IdentitiesRow | None, person: Person) -> list[Identity]:
    """The identities of a row that the person's row lists as well."""
    return [each for each in (row["identities"] if row else []) if is_listed(person, each["id"])]


def next_row(user_id: str, row: IdentitiesRow | None, identities: Sequence[Identity]) -> IdentitiesRow:
    version = row["version"] + 1 if row else 1
    return {"id": row_id(user_id), "schema": records.SCHEMA, "version": version, "identities": list(identities)}


def row_id(user_id: str) -> str:
    return f"identities#{user_id}"


def owner_id(identity: str) -> str:
    return f"identity#{identity}"


def view(identity: Identity) -> dict[str, Any]:
    """An identity as its owner and administrators see it."""
    return {name: identity[name] for name in ("id", "connection", "label", "subject", "linked_at")}
