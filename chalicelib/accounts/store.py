"""The table `users`: all persons. A change of a person's email address or password also writes `credentials`, in the
same transaction."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from chalicelib.accounts import model
from chalicelib.accounts.credential_store import credentials, nobody
from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import Action, ConditionFailed, TransactionRefused, absent, together, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import Conflict, NotFound, PreconditionFailed
from chalicelib.profile.email_keys import earlier_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chalicelib.accounts.credential_store import Credentials
    from chalicelib.accounts.rows import Password, Person
    from chalicelib.core.aws.dynamo import Database, Key, Table

    Also = Callable[[Person], Mapping[str, Action]]
    """Gives further actions of a transaction, by name, for the person's present row."""

Result = TypeVar("Result")

NOTHING_ELSE: Mapping[str, Action] = MappingProxyType({})
"""No further actions of a transaction."""


class IdTaken(Conflict):
    title = "There is a person with this id"


class EmailTaken(Conflict):
    title = "There is an account with this address"


class AlsoRefused(Conflict):
    """The condition of a further action of the transaction failed. `failed` has the names of such actions."""

    def __init__(self, failed: Collection[str]) -> None:
        super().__init__("what this change rests on has changed")
        self.failed = failed


class People:
    """The rows of persons. `Credentials` has the locks of their email addresses and their passwords. If both change,
    one transaction writes them."""

    def __init__(self, database: Database, users: Table[Person], credentials: Credentials) -> None:
        self._database = database
        self._users = users
        self._credentials = credentials

    def find(self, user_id: str) -> Person | None:
        """The person, read consistently, or None."""
        person = self._users.get({"id": user_id})
        return person if records.is_live(person) else None

    def table_and_key(self, user_id: str) -> tuple[Table[Person], Key]:
        """The table and the key of a person, to read them in one batch with other rows."""
        return self._users, {"id": user_id}

    def get(self, user_id: str) -> Person:
        """The person. Raises NotFound."""
        return _living(self._users.get({"id": user_id}))

    def get_or_tombstone(self, user_id: str) -> Person:
        """The person, or the tombstone of one who was removed. Raises NotFound if there is neither."""
        person = self._users.get({"id": user_id})
        if person is None:
            raise NotFound("there is no such person")
        return person

    def find_by_email(self, email_key: str) -> Person | None:
        """The person with that email address, or None. The number of reads is the same in both cases, so that the time
        does not show which it is: two reads, and two more if an earlier rule gives the address another key."""
        holders = [self._holder(key) for key in dict.fromkeys((email_key, earlier_key(email_key)))]
        return next((person for person in holders if person and model.has_address(person, email_key)), None)

    def _holder(self, key: str) -> Person | None:
        person = self.find(self._credentials.holder(key) or nobody(key))
        return person if person and person.get("email_key") == key else None

    def creating(self, person: Person, password_hash: str | None) -> dict[str, Action]:
        """The one to three actions of a transaction that create a person: the `person`, the `lock` of their email
        address if they have one, and their `password` if a hash is given."""
        user_id, key = person["id"], person.get("email_key")
        actions = {"person": self._users.putting(person, absent())}
        if key:
            actions["lock"] = self._credentials.adding_lock(key, user_id)
        if password_hash is not None:
            actions["password"] = self._credentials.adding_password(user_id, password_hash)
        return actions

    def create(
        self, person: Person, password_hash: str | None, also: Mapping[str, Action] = NOTHING_ELSE
    ) -> Person:
        """Create a person, with a password unless the hash is None. Raises IdTaken, EmailTaken, TransactionRefused."""
        try:
            self._database.transact(together(self.creating(person, password_hash), also))
        except TransactionRefused as refused:
            if "person" in refused.failed:
                raise IdTaken from refused
            if "lock" in refused.failed:
                raise EmailTaken from refused
            raise
        return person

    def change(
        self,
        person: Person,
        decide: Callable[[Person], Mapping[str, Any]],
        *,
        expected: int | None = None,
        also: Also = lambda _: NOTHING_ELSE,
    ) -> Person:
        """Write the person's next version with the changes that `decide` gives for the present one, and return it.

        If another request changed the person meanwhile, `decide` is called again. If nothing changes, nothing is
        written. `also` gives further actions of the same transaction. Raises PreconditionFailed if the version is not
        the `expected` one, NotFound if the person was removed, Conflict if an action of `also` fails or other requests
        keep changing the person.
        """

        def attempt(present: Person) -> Person:
            changes = decide(present)
            if all(present.get(field) == value for field, value in changes.items()):
                return present
            return self._write_next(present, changes, also(present))

        return _retried(person, expected, attempt)

    def set_password(
        self,
        person: Person,
        password_hash: str,
        password_row: Password | None,
        decide: Callable[[Person], Mapping[str, Any]],
        *,
        expected: int | None = None,
        short: bool = False,
        also: Mapping[str, Action] = NOTHING_ELSE,
    ) -> Person:
        """Replace the password `password_row` (None: there is none) and change the person, in one transaction with the
        further actions.

        A `short` password counts only while the person has a second factor, and its row says that it is short. Raises
        the same errors as `change`, and Conflict if the password is no longer `password_row`, or if it is short and the
        person has no second factor any more.
        """
        changed_at = clock.timestamp()
        replacing = self._credentials.replacing_password(person["id"], password_row, password_hash, short=short)

        def attempt(present: Person) -> Person:
            if short and not present.get("factors"):
                raise Conflict("the second factor that allows a short password was removed")
            changes = {"password_changed_at": changed_at, "legacy_hash": None, **decide(present)}
            return self._write_next(present, changes, together({"password": replacing}, also))

        return _retried(person, expected, attempt)

    def change_email(
        self,
        person: Person,
        email: str,
        key: str,
        decide: Callable[[Person], Mapping[str, Any]],
        also: Mapping[str, Action],
    ) -> Person:
        """Give a person another email address, with the further changes that `decide` gives. One transaction does this,
        frees the address before, locks the new one, and applies the actions of `also`.

        Raises EmailTaken if another person has the address, and otherwise the same errors as `change`.
        """

        def attempt(present: Person) -> Person:
            next_version = model.changed(
                present, {**decide(present), **model.moved(present, email), "email_key": key}
            )
            actions = {"person": self.replacing(present, next_version)}
            if key != present.get("email_key"):
                actions["lock"] = self._credentials.adding_lock(key, present["id"])
                if "email_key" in present:
                    actions["former_lock"] = self._credentials.dropping_lock(present["email_key"])
            try:
                self._transact(together(actions, also))
            except AlsoRefused as refused:
                raise (EmailTaken if "lock" in refused.failed else refused) from refused
            return next_version

        return _retried(person, None, attempt)

    def rehash(self, person: Person, password_row: Password, password_hash: str) -> None:
        """Replace the hash in `password_row` by a new hash of the same password. Does nothing if the password was
        changed or the person was removed meanwhile. If the person's row says that the hash is from another system
        (`legacy_hash`), the same transaction removes that."""
        try:
            if "legacy_hash" not in person:
                self._credentials.rehash(password_row, password_hash)
                return
            replacing = self._credentials.rehashing(password_row, password_hash)
            self.change(person, lambda _: {"legacy_hash": None}, also=lambda _: {"password": replacing})
        except (ConditionFailed, Conflict, NotFound):
            return

    def remove(self, person: Person, erasure_id: str, also: Also, *, expected: int | None = None) -> None:
        """Replace the person by a tombstone, which names the job that erases the rest. The same transaction frees their
        email address, deletes their password, and applies the actions that `also` gives.

        Raises the same errors as `change`.
        """

        def attempt(present: Person) -> None:
            tombstone = cast("Person", {"id": present["id"], "erasure": erasure_id, **records.tombstone(present)})
            actions = {
                "person": self.replacing(present, tombstone),
                "password": self._credentials.dropping_any_password(present["id"]),
            }
            if "email_key" in present:
                actions["lock"] = self._credentials.dropping_lock(present["email_key"])
            self._transact(together(actions, also(present)))

        _retried(person, expected, attempt)

    def enter(self, person: Person, beginning: Action) -> None:
        """Store the first session of an awaited person, by the action `beginning`. The same transaction removes the
        mark `awaited`, unless another request has removed it meanwhile. Raises NotFound if the person was removed."""

        def attempt(present: Person) -> None:
            if model.is_awaited(present):
                self._write_next(present, {model.AWAITED: None}, {"session": beginning})
            else:
                self._database.transact({"session": beginning})

        _retried(person, None, attempt)

    def replacing(self, person: Person, next_version: Person) -> Action:
        """The action that replaces a person by their next version."""
        return self._users.putting(next_version, unchanged(person))

    def checking_administrator(self, user_id: str) -> Action:
        """The action that lets a transaction succeed only if this person is still an active administrator."""
        is_administrator = Attr("roles").contains(model.ADMIN) & Attr("status").eq("active")
        return self._users.checking({"id": user_id}, is_administrator)

    def _write_next(self, present: Person, changes: Mapping[str, Any], also: Mapping[str, Action]) -> Person:
        """Write the next version of a person, with the actions of `also` in the same transaction, and return it."""
        next_version = model.changed(present, changes)
        if also:
            self._transact(together({"person": self.replacing(present, next_version)}, also))
        else:
            self._users.put(next_version, unchanged(present))
        return next_version

    def _transact(self, actions: Mapping[str, Action]) -> None:
        """Run a transaction whose action `person` replaces a person. Raises ConditionFailed, with the stored row, if
        that action fails, and AlsoRefused if only others fail."""
        try:
            self._database.transact(actions)
        except TransactionRefused as refused:
            if "person" in refused.failed:
                raise ConditionFailed(refused.failed["person"]) from refused
            raise AlsoRefused(refused.failed) from refused


def _retried(person: Person, expected: int | None, attempt: Callable[[Person], Result]) -> Result:
    """The result of `attempt` for the present row of the person. Tries again if another request has changed it."""

    def checked(present: Person | None) -> Result:
        living = _living(present)
        check_version(living, expected)
        return attempt(living)

    return optimistic(checked, person, exhausted=Conflict("the person is being changed by others"))


def _living(person: Person | None) -> Person:
    if person is None or not records.is_live(person):
        raise NotFound("there is no such person")
    return person


def check_version(person: Person, expected: int | None) -> None:
    """Raises PreconditionFailed if the person is not at the version that the caller expects."""
    if expected is not None and person["version"] != expected:
        raise PreconditionFailed(f"the record is at version {person['version']}")


@clients.once
def people() -> People:
    """The persons of this stage."""
    return People(clients.database(), clients.table("users"), credentials())
