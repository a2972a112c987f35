"""The table `intents`, what strangers asked for, and in `guards` what an address waits with: its latest registration,
and the codes that may be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock, context, ids
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    absent,
    present,
    unchanged,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Unavailable
from chalicelib.core.ids import digest_of
from chalicelib.limits import network_digest
from chalicelib.profile.email_keys import email_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Action, Table
    from chalicelib.intents.rows import CodesRow, Intent, Purpose, WaitingRow

CODES_KEPT = 20
"""Of the latest mailed codes of one address, or of one asker there: those that may be typed. More are mailed to nobody
within the ten minutes that one lives."""

ERASED_AT_ONCE = 100


class Intents:
    """What strangers asked for. Rows live as long as what they may still bring about."""

    def __init__(self, intents: Table[Intent], guards: Table[Any]) -> None:
        self._intents = intents
        self._guards = guards
        self._waiting: Table[WaitingRow] = guards
        self._codes: Table[CodesRow] = guards

    def write(self, intent: Intent) -> None:
        """Keep an intent: one write, and its stream carries nothing but the key."""
        self._intents.put(intent, absent())

    def writing(self, intent: Intent) -> Action:
        """The action of a transaction that keeps an intent."""
        return self._intents.putting(intent, absent())

    def find(self, intent_id: str) -> Intent | None:
        """The intent, unless it has expired."""
        intent = self._intents.get({"id": intent_id})
        return intent if records.is_live(intent) else None

    def list_under(self, intent: Intent, account: str) -> None:
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
            result_page = self._intents.query(
                Key("account").eq(account), index="account-index", limit=ERASED_AT_ONCE
            )
            rows += sum(self._intents.delete({"id": row["id"]}) is not None for row in result_page.items)
            done = done and result_page.next is None
        return Erased(rows, done)

    def erase_of(self, account: str) -> None:
        """Delete what was asked with an address that its owner has left, which came to nothing: an erasure of that
        person would no more find it."""
        self.erase([digest_of(account)])
        for key in _of_address(account):
            self._guards.delete(key)

    def count_failure(self, intent_id: str) -> None:
        """Count a wrong password for an intent."""
        self._intents.update({"id": intent_id}, add={"failures": 1}, condition=present())

    def list_code(self, intent: Intent) -> None:
        """Add a mailed code to those that may be typed with its address, and give them their tries anew. One that was
        asked for by an asker is listed under them: nobody else's asking or guessing touches it. One read, one write.
        Raises Unavailable."""
        key = _codes(intent["email_key"], intent.get("asker"))

        def attempt(_: CodesRow | None) -> None:
            read = self._codes.get(key)
            codes, version = (read["codes"], read["version"]) if read else ({}, 0)
            listed = {code: ends for code, ends in codes.items() if ends > clock.epoch()}
            if intent["id"] in listed:
                return
            listed[intent["id"]] = intent["expires_at"]
            latest = dict(sorted(listed.items())[-CODES_KEPT:])
            next_row: CodesRow = {
                "id": key["id"],
                "schema": records.SCHEMA,
                "codes": latest,
                "tries": 0,
                "version": version + 1,
                "expires_at": max(latest.values()),
            }
            self._codes.put(next_row, unchanged(read))

        optimistic(attempt, exhausted=Unavailable("the codes of the address are being changed by others"))

    def guess(self, email_key: str, asker: str | None, limit: int) -> list[str]:
        """Count one try at the codes that may be typed with an address, before it is compared: the ids of their
        intents, or none where there are none or they had `limit` tries. One write in every case."""
        live = present() & Attr("expires_at").gt(clock.epoch()) & Attr("tries").lt(limit)
        try:
            row = self._codes.update(_codes(email_key, asker), add={"tries": 1, "version": 1}, condition=live)
        except ConditionFailed:
            return []
        return list(row["codes"])

    def bind(self, intent: Intent, user_id: str, **to: Any) -> None:
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

    def point_to(self, intent: Intent) -> None:
        """Remember the registration that waits with this address; the latest one counts."""
        row: WaitingRow = {
            "id": _waiting(intent["email_key"])["id"],
            "schema": records.SCHEMA,
            "intent_id": intent["id"],
            "expires_at": intent["expires_at"],
        }
        try:
            self._waiting.put(row, absent() | Attr("intent_id").lt(intent["id"]))
        except ConditionFailed:
            return

    def find_waiting(self, email_key: str) -> Intent | None:
        """The latest intent that waits for the confirmation of this address."""
        row = self._waiting.get(_waiting(email_key))
        return self.find(row["intent_id"]) if row else None

    def deleting_all(self, intent_id: str, email_key: str | None) -> dict[str, Action]:
        """The actions that delete an `intent`, and what an address waits with (`waiting`, `codes`)."""
        actions = {"intent": self._intents.deleting({"id": intent_id})}
        if email_key:
            actions["waiting"] = self._guards.deleting(_waiting(email_key))
            actions["codes"] = self._guards.deleting(_codes(email_key))
        return actions


def new_intent(purpose: Purpose, email: str, email_key: str, *, seconds: int, **fields: Any) -> Intent:
    """An intent that lives for so many seconds. Fields that are None are left out."""
    present_fields = {name: value for name, value in fields.items() if value is not None}
    intent = {
        "id": ids.new_id(),
        "schema": records.SCHEMA,
        "purpose": purpose,
        "email": email,
        "email_key": email_key,
        "created_at": clock.timestamp(),
        "request_id": context.current().request_id,
        "traceparent": context.current().traceparent,
        "expires_at": clock.epoch() + seconds,
        **present_fields,
    }
    return cast("Intent", intent)


def intent_from(purpose: Purpose, email: str, source_ip: str, *, seconds: int, **fields: Any) -> Intent:
    """A new intent of whoever asks with this email address. Their network tells them from others
    (`limits.mail_limits`)."""
    network = network_digest(source_ip)
    return new_intent(purpose, email, email_key(email), seconds=seconds, network=network, **fields)


def _waiting(email_key: str) -> dict[str, str]:
    return {"id": f"waiting#{email_key}"}


def _codes(email_key: str, asker: str | None = None) -> dict[str, str]:
    """Where the codes of an address are listed. Those of an asker tell nobody the address."""
    return {"id": f"codes#{digest_of(f'{email_key}#{asker}') if asker else email_key}"}


def _of_address(email_key: str) -> tuple[dict[str, str], ...]:
    """The rows that name an address."""
    return _waiting(email_key), _codes(email_key)


def find_intent(intent_id: str) -> Intent | None:
    """See `Intents.find`."""
    return intents().find(intent_id)


@clients.once
def intents() -> Intents:
    """The stage's intents."""
    return Intents(clients.table("intents"), clients.table("guards"))
