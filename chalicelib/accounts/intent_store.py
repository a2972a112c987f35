"""The table `intents`, what strangers asked for, and the pointers to registrations that wait for confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clients, clock, context, ids, records
from chalicelib.core.dynamo import ConditionFailed, absent

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Action, Item, Table

Purpose = Literal["register", "verify", "resend", "reset", "code"]
"""`register` waits for its confirmation to become a person; `verify` is of a person who is there already."""


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

    def count_failure(self, intent_id: str) -> None:
        """Count a wrong password for an intent."""
        self._intents.update({"id": intent_id}, add={"failures": 1}, condition=Attr("id").exists())

    def bind(self, intent: Item, user_id: str, password_version: int) -> None:
        """Bind a reset to the password that it may replace, once."""
        try:
            self._intents.update(
                {"id": intent["id"]},
                set={"user_id": user_id, "password_version": password_version},
                condition=Attr("id").exists() & Attr("user_id").not_exists(),
            )
        except ConditionFailed:
            return

    def point_to(self, intent: Item) -> None:
        """Remember the registration that waits for this address; the latest one counts."""
        pointer = {
            "id": _waiting(intent["email_key"]),
            "schema": records.SCHEMA,
            "intent_id": intent["id"],
            "expires_at": intent["expires_at"],
        }
        try:
            self._guards.put(pointer, absent() | Attr("intent_id").lt(intent["id"]))
        except ConditionFailed:
            return

    def find_waiting(self, email_key: str) -> Item | None:
        """The latest intent that waits for the confirmation of this address."""
        pointer = self._guards.get({"id": _waiting(email_key)})
        return self.find(pointer["intent_id"]) if pointer else None

    def forgetting(self, intent_id: str, email_key: str | None) -> list[Action]:
        """The actions that delete an intent, and the pointer of that address."""
        actions = [self._intents.deleting({"id": intent_id})]
        return [*actions, self._guards.deleting({"id": _waiting(email_key)})] if email_key else actions


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
        "expires_at": clock.epoch() + seconds,
        **kept,
    }


def _waiting(email_key: str) -> str:
    return f"waiting#{email_key}"


@clients.once
def intents() -> Intents:
    """The stage's intents."""
    return Intents(clients.table("intents"), clients.table("guards"))
