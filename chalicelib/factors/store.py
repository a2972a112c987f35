"""The second factors in `credentials`: one row for each person, and one for each passkey, which says whose it is.

The person's own row names their factors. It is written in the same transaction, and the event is made from it.
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

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import (
        Action,
        Key,
        Table,
    )
    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.factors.rows import FactorsRow, PasskeyOwner

ID_LENGTH = 512
"""Characters of the longest passkey id that stands in a key as it is. Most have less than a hundred."""


def no_further_changes(_: Person) -> Mapping[str, Any]:
    """No further changes of the person."""
    return {}


@dataclass(frozen=True)
class FactorChange:
    """A change of a person's factors: the next version of their row, further actions of the same transaction, and
    further changes of the person's own row, from its present version."""

    row: FactorsRow
    actions: Mapping[str, Action] = field(default_factory=dict)
    person: Callable[[Person], Mapping[str, Any]] = no_further_changes


class Factors:
    """Second factors. A write succeeds only where the row still has the version that was read."""

    def __init__(self, credentials: Table[Any], people: accounts.People) -> None:
        self._factors: Table[FactorsRow] = credentials
        self._owners: Table[PasskeyOwner] = credentials
        self._people = people

    def of(self, user_id: str) -> FactorsRow:
        """A person's factors, read consistently. At version 0 where the person never had one."""
        return self._factors.get({"id": model.row_id(user_id)}) or model.no_factors(user_id)

    def update(self, user_id: str, decide: Callable[[FactorsRow], FactorsRow]) -> FactorsRow:
        """Write the next version of a person's factors, which `decide` makes of the present one, and return it.

        The person's own row stays: this is for a factor that is used, or is not confirmed yet. Calls `decide` again
        where another request was faster. Nothing changes where `decide` raises. Raises Unavailable where others keep
        being faster.
        """

        def attempt(present: FactorsRow | None) -> FactorsRow:
            row = present or model.no_factors(user_id)
            next_version = decide(row)
            self._factors.put(next_version, _unchanged(row))
            return next_version

        exhausted = Unavailable("the factors are being used by others")
        return optimistic(attempt, self.of(user_id), exhausted=exhausted)

    def change(
        self, person: Person, decide: Callable[[FactorsRow], FactorChange], *, in_session: bool = True
    ) -> Person:
        """Write the change that `decide` makes of a person's present factors, and return the person after it: one
        read, one transaction. Raises Conflict where others keep changing the factors, Unauthenticated where the person
        makes it themselves, `in_session`, and their sessions were ended since they were read, and what `People.change`
        raises.
        """
        for _ in range(ATTEMPTS):  # not `optimistic`: a Conflict that `decide` raises is the answer
            row = self.of(person["id"])
            change = decide(row)
            try:
                return self._write(person, row, change, in_session=in_session)
            except Conflict:
                continue
        raise Conflict("your factors are being changed by others")

    def creating(self, row: FactorsRow) -> Action:
        """The action that creates the factors of a person who is created in the same transaction."""
        return self._factors.putting(row, absent())

    def claiming(self, passkey_id: str, user_id: str) -> Action:
        """The action that makes a passkey this person's. It holds only where the passkey is nobody's."""
        owner: PasskeyOwner = {"id": _owner_id(passkey_id), "schema": records.SCHEMA, "user_id": user_id}
        return self._owners.putting(owner, absent())

    def releasing(self, passkey_id: str) -> Action:
        """The action that makes a passkey nobody's."""
        return self._owners.deleting(_owner_key(passkey_id))

    def owner_of(self, passkey_id: str) -> str | None:
        """The id of the person whose passkey that is, or None."""
        owner = self._owners.get(_owner_key(passkey_id))
        return owner["user_id"] if owner else None

    def remove(self, user_id: str) -> int:
        """Delete all factors of a person who was removed. Returns how many rows. The row of factors goes last: it
        names the others."""
        row = self.of(user_id)
        owner_keys = [_owner_key(passkey["id"]) for passkey in row.get("passkeys", ())]
        deleted = [self._owners.delete(key) for key in owner_keys]
        return sum(row is not None for row in (*deleted, self._factors.delete({"id": row["id"]})))

    def _write(self, person: Person, row: FactorsRow, change: FactorChange, *, in_session: bool) -> Person:
        put_factors = self._factors.putting(change.row, _unchanged(row))

        def changes(present: Person) -> dict[str, Any]:
            if in_session:
                accounts.check_in_session(person, present)
            return {**model.changes_of_person(change.row), **change.person(present)}

        return self._people.change(
            person, changes, also=lambda _: together({"factors": put_factors}, change.actions)
        )


def _unchanged(row: FactorsRow) -> Condition:
    """The condition that the row has the version that was read; at version 0, that there is still none."""
    return unchanged(row if row["version"] else None)


def _owner_key(passkey_id: str) -> Key:
    return {"id": _owner_id(passkey_id)}


def _owner_id(passkey_id: str) -> str:
    """The id of the row that says whose passkey it is. A passkey's id may be longer than a key can be; then its digest
    stands there, with a colon, which is in no id of base64url."""
    if len(passkey_id) <= ID_LENGTH:
        return f"passkey#{passkey_id}"
    return f"passkey#sha256:{hashlib.sha256(passkey_id.encode()).hexdigest()}"


def passkeys_of(user_id: str) -> FactorsRow | None:
    """A person's factors if a passkey is among them, or None: one read."""
    row = factors().of(user_id)
    return row if row.get("passkeys") else None


def checking(row: FactorsRow) -> Action:
    """The action that lets a transaction succeed only if these factors are still as they were read."""
    return clients.table("credentials").checking({"id": row["id"]}, _unchanged(row))


def table_and_key(user_id: str) -> tuple[Table[FactorsRow], Key]:
    """The table and the key of a person's factors, to read them in one batch with other rows."""
    return clients.table("credentials"), {"id": model.row_id(user_id)}


@clients.once
def factors() -> Factors:
    """The stage's second factors."""
    return Factors(clients.table("credentials"), accounts.people())
