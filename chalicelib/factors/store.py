"""The second factors in `credentials`: one item per person, and one per passkey that says whose it is.

What a person's own item says of their factors is written in the same transaction, and makes the event.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import absent, together, unchanged
from chalicelib.core.aws.optimistic import ATTEMPTS, optimistic
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.factors import model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boto3.dynamodb.conditions import ConditionBase

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import (
        Action,
        Item,
        Key,
        Table,
    )

ID_LENGTH = 512
"""Characters of a passkey's id that stands in a key as it is: most have less than a hundred."""


def nothing_more(_: Person) -> Mapping[str, Any]:
    """No further changes of the person."""
    return {}


@dataclass(frozen=True)
class Change:
    """A change of somebody's factors: the next version of their record, further actions of the same transaction,
    and further changes of the person's own item, given as it is at present."""

    record: Item
    actions: Mapping[str, Action] = field(default_factory=dict)
    person: Callable[[Person], Mapping[str, Any]] = nothing_more


class Factors:
    """Factors, each written under the version that was read."""

    def __init__(self, credentials: Table, people: accounts.People) -> None:
        self._credentials = credentials
        self._people = people

    def of(self, user_id: str) -> Item:
        """A person's factors, read consistently: at version 0 where they never had one."""
        return self._credentials.get({"id": model.record_id(user_id)}) or model.nothing(user_id)

    def update(self, user_id: str, decide: Callable[[Item], Item]) -> Item:
        """Write the next version of a person's factors that `decide` gives for the present one, and return it.

        The person's own item stays: this is for what is used, or not a factor yet. Decides again where somebody
        else was faster; what `decide` raises leaves everything as it is.
        """

        def attempt(present: Item | None) -> Item:
            record = present or model.nothing(user_id)
            following = decide(record)
            self._credentials.put(following, _unchanged(record))
            return following

        exhausted = Unavailable("the factors are being used by others")
        return optimistic(attempt, self.of(user_id), exhausted=exhausted)

    def change(self, person: Person, decide: Callable[[Item], Change]) -> Person:
        """Write the change that `decide` gives for a person's present factors, and return the person after it: one
        read, one transaction. Raises Conflict where what it rests on keeps changing, and what `People.change` does.
        """
        for _ in range(ATTEMPTS):  # not `optimistic`: a Conflict that `decide` raises is the answer
            record = self.of(person["id"])
            change = decide(record)
            try:
                return self._written(person, record, change)
            except Conflict:
                continue
        raise Conflict("your factors are being changed by others")

    def creating(self, record: Item) -> Action:
        """The action that makes the factors of a person who is made in the same transaction."""
        return self._credentials.putting(record, absent())

    def claiming(self, passkey_id: str, user_id: str) -> Action:
        """The action that makes a passkey this person's, if it is nobody's."""
        row = {**_passkey_key(passkey_id), "schema": records.SCHEMA, "user_id": user_id}
        return self._credentials.putting(row, absent())

    def releasing(self, passkey_id: str) -> Action:
        """The action that makes a passkey nobody's."""
        return self._credentials.deleting(_passkey_key(passkey_id))

    def owner_of(self, passkey_id: str) -> str | None:
        """The id of the person whose passkey that is, or None."""
        row = self._credentials.get(_passkey_key(passkey_id))
        return str(row["user_id"]) if row else None

    def remove(self, user_id: str) -> int:
        """Remove everything of a person who is gone: how many rows. The record goes last, because it knows the rest."""
        record = self.of(user_id)
        keys = [_passkey_key(passkey["id"]) for passkey in record.get("passkeys", ())]
        return sum(self._credentials.delete(key) is not None for key in (*keys, {"id": record["id"]}))

    def _written(self, person: Person, record: Item, change: Change) -> Person:
        following = self._credentials.putting(change.record, _unchanged(record))
        return self._people.change(
            person,
            lambda present: {**model.of_person(change.record), **change.person(present)},
            also=lambda _: together({"factors": following}, change.actions),
        )


def _unchanged(record: Item) -> ConditionBase:
    """Of a record of somebody who has none yet, which is at version 0, that there is none still."""
    return unchanged(record if record["version"] else None)


def _passkey_key(passkey_id: str) -> Key:
    """A passkey's id may be longer than a key of an index; one that is long is named by its digest, which no id of
    base64url can be taken for."""
    if len(passkey_id) <= ID_LENGTH:
        return {"id": f"passkey#{passkey_id}"}
    return {"id": f"passkey#sha256:{hashlib.sha256(passkey_id.encode()).hexdigest()}"}


def place(user_id: str) -> tuple[Table, Key]:
    """Where a person's factors are kept, for whoever reads them in one batch with something else."""
    return clients.table("credentials"), {"id": model.record_id(user_id)}


@clients.once
def factors() -> Factors:
    """The stage's second factors."""
    return Factors(clients.table("credentials"), accounts.people())
