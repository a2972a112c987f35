"""People by the hundred: the transactions and batch reads of an import.

A transaction takes 100 actions and 4 MB. The rules of people's fields keep a person below 20 KB, so that the actions
alone decide: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from chalicelib.accounts.credential_store import credentials
from chalicelib.accounts.store import NOTHING_ELSE, people
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import TRANSACTION_LIMIT, TransactionRefused, together
from chalicelib.core.aws.packing import batches
from chalicelib.core.aws.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chalicelib.accounts.rows import EmailLock, Password, Person
    from chalicelib.core.aws.dynamo import Action, Key, Table

WRITERS = 8
"""Transactions of one chunk at once: each costs about 2.6 ms of CPU and 20 ms of waiting."""

Thing = TypeVar("Thing")


class StoredParts(NamedTuple):
    """What is stored already for a new person: the row under their id, and the lock of their email address."""

    person: Person | None = None
    lock: EmailLock | None = None


class NewPerson(NamedTuple):
    """Somebody to be created, and the `number` by which the caller knows them."""

    number: int
    person: Person
    password_hash: str | None = None
    further: Callable[[Person], tuple[Person, Mapping[str, Action]]] | None = None
    """Gives the person as they are with something more, and the one action of the same transaction that makes it."""

    @property
    def email_key(self) -> str | None:
        return self.person.get("email_key")

    def actions(self) -> dict[str, Action]:
        """The actions that make the person, by what each makes."""
        person, more = self.further(self.person) if self.further else (self.person, NOTHING_ELSE)
        return together(people().creating(person, self.password_hash), more)

    def size(self) -> int:
        """How many those are."""
        return 1 + sum(part is not None for part in (self.email_key, self.password_hash, self.further))


class PersonChange(NamedTuple):
    """A person as they were read, and as they will be, with the hash that replaces the `password` that they
    have, where one does."""

    person: Person
    next_person: Person
    password_hash: str | None = None
    password: Password | None = None
    guards: Mapping[str, Action] = MappingProxyType({})
    """Checks of `accounts.guarding`, without which the change may not be written."""

    def actions(self) -> dict[str, Action]:
        """The actions of a transaction, the person's first."""
        person = self.person
        actions = {"person": people().replacing(person, self.next_person)}
        if self.password_hash is not None and self.password is not None:
            replacing = credentials().replacing_password(person["id"], self.password, self.password_hash)
            actions["password"] = replacing
        return together(actions, self.guards)


def create_all(wanted: Sequence[NewPerson]) -> dict[int, StoredParts]:
    """Create everyone who can be: by their number, who was found in the place of the others.

    One transaction for each hundred actions, and one more for each that held somebody who was found.
    """
    refused: dict[int, StoredParts] = {}
    for refused_group in in_parallel(_create, _groups(wanted, NewPerson.size), WRITERS):
        refused |= refused_group
    return refused


def look_up_all(wanted: Sequence[NewPerson]) -> dict[int, StoredParts]:
    """What `create_all` would find, without creating anyone."""
    keys: list[tuple[Table[Any], Key]] = [people().table_and_key(each.person["id"]) for each in wanted]
    keys += [credentials().lock_table_and_key(each.email_key) for each in wanted if each.email_key]
    items = iter(_read(keys))
    persons = {each.number: next(items) for each in wanted}
    locks = {each.number: next(items) for each in wanted if each.email_key}
    stored = {number: StoredParts(person, locks.get(number)) for number, person in persons.items()}
    return {number: each_stored for number, each_stored in stored.items() if each_stored != StoredParts()}


def read_all(user_ids: Sequence[str]) -> dict[str, Person]:
    """The people of these ids, as far as there are such."""
    persons = _read([people().table_and_key(user_id) for user_id in user_ids])
    return {person["id"]: person for person in persons if person is not None}


def read_passwords(user_ids: Sequence[str]) -> dict[str, Password]:
    """The passwords of these people, by their ids, as far as they have one."""
    passwords = _read([credentials().password_table_and_key(user_id) for user_id in user_ids])
    return {user_id: password for user_id, password in zip(user_ids, passwords, strict=True) if password}


def replace_all(changes: Sequence[PersonChange]) -> dict[str, Person | None]:
    """Put each person's next version in the place of the one that was read: by id, whom it met instead for those
    who were changed meanwhile. Guarded changes have a transaction each: no item may stand in one twice."""
    conflicts: dict[str, Person | None] = {}
    plain = [change for change in changes if not change.guards]
    guarded = [[change] for change in changes if change.guards]
    groups = chain(_groups(plain, lambda change: len(change.actions())), guarded)
    for conflicts_of_group in in_parallel(_replace, groups, WRITERS):
        conflicts |= conflicts_of_group
    return conflicts


def _groups(things: Sequence[Thing], actions_of: Callable[[Thing], int]) -> Iterator[list[Thing]]:
    """As many at once as a transaction takes."""
    return batches(things, actions_of, limit=TRANSACTION_LIMIT, most=TRANSACTION_LIMIT)


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
                    stored
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
