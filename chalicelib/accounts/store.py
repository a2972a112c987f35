"""The tables `users` and `credentials`: who there is, under which address, with which password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clients, clock, records
from chalicelib.core.dynamo import Action, absent

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Database, Item, Table


class People:
    """Persons, the locks of their addresses, and their passwords."""

    def __init__(self, database: Database, users: Table, credentials: Table) -> None:
        self._database = database
        self._users = users
        self._credentials = credentials

    def creating(self, person: Item, password_hash: str | None) -> list[Action]:
        """The one to three actions of a transaction that make a person: the person, then the lock of their
        address where they have one, then their password where a hash is given."""
        user_id, key = person["id"], person.get("email_key")
        actions = [self._users.putting(person, absent())]
        if key:
            lock = {"id": f"email#{key}", "schema": records.SCHEMA, "user_id": user_id}
            actions.append(self._credentials.putting(lock, absent()))
        if password_hash is not None:
            actions.append(self._credentials.putting(_password(user_id, password_hash, 1), absent()))
        return actions


def _password(user_id: str, password_hash: str, version: int) -> Item:
    return {
        "id": f"password#{user_id}",
        "schema": records.SCHEMA,
        "hash": password_hash,
        "version": version,
        "changed_at": clock.timestamp(),
    }


def person_actions(person: Item, password_hash: str | None) -> list[Action]:
    """See `People.creating`: for whoever makes many persons in one transaction."""
    return people().creating(person, password_hash)


@clients.once
def people() -> People:
    """The stage's persons."""
    return People(clients.database(), clients.table("users"), clients.table("credentials"))
