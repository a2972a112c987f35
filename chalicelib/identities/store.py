"""Identities in `credentials`: one row for each person, and one for each identity, which says whose it is.

The person's own row lists the ids of those that count. It is written in the same transaction, and the events are made
from it. So whatever empties that list, as the first proof of a mailbox does, unlinks them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.errors import Conflict
from chalicelib.identities import model
from chalicelib.identities.faults import SignInFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.core.aws.dynamo import Action, Table
    from chalicelib.identities.rows import IdentitiesRow, Identity, IdentityOwner


@dataclass(frozen=True)
class Ownership:
    """Whose an identity is. `owner` is the stored row, also one that counts no more; `person` is None then."""

    owner: IdentityOwner | None
    person: Person | None


class Identities:
    """Identities and their owners. A write succeeds only where the rows still have the versions that were read."""

    def __init__(self, credentials: Table[Any], people: accounts.People) -> None:
        self._identities: Table[IdentitiesRow] = credentials
        self._owners: Table[IdentityOwner] = credentials
        self._people = people

    def ownership(self, identity: str) -> Ownership:
        """Whose an identity is, read consistently: one read, and one more of the person."""
        owner = self._owners.get({"id": model.owner_id(identity)})
        person = self._people.find(owner["user_id"]) if owner else None
        is_theirs = person is not None and model.is_listed(person, identity)
        return Ownership(owner, person if is_theirs else None)

    def row(self, user_id: str) -> IdentitiesRow | None:
        return self._identities.get({"id": model.row_id(user_id)})

    def of(self, person: Person) -> list[Identity]:
        """The identities of a person, oldest first: one read, and none where they have none."""
        return model.counting(self.row(person["id"]), person) if model.listed(person) else []

    def creating(self, person: Person, identity: Identity, owner: IdentityOwner | None) -> Mapping[str, Action]:
        """The actions that store the first identity of a person who is created in the same transaction. `owner` is the
        row that was read, which counts no more."""
        row = model.next_row(person["id"], None, [identity])
        return {
            "owner": self._owners.putting(_owner(identity["id"], person["id"], owner), unchanged(owner)),
            "identities": self._identities.putting(row, absent()),
        }

    def creating_all(self, person: Person, new_identities: list[Identity]) -> dict[str, Action]:
        """The actions that store the identities of a person whom an import creates in the same transaction."""
        row = model.next_row(person["id"], None, new_identities)
        owners = {
            f"owner {identity['id']}": self._owners.putting(_owner(identity["id"], person["id"], None), absent())
            for identity in new_identities
        }
        return {**owners, "identities": self._identities.putting(row, absent())}

    def link(
        self,
        person: Person,
        identity: Identity,
        owner: IdentityOwner | None,
        further: Callable[[Person], Mapping[str, Any]],
        also: Callable[[Person], Mapping[str, Action]],
    ) -> Person:
        """Link an identity to a person, with the `further` changes and actions of the same transaction, and return the
        person after it. Owners whose identities count no more are deleted with it. Raises SignInFailed where there are
        too many, AlsoRefused where an identity became another's meanwhile, and Conflict where others keep changing the
        person."""
        row = self.row(person["id"])

        def changes(present: Person) -> dict[str, Any]:
            kept = further(present)
            listed = kept["identities"] or [] if "identities" in kept else model.listed(present)
            others = [each for each in listed if each["id"] != identity["id"]]
            if len(others) >= model.IDENTITIES_LIMIT:
                raise SignInFailed(
                    "too-many-identities", f"an account has {model.IDENTITIES_LIMIT} identities at most"
                )
            return {**kept, "identities": [*others, model.entry_of(identity)]}

        def actions(present: Person) -> dict[str, Action]:
            listed = {each["id"] for each in changes(present)["identities"]}
            stored = row["identities"] if row else []
            counting = [each for each in stored if each["id"] in listed and each["id"] != identity["id"]]
            next_row = model.next_row(person["id"], row, [*counting, identity])
            dropped = [each["id"] for each in stored if each["id"] not in listed]
            return {
                **also(present),
                "owner": self._owners.putting(_owner(identity["id"], person["id"], owner), unchanged(owner)),
                "identities": self._identities.putting(next_row, unchanged(row)),
                **self._releasing_dropped(dropped, person["id"]),
            }

        return self._people.change(person, changes, also=actions)

    def unlink(
        self,
        person: Person,
        identity: str,
        also: Callable[[Person], Mapping[str, Action]],
        *,
        expected: int | None,
    ) -> Person:
        """Unlink an identity from a person, with the actions of `also` in the same transaction. Raises what
        `People.change` raises; tries again where the person's identities were changed meanwhile."""
        for _ in range(ATTEMPTS):
            row = self.row(person["id"])
            try:
                return self._unlink(person, identity, row, also, expected)
            except accounts.AlsoRefused as refused:
                if refused.failed != {"identities"}:
                    raise
        raise Conflict("the identities are being changed by others")

    def _unlink(
        self,
        person: Person,
        identity: str,
        row: IdentitiesRow | None,
        also: Callable[[Person], Mapping[str, Action]],
        expected: int | None,
    ) -> Person:
        def changes(present: Person) -> dict[str, Any]:
            return {"identities": [each for each in model.listed(present) if each["id"] != identity] or None}

        def actions(present: Person) -> dict[str, Action]:
            stored = row["identities"] if row else []
            next_row = model.next_row(person["id"], row, [each for each in stored if each["id"] != identity])
            return {
                **also(present),
                "identities": self._identities.putting(next_row, unchanged(row)),
                "owner": self._releasing(identity, person["id"]),
            }

        return self._people.change(person, changes, also=actions, expected=expected)

    def _releasing_dropped(self, dropped: list[str], user_id: str) -> dict[str, Action]:
        """The actions that make nobody's what an account has lost: one read of each. Whoever lost one may have linked
        it elsewhere since, and that must not keep this account from linking others."""
        owners = {each: self._owners.get({"id": model.owner_id(each)}) for each in dropped}
        return {
            f"dropped {each}": self._releasing(each, user_id)
            for each, owner in owners.items()
            if owner is not None and owner["user_id"] == user_id
        }

    def _releasing(self, identity: str, user_id: str) -> Action:
        """The action that makes an identity nobody's. It fails where it is another's by now."""
        return self._owners.deleting({"id": model.owner_id(identity)}, absent() | Attr("user_id").eq(user_id))

    def remove(self, user_id: str) -> int:
        """Delete all identities of a person who was removed. Returns how many rows. The person's row goes last: it
        names the others."""
        row = self.row(user_id)
        if row is None:
            return 0
        owners = [self._remove_owner(each["id"], user_id) for each in row["identities"]]
        return sum(owners) + int(self._identities.delete({"id": row["id"]}) is not None)

    def _remove_owner(self, identity: str, user_id: str) -> bool:
        """Whether it was theirs still: whoever has it at the provider may have come again, and be another person."""
        try:
            self._owners.delete({"id": model.owner_id(identity)}, Attr("user_id").eq(user_id))
        except ConditionFailed:
            return False
        return True


def _owner(identity: str, user_id: str, former: IdentityOwner | None) -> IdentityOwner:
    version = former["version"] + 1 if former else 1
    return {"id": model.owner_id(identity), "schema": records.SCHEMA, "version": version, "user_id": user_id}


def held_about(person: Person) -> list[dict[str, Any]]:
    """All that is held about a person's identities, for the export of their own data: one read, also where none counts
    any more."""
    row = identities().row(person["id"])
    return [dict(identity) for identity in (row["identities"] if row else [])]


@clients.once
def identities() -> Identities:
    """The stage's identities."""
    return Identities(clients.table("credentials"), accounts.people())
