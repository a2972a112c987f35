"""Create, read and change many people at once: the transactions and batch reads of an import.

A transaction takes at most 100 actions and 4 MB. The rules of people's fields keep a person below 20 KB, so only the
number of actions matters: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import people
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import TRANSACTION_LIMIT, TransactionRefused, together
from chalicelib.core.aws.pace import Pace
from chalicelib.core.aws.packing import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chalicelib.accounts.rows import EmailLock, Password, Person
    from chalicelib.core.aws.dynamo import Action, Key, Table

WRITERS = 24
"""How many transactions of one chunk run at the same time. Each takes 1.2 ms of CPU, and waits for 20 ms or more: 24
use a core up then, and more only stand in line."""

PATIENCE_SECONDS = 120
"""How long writes are tried again while AWS throttles them. A chunk that creates people and changes others does so
twice, within the five minutes of its function."""

Element = TypeVar("Element")
Result = TypeVar("Result")


class StoredParts(NamedTuple):
    """What is stored already for a new person: the person with their id, and the lock of their email address."""

    person: Person | None = None
    lock: EmailLock | None = None
    taken: bool = False
    """Whether something further that the person was to have, such as an identity, is another's."""


class NewPerson(NamedTuple):
    """A person to be created. `number` is the caller's number for them."""

    number: int
    person: Person
    password_hash: str | None = None
    further: Callable[[Person], tuple[Person, Mapping[str, Action]]] | None = None
    """Gives the person with something added, such as a second factor, and the `further_size` actions that add it in the
    same transaction. Their conditions fail where it is another's."""
    further_size: int = 1

    @property
    def email_key(self) -> str | None:
        return self.person.get("email_key")

    def actions(self) -> dict[str, Action]:
        """The actions that create the person, by the part that each one creates."""
        if self.further is None:
            return people().creating(self.person, self.password_hash)
        person, further_actions = self.further(self.person)
        return together(people().creating(person, self.password_hash), further_actions)

    def size(self) -> int:
        """The number of these actions."""
        further_size = self.further_size if self.further else 0
        return 1 + (self.email_key is not None) + (self.password_hash is not None) + further_size


class PersonChange(NamedTuple):
    """A person as they were read, and their next version. If `password_hash` is given, it replaces the hash of their
    `password`, or is their first one (None)."""

    person: Person
    next_person: Person
    password_hash: str | None = None
    password: Password | None = None
    guards: Mapping[str, Action] = MappingProxyType({})
    """Checks of `accounts.guarding`, which must be in the same transaction."""

    def actions(self) -> dict[str, Action]:
        """The actions of the transaction. The first one replaces the person."""
        person = self.person
        actions = {"person": people().replacing(person, self.next_person)}
        if self.password_hash is not None:
            replacing = credentials().replacing_password(person["id"], self.password, self.password_hash)
            actions["password"] = replacing
        return together(actions, self.guards)


def create_all(new_people: Sequence[NewPerson]) -> dict[int, StoredParts]:
    """Create all these people, except those for whom rows are stored already. Returns these stored rows, by number.

    One transaction for each hundred actions. A transaction that was refused because of stored rows is tried again
    without these people.
    """
    refused: dict[int, StoredParts] = {}
    for refused_group in _in_parallel(_create, _groups(new_people, NewPerson.size)):
        refused |= refused_group
    return refused


def look_up_all(new_people: Sequence[NewPerson]) -> dict[int, StoredParts]:
    """What `create_all` would return, without creating anyone."""
    keys: list[tuple[Table[Any], Key]] = [people().table_and_key(each.person["id"]) for each in new_people]
    keys += [credentials().lock_table_and_key(each.email_key) for each in new_people if each.email_key]
    items = iter(_read(keys))
    persons = {each.number: next(items) for each in new_people}
    locks = {each.number: next(items) for each in new_people if each.email_key}
    stored = {number: StoredParts(person, locks.get(number)) for number, person in persons.items()}
    return {number: stored_parts for number, stored_parts in stored.items() if stored_parts != StoredParts()}


def read_all(user_ids: Sequence[str]) -> dict[str, Person]:
    """The stored people of these ids, by id."""
    persons = _read([people().table_and_key(user_id) for user_id in user_ids])
    return {person["id"]: person for person in persons if person is not None}


def read_passwords(user_ids: Sequence[str]) -> dict[str, Password]:
    """The passwords of those of these people who have one, by the person's id."""
    passwords = _read([credentials().password_table_and_key(user_id) for user_id in user_ids])
    return {user_id: password for user_id, password in zip(user_ids, passwords, strict=True) if password}


def replace_all(changes: Sequence[PersonChange]) -> dict[str, Person | None]:
    """Replace each person by their next version. Returns the conflicts: by id, the stored row of each person who was
    changed meanwhile, or the row that was read if another condition failed. Each change with guards has its own
    transaction, because a transaction may not touch the same row twice."""
    conflicts: dict[str, Person | None] = {}
    plain = [change for change in changes if not change.guards]
    guarded = [[change] for change in changes if change.guards]
    groups = chain(_groups(plain, lambda change: len(change.actions())), guarded)
    for conflicts_of_group in _in_parallel(_replace, groups):
        conflicts |= conflicts_of_group
    return conflicts


@clients.once
def _pace() -> Pace:
    """The pace of all writes of many people by this process, which a next chunk begins with."""
    return Pace()


def _in_parallel(
    write: Callable[[Sequence[Element]], Result], groups: Iterable[Sequence[Element]]
) -> Sequence[Result]:
    return _pace().in_parallel(write, groups, WRITERS, PATIENCE_SECONDS)


def _groups(elements: Sequence[Element], actions_of: Callable[[Element], int]) -> Iterator[list[Element]]:
    """Groups that are as large as a transaction allows."""
    return batches(elements, actions_of, limit=TRANSACTION_LIMIT, most=TRANSACTION_LIMIT)


def _create(group: Sequence[NewPerson]) -> dict[int, StoredParts]:
    refused: dict[int, StoredParts] = {}
    pending = list(group)
    while pending:
        actions = {(each.number, part): action for each in pending for part, action in each.actions().items()}
        try:
            clients.database().transact(actions)
            return refused
        except TransactionRefused as error:
            for (number, part), item in error.failed.items():
                stored = refused.get(number, StoredParts())
                refused[number] = (
                    stored._replace(taken=part.startswith("owner ") or stored.taken)
                    if part not in StoredParts._fields
                    else stored._replace(**cast("dict[str, Any]", {part: item}))
                )
            pending = [each for each in pending if each.number not in refused]
    return refused


def _replace(changes: Sequence[PersonChange]) -> dict[str, Person | None]:
    conflicts: dict[str, Person | None] = {}
    pending = list(changes)
    while pending:
        persons = {change.person["id"]: change.person for change in pending}
        actions = {
            (change.person["id"], part): action for change in pending for part, action in change.actions().items()
        }
        try:
            clients.database().transact(actions)
            return conflicts
        except TransactionRefused as error:
            for (user_id, part), item in error.failed.items():
                conflicts.setdefault(
                    user_id, cast("Person | None", item) if part == "person" else persons[user_id]
                )
        pending = [change for change in pending if change.person["id"] not in conflicts]
    return conflicts


def _read(keys: Sequence[tuple[Table[Any], Key]]) -> list[Any]:
    return clients.database().batch_get(keys, workers=WRITERS)
