"""The table `intents`, what strangers asked for, and the pointers to the latest one that an address waits with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.accounts.model import digest_of
from chalicelib.core import clients, clock, context, ids, records
from chalicelib.core.dynamo import ConditionFailed, absent, present
from chalicelib.core.erasing import Erased

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.dynamo import Action, Item, Table

Purpose = Literal["register", "verify", "resend", "reset", "code", "email"]
"""`register` waits for its confirmation to become a person; `verify` is of a person who is there already; `code` is
to sign in with, and `email` a new address for whoever asked for it."""

Pointer = Literal["waiting", "code"]
"""What an address has one latest intent of: a registration to confirm, a code to sign in with."""

POINTERS: tuple[Pointer, ...] = ("waiting", "code")

ERASED_AT_ONCE = 100


class Intents:
    """What strangers asked for. Rows live as long as what they may still bring about."""

    def __init__(self, intents: Table, guards: Table) -> None:
        self._intents = intents
        self._guards = guards

    def write(self, intent: Item) -> None:
        """Keep an intent: one write, and its stream carries nothing but the key."""
        self._intents.put(intent, absent())

    def writing(self, intent: Item) -> Action:
        """The action of a transaction that keeps an intent."""
        return self._intents.putting(intent, absent())

    def find(self, intent_id: str) -> Item | None:
        """The intent, unless it has expired."""
        intent = self._intents.get({"id": intent_id})
        return intent if records.is_live(intent) else None

    def list_under(self, intent: Item, account: str) -> None:
        """Have an intent found by whose it is, an address or `id:<person's id>`, until it expires. Whoever asks
        writes nothing of the kind: that would cost every registration an index."""
        try:
            self._intents.update({"id": intent["id"]}, set={"account": digest_of(account)}, condition=present())
        except ConditionFailed:
            return

    def erase(self, accounts: Sequence[str]) -> Erased:
        """Delete up to a hundred intents that are listed under each of these digests."""
        rows, done = 0, True
        for account in accounts:
            page = self._intents.query(Key("account").eq(account), index="account-index", limit=ERASED_AT_ONCE)
            rows += sum(self._intents.delete({"id": row["id"]}) is not None for row in page.items)
            done = done and page.next is None
        return Erased(rows, done)

    def abandon(self, account: str) -> None:
        """Delete what was asked with an address that its owner has left, which came to nothing: an erasure of that
        person would no more find it."""
        self.erase([digest_of(account)])
        for pointer in POINTERS:
            self._guards.delete({"id": _pointer(pointer, account)})

    def count_failure(self, intent_id: str) -> None:
        """Count a wrong password for an intent."""
        self._intents.update({"id": intent_id}, add={"failures": 1}, condition=present())

    def reserve(self, intent_id: str, limit: int) -> Item | None:
        """Count one try at an intent's short code, before it is compared: the intent, or None where there is none,
        it has expired, or had `limit` tries. One write in every case."""
        live = present() & Attr("expires_at").gt(clock.epoch())
        tries = Attr("tries").not_exists() | Attr("tries").lt(limit)
        try:
            return self._intents.update({"id": intent_id}, add={"tries": 1}, condition=live & tries)
        except ConditionFailed:
            return None

    def bind(self, intent: Item, user_id: str, **to: Any) -> None:
        """Bind an intent to its person, and `to` what must be unchanged for it to count, once."""
        try:
            self._intents.update(
                {"id": intent["id"]},
                set={"user_id": user_id, **to},
                condition=present() & Attr("user_id").not_exists(),
            )
        except ConditionFailed:
            return

    def use(self, intent_id: str) -> bool:
        """Whether this is the one use of an intent, which is gone then."""
        try:
            self._intents.delete({"id": intent_id}, present())
        except ConditionFailed:
            return False
        return True

    def using(self, intent_id: str) -> Action:
        """The action of a transaction that is the one use of an intent."""
        return self._intents.deleting({"id": intent_id}, present())

    def point_to(self, intent: Item, pointer: Pointer = "waiting") -> None:
        """Remember the intent that waits with this address; the latest one counts."""
        row = {
            "id": _pointer(pointer, intent["email_key"]),
            "schema": records.SCHEMA,
            "intent_id": intent["id"],
            "expires_at": intent["expires_at"],
        }
        try:
            self._guards.put(row, absent() | Attr("intent_id").lt(intent["id"]))
        except ConditionFailed:
            return

    def pointed_to(self, email_key: str, pointer: Pointer = "waiting") -> str | None:
        """The id of the latest intent that waits with this address."""
        row = self._guards.get({"id": _pointer(pointer, email_key)})
        return str(row["intent_id"]) if row else None

    def find_waiting(self, email_key: str) -> Item | None:
        """The latest intent that waits for the confirmation of this address."""
        intent_id = self.pointed_to(email_key)
        return self.find(intent_id) if intent_id else None

    def forgetting(self, intent_id: str, email_key: str | None) -> list[Action]:
        """The actions that delete an intent, and the pointers of that address."""
        keys = [_pointer(pointer, email_key) for pointer in POINTERS] if email_key else []
        return [self._intents.deleting({"id": intent_id}), *(self._guards.deleting({"id": key}) for key in keys)]


def new_intent(purpose: Purpose, email: str, email_key: str, *, seconds: int, **fields: Any) -> Item:
    """An intent that lives for so many seconds. Fields that are None are left out."""
    kept = {name: value for name, value in fields.items() if value is not None}
    return {
        "id": ids.new_id(),
        "schema": records.SCHEMA,
        "purpose": purpose,
        "email": email,
        "email_key": email_key,
        "created_at": clock.timestamp(),
        "request_id": context.current().request_id,
        "traceparent": context.current().traceparent,
        "expires_at": clock.epoch() + seconds,
        **kept,
    }


def _pointer(pointer: Pointer, email_key: str) -> str:
    return f"{pointer}#{email_key}"


@clients.once
def intents() -> Intents:
    """The stage's intents."""
    return Intents(clients.table("intents"), clients.table("guards"))
