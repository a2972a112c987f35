"""The table `users`: who there is. What changes a person's address or password writes `credentials` in the same
transaction."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from boto3.dynamodb.conditions import Attr

from chalicelib.accounts import model
from chalicelib.accounts.credential_store import credentials, nobody
from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import Action, ConditionFailed, TransactionRefused, absent, together, unchanged
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import Conflict, NotFound, PreconditionFailed
from chalicelib.profile.email_keys import earlier_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chalicelib.accounts.credential_store import Credentials
    from chalicelib.accounts.rows import Password, Person
    from chalicelib.core.aws.dynamo import Database, Key, Table

    Also = Callable[[Person], Mapping[str, Action]]
    """The further actions of a transaction by their names, for the person as they are at present."""

Done = TypeVar("Done")

NOTHING_ELSE: Mapping[str, Action] = MappingProxyType({})
"""No further actions of a transaction."""


class IdTaken(Conflict):
    title = "There is a person with this id"


class EmailTaken(Conflict):
    title = "There is an account with this address"


class AlsoRefused(Conflict):
    """Another action of the transaction did not hold; `failed` has its name."""

    def __init__(self, failed: Collection[str]) -> None:
        super().__init__("what this change rests on has changed")
        self.failed = failed


class People:
    """The rows of persons. `Credentials` holds the locks of their email addresses and their passwords, written in the
    same transaction where both change."""

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
        """The person, or the tombstone of one who was removed. Raises NotFound where there was never one."""
        person = self._users.get({"id": user_id})
        if person is None:
            raise NotFound("there is no such person")
        return person

    def find_by_email(self, email_key: str) -> Person | None:
        """The person whose address that is, or None: as many reads either way, so that time tells nothing. There are
        two, and two more where keys were once folded otherwise."""
        holders = [self._holder(key) for key in dict.fromkeys((email_key, earlier_key(email_key)))]
        return next((person for person in holders if person and model.has_address(person, email_key)), None)

    def _holder(self, key: str) -> Person | None:
        person = self.find(self._credentials.holder(key) or nobody(key))
        return person if person and person.get("email_key") == key else None

    def creating(self, person: Person, password_hash: str | None) -> dict[str, Action]:
        """The one to three actions of a transaction that make a person: the `person`, the `lock` of their address
        where they have one, and their `password` where a hash is given."""
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
        """Make a person with an address, and a password unless the hash is None. Raises IdTaken or EmailTaken."""
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

        Where somebody else changed the person meanwhile, decides again; where nothing changes, writes nothing.
        `also` gives further actions of the same transaction. Raises PreconditionFailed where the version is not the
        `expected` one, NotFound where the person is gone, Conflict where `also` does not hold.
        """

        def attempt(present: Person) -> Person:
            changes = decide(present)
            if all(present.get(field) == value for field, value in changes.items()):
                return present
            return self._follow(present, changes, also(present))

        return _settled(person, expected, attempt)

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

        A `short` one is good only as long as the person has a second factor, and remembered as such. Raises what
        `change` does, and Conflict where the password is no longer `password_row`, or a short one has lost its factor.
        """
        moment = clock.timestamp()
        replacing = self._credentials.replacing_password(person["id"], password_row, password_hash, short=short)

        def attempt(present: Person) -> Person:
            if short and not present.get("factors"):
                raise Conflict("the second factor that allows a short password was removed")
            changes = {"password_changed_at": moment, "legacy_hash": None, **decide(present)}
            return self._follow(present, changes, together({"password": replacing}, also))

        return _settled(person, expected, attempt)

    def change_email(
        self,
        person: Person,
        email: str,
        key: str,
        decide: Callable[[Person], Mapping[str, Any]],
        also: Mapping[str, Action],
    ) -> Person:
        """Give a person another address with the further changes that `decide` gives, free the one before and lock
        the new one, in one transaction with what else is given.

        Raises EmailTaken where somebody else has the address, NotFound, and Conflict where something else does not
        hold.
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

        return _settled(person, None, attempt)

    def rehash(self, person: Person, password_row: Password, password_hash: str) -> None:
        """Replace the hash of `password_row` by a new one of the same password, unless it has changed. Where the person
        is said to have another system's hash, they are no longer, in the same transaction."""
        try:
            if "legacy_hash" not in person:
                self._credentials.rehash(password_row, password_hash)
                return
            replacing = self._credentials.rehashing(password_row, password_hash)
            self.change(person, lambda _: {"legacy_hash": None}, also=lambda _: {"password": replacing})
        except (ConditionFailed, Conflict, NotFound):
            return

    def remove(self, person: Person, erasure_id: str, also: Also, *, expected: int | None = None) -> None:
        """Leave a tombstone of the person, which names the job that erases the rest, and free their address, in one
        transaction with what `also` gives.

        Raises what `change` does.
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

        _settled(person, expected, attempt)

    def enter(self, person: Person, beginning: Action) -> None:
        """Begin, by an action of the same transaction, the first session of a person who is awaited: from then on they
        are not, whoever changed them meanwhile. Raises NotFound where they are gone."""

        def attempt(present: Person) -> None:
            if model.is_awaited(present):
                self._follow(present, {model.AWAITED: None}, {"session": beginning})
            else:
                self._database.transact({"session": beginning})

        _settled(person, None, attempt)

    def replacing(self, person: Person, next_version: Person) -> Action:
        """The action that replaces a person by their next version."""
        return self._users.putting(next_version, unchanged(person))

    def checking_administrator(self, user_id: str) -> Action:
        """The action that refuses a transaction where this person is no longer an active administrator."""
        is_administrator = Attr("roles").contains(model.ADMIN) & Attr("status").eq("active")
        return self._users.checking({"id": user_id}, is_administrator)

    def _follow(self, present: Person, changes: Mapping[str, Any], also: Mapping[str, Action]) -> Person:
        """Write the next version of a person, with what goes along in the same transaction, and return it."""
        next_version = model.changed(present, changes)
        if also:
            self._transact(together({"person": self.replacing(present, next_version)}, also))
        else:
            self._users.put(next_version, unchanged(present))
        return next_version

    def _transact(self, actions: Mapping[str, Action]) -> None:
        """Apply actions of which `person` replaces a person. Raises ConditionFailed with the row that is there instead,
        or AlsoRefused where another one does not hold."""
        try:
            self._database.transact(actions)
        except TransactionRefused as refused:
            if "person" in refused.failed:
                raise ConditionFailed(refused.failed["person"]) from refused
            raise AlsoRefused(refused.failed) from refused


def _settled(person: Person, expected: int | None, attempt: Callable[[Person], Done]) -> Done:
    """The result of `attempt` for the present person. Tries again where another request changed them meanwhile."""

    def checked(present: Person | None) -> Done:
        living = _living(present)
        check_version(living, expected)
        return attempt(living)

    return optimistic(checked, person, exhausted=Conflict("the person is being changed by others"))


def _living(person: Person | None) -> Person:
    if person is None or not records.is_live(person):
        raise NotFound("there is no such person")
    return person


def check_version(person: Person, expected: int | None) -> None:
    """Raises PreconditionFailed where the person is at another version than the caller expects."""
    if expected is not None and person["version"] != expected:
        raise PreconditionFailed(f"the record is at version {person['version']}")


@clients.once
def people() -> People:
    """The stage's persons."""
    return People(clients.database(), clients.table("users"), credentials())
