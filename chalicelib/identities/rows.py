"""The rows of identities in the table `credentials`. The person's own row lists the ids of those that count."""

from __future__ import annotations

from typing import TypedDict


class Identity(TypedDict):
    """A person as an identity provider knows them."""

    id: str
    connection: str
    issuer: str
    subject: str
    label: str
    """The address or name at the provider when the identity was linked, to tell several apart; may be empty."""
    linked_at: str


class IdentitiesRow(TypedDict):
    """`identities#<user id>`: all identities of a person, and perhaps such as the person's row lists no more."""

    id: str
    schema: int
    version: int
    identities: list[Identity]


class IdentityOwner(TypedDict):
    """`identity#<identity id>`: whose identity that is, if the person's row lists it."""

    id: str
    schema: int
    version: int
    user_id: str
