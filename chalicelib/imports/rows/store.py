"""People by the hundred: the transactions and batch reads of an import. The only file here that speaks DynamoDB.

A transaction takes 100 actions and 4 MB. The rules of people's fields keep a person below 20 KB, so that the actions
alone decide: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from chalicelib import accounts, factors
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import TRANSACTION_LIMIT, TransactionRefused, together
from chalicelib.core.aws.packing import batches
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.imports.rows.verdicts import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chalicelib.core.aws.dynamo import Action, Item
    from chalicelib.imports.rows.person_row import Candidate

WRITERS = 8
"""Transactions of one chunk at once: each costs about 2.6 ms of CPU and 20 ms of waiting."""

Thing = TypeVar("Thing")


class Change(NamedTuple):
    """A person as they were read, and as they follow, with the hash that comes in the place of the `password` that they
    have, where one does."""

    person: Item
    following: Item
    password_hash: str | None = None
    password: Item | None = None
    guards: Mapping[str, Action] = MappingProxyType({})
    """Checks of `accounts.guarding`, without which the change may not be written."""

    def actions(self) -> dict[str, Action]:
        """The actions of a transaction, the person's first."""
        people, person = accounts.people(), self.person
        actions = {"person": people.replacing(person, self.following)}
        if self.password_hash is not None and self.password is not None:
            actions["password"] = people.replacing_password(person["id"], self.password, self.password_hash)
        return together(actions, self.guards)


def create(candidates: Sequence[Candidate]) -> dict[int, Found]:
    """Create everyone who can be: by the row's number, who was found in the place of the others.

    One transaction for each hundred actions, and one more for each that held somebody who was found.
    """
    refused: dict[int, Found] = {}
    for met in in_parallel(_create, _groups(candidates, _actions_of), WRITERS):
        refused |= met
    return refused


def look_up(candidates: Sequence[Candidate]) -> dict[int, Found]:
    """What `create` would find, without creating anyone."""
    users, credentials = clients.table("users"), clients.table("credentials")
    keys = [(users, {"id": candidate.id}) for candidate in candidates]
    keys += [(credentials, {"id": _lock(each.email_key)}) for each in candidates if each.email_key]
    items = iter(_read(keys))
    people = {candidate.number: next(items) for candidate in candidates}
    locks = {candidate.number: next(items) for candidate in candidates if candidate.email_key}
    found = {number: Found(person, locks.get(number)) for number, person in people.items()}
    return {number: met for number, met in found.items() if met != Found()}


def read_people(user_ids: Sequence[str]) -> dict[str, Item]:
    """The people of these ids, as far as there are such."""
    users = clients.table("users")
    people = _read([(users, {"id": user_id}) for user_id in user_ids])
    return {person["id"]: person for person in people if person is not None}


def read_passwords(user_ids: Sequence[str]) -> dict[str, Item]:
    """The passwords of these people, by their ids, as far as they have one."""
    credentials = clients.table("credentials")
    found = _read([(credentials, {"id": f"password#{user_id}"}) for user_id in user_ids])
    return {user_id: password for user_id, password in zip(user_ids, found, strict=True) if password}


def credentials_of(people: Sequence[Item]) -> dict[str, Item]:
    """By id, the `password_hash` and the `totp_secret` of those who have such."""
    credentials = clients.table("credentials")
    keys = [(credentials, {"id": record}) for person in people for record in _secret_records(person)]
    return _by_person(people, iter(_read(keys)))


def _secret_records(person: Item) -> tuple[str, str]:
    return f"password#{person['id']}", factors.record_id(person["id"])


def _by_person(people: Sequence[Item], found: Iterator[Item | None]) -> dict[str, Item]:
    secrets: dict[str, Item] = {}
    for person in people:
        password, enrolled = next(found), next(found)
        totp = factors.exported_totp(enrolled) if enrolled else None
        secrets[person["id"]] = {
            **({"password_hash": password["hash"]} if password else {}),
            **({"totp_secret": totp} if totp else {}),
        }
    return secrets


def replace(changes: Sequence[Change]) -> dict[str, Item | None]:
    """Put each person's next version in the place of the one that was read: by id, whom it met instead for those
    who were changed meanwhile. Guarded changes have a transaction each: no item may stand in one twice."""
    met: dict[str, Item | None] = {}
    plain = [change for change in changes if not change.guards]
    guarded = [[change] for change in changes if change.guards]
    groups = chain(_groups(plain, lambda change: len(change.actions())), guarded)
    for some in in_parallel(_replace, groups, WRITERS):
        met |= some
    return met


def _groups(things: Sequence[Thing], actions_of: Callable[[Thing], int]) -> Iterator[list[Thing]]:
    """As many at once as a transaction takes."""
    return batches(things, actions_of, limit=TRANSACTION_LIMIT, most=TRANSACTION_LIMIT)


def _actions_of(candidate: Candidate) -> int:
    parts = (candidate.email_key, candidate.password_hash, candidate.totp_secret)
    return 1 + sum(part is not None for part in parts)


def _create(group: Sequence[Candidate]) -> dict[int, Found]:
    refused: dict[int, Found] = {}
    pending = list(group)
    while pending:
        actions = {
            (candidate.number, part): action
            for candidate in pending
            for part, action in _making(candidate).items()
        }
        try:
            clients.database().transact(actions)
            return refused
        except TransactionRefused as error:
            for (number, part), item in error.failed.items():
                met = refused.get(number, Found())
                refused[number] = met if part not in Found._fields else met._replace(**{part: item})
            pending = [candidate for candidate in pending if candidate.number not in refused]
    return refused


def _making(candidate: Candidate) -> dict[str, Action]:
    """The actions that make a candidate's person, by what each makes."""
    person, factor = candidate.person, {}
    if candidate.totp_secret is not None:
        person, factor["totp"] = factors.imported_totp(person, candidate.totp_secret)
    return together(accounts.person_actions(person, candidate.password_hash), factor)


def _replace(changes: Sequence[Change]) -> dict[str, Item | None]:
    met: dict[str, Item | None] = {}
    pending = list(changes)
    while pending:
        people = {change.person["id"]: change.person for change in pending}
        actions = {
            (change.person["id"], part): action for change in pending for part, action in change.actions().items()
        }
        try:
            clients.database().transact(actions)
            return met
        except TransactionRefused as error:
            for (user_id, part), item in error.failed.items():
                met.setdefault(user_id, item if part == "person" else people[user_id])
        pending = [change for change in pending if change.person["id"] not in met]
    return met


def _read(keys: Sequence[tuple[Any, Item]]) -> list[Item | None]:
    return clients.database().batch_get(keys, workers=WRITERS)


def _lock(email_key: str | None) -> str:
    return f"email#{email_key}"
