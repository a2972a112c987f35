"""The rows of the table `credentials` that belong to accounts: passwords, address locks, which make an email address
one person's, and the mark of the first administrator. `store` writes persons and these rows in one transaction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr

if TYPE_CHECKING:
    from chalicelib.accounts.rows import EmailLock, Password
    from chalicelib.core.aws.dynamo import Action, Key, Table


class Credentials:
    """Passwords and address locks, and the transaction actions that change them."""

    def __init__(self, table: Table[Any]) -> None:
        self._table = table

    def password_table_and_key(self, user_id: str) -> tuple[Table[Any], Key]:
        """The table and the key of a password, to read it in one batch with other rows."""
        return self._table, _password_key(user_id)

    def lock_table_and_key(self, email_key: str) -> tuple[Table[Any], Key]:
        """The table and the key of the lock of an email address, for such a batch."""
        return self._table, _lock_key(email_key)

    def holder(self, email_key: str) -> str | None:
        """The id of the person who has an email address, or None."""
        lock = self._table.get(_lock_key(email_key))
        return str(lock["user_id"]) if lock else None

    def adding_lock(self, email_key: str, user_id: str) -> Action:
        """The action that gives an email address to a person. It fails if a person has it already."""
        lock: EmailLock = {"id": _lock_key(email_key)["id"], "schema": records.SCHEMA, "user_id": user_id}
        return self._table.putting(lock, absent())

    def dropping_lock(self, email_key: str) -> Action:
        """The action that frees an email address."""
        return self._table.deleting(_lock_key(email_key))

    def password(self, user_id: str) -> Password | None:
        """The password's row, or None."""
        return self._table.get(_password_key(user_id))

    def adding_password(self, user_id: str, password_hash: str) -> Action:
        """The action that stores a first password. It fails if the person has one."""
        return self.replacing_password(user_id, None, password_hash)

    def replacing_password(
        self, user_id: str, password_row: Password | None, password_hash: str, *, short: bool = False
    ) -> Action:
        """The action that replaces the password `password_row` (None: there is none) by one with another hash. It fails
        if the password is no longer `password_row`."""
        password: Password = {
            "id": _password_key(user_id)["id"],
            "schema": records.SCHEMA,
            "hash": password_hash,
            "version": int(password_row["version"]) + 1 if password_row else 1,
            "changed_at": clock.timestamp(),
        }
        if short:
            password["short"] = True
        return self._table.putting(password, unchanged(password_row))

    def dropping_password(self, password_row: Password) -> Action:
        """The action that deletes the password `password_row`. It fails if the password was changed."""
        return self._table.deleting({"id": password_row["id"]}, unchanged(password_row))

    def dropping_any_password(self, user_id: str) -> Action:
        """The action that deletes a person's password, whichever it is."""
        return self._table.deleting(_password_key(user_id))

    def checking_password(self, user_id: str, password_row: Password | None) -> Action:
        """The action that lets a transaction succeed only if the password is still `password_row` (None: there is
        none)."""
        return self._table.checking(_password_key(user_id), unchanged(password_row))

    def rehash(self, password_row: Password, password_hash: str) -> None:
        """Replace the hash in `password_row` by a new hash of the same password. Raises ConditionFailed if the password
        was changed."""
        key, is_unchanged = {"id": password_row["id"]}, Attr("hash").eq(password_row["hash"])
        self._table.update(key, set={"hash": password_hash}, condition=is_unchanged)

    def rehashing(self, password_row: Password, password_hash: str) -> Action:
        """The same as `rehash`, as an action of a transaction."""
        key, is_unchanged = {"id": password_row["id"]}, Attr("hash").eq(password_row["hash"])
        return self._table.updating(key, set={"hash": password_hash}, condition=is_unchanged)

    def delete_password(self, user_id: str) -> int:
        """Delete the password of a person who was removed. Returns how many were deleted: 0 or 1."""
        return int(self._table.delete(_password_key(user_id)) is not None)

    def marking_first_administrator(self, user_id: str) -> Action:
        """The action that succeeds only once in a stage: it stores who the first administrator is."""
        mark = {"id": "first-administrator", "schema": records.SCHEMA, "user_id": user_id}
        return self._table.putting(mark, absent())


def nobody(email_key: str) -> str:
    """An id that no person has, spread evenly like the ids of persons. It is read for an email address without an
    account, so that the number of reads is always the same."""
    return ids.id_from(hashlib.sha256(email_key.encode()).digest())


def _password_key(user_id: str) -> Key:
    return {"id": f"password#{user_id}"}


def _lock_key(email_key: str) -> Key:
    return {"id": f"email#{email_key}"}


@clients.once
def credentials() -> Credentials:
    """The passwords and address locks of this stage."""
    return Credentials(clients.table("credentials"))
