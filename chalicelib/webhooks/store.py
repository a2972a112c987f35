"""The `webhooks` table: the endpoints, and their health.

`version` grows with every change that administrators see. Failures in a row, and the slots that attempts hold, are
written without a new version.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    Database,
    Table,
    TransactionRefused,
    absent,
    present,
    unchanged,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.webhooks.model import CLAIM_SECONDS, PROBE_EVERY, SLOT_COUNT, is_probed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from chalicelib.webhooks.rows import RemovedWebhook, WebhookRow

HEALTH = ("failures", "failing_since", "probe_at")

SLOTS = tuple(f"place_{number}" for number in range(SLOT_COUNT))
"""An attempt holds one of these attributes of its webhook, whose value says until when, in seconds since 1970."""


class Webhooks:
    """Every webhook of the stage, under one partition key; the ids of removed ones are under another."""

    def __init__(self, database: Database, table: Table[Any]) -> None:
        self._database = database
        self._table: Table[WebhookRow] = table
        self._removed: Table[RemovedWebhook] = table

    def all(self) -> list[WebhookRow]:
        """Every webhook, oldest first."""
        return list(self._table.query_all(Key("realm").eq("all"), consistent=True))

    def enabled(self) -> list[WebhookRow]:
        """Those that take events. It is read for every batch of events, so eventually consistent, at half the price:
        changes of the last second may be missing."""
        every = self._table.query_all(Key("realm").eq("all"))
        return [webhook for webhook in every if webhook["enabled"]]

    def ids(self) -> list[str]:
        """The ids of all webhooks, the removed ones included."""
        return [
            webhook["id"]
            for realm in ("all", "removed")
            for webhook in self._table.query_all(Key("realm").eq(realm))
        ]

    def find(self, webhook_id: str) -> WebhookRow | None:
        return self._table.get(_key(webhook_id))

    def get(self, webhook_id: str) -> WebhookRow:
        """The webhook. Raises NotFound where there is none."""
        webhook = self.find(webhook_id)
        if webhook is None:
            raise NotFound(f"there is no webhook {webhook_id}")
        return webhook

    def of_client(self, webhook_id: str) -> WebhookRow:
        """The health of an OAuth client that is told of the end of sessions, by the `webhook_id` of these deliveries.
        Its row is made when it is first asked for."""
        key = {"realm": "clients", "id": webhook_id}
        row = self._table.get(key)
        if row is None:
            stamps = {"schema": records.SCHEMA, "created_at": clock.timestamp()}
            row = self._table.update(key, first=stamps)
        return row

    def create(self, webhook_id: str, **fields: Any) -> WebhookRow:
        """Make an enabled webhook."""
        moment = clock.timestamp()
        stamps = {"schema": records.SCHEMA, "version": 1, "created_at": moment, "updated_at": moment}
        webhook = cast("WebhookRow", {**_key(webhook_id), **stamps, "enabled": True, **fields})
        self._table.put(webhook, absent())
        return webhook

    def change(
        self,
        webhook: WebhookRow,
        changes: dict[str, Any],
        *,
        remove: Sequence[str] = (),
        expected: int | None = None,
    ) -> WebhookRow:
        """Change a webhook, and return it. Raises PreconditionFailed where its version is not the `expected` one, or
        where another request changed it since it was read."""
        _expect(webhook, expected)
        try:
            return self._table.update(
                _key(webhook["id"]),
                set={**changes, "version": webhook["version"] + 1, "updated_at": clock.timestamp()},
                remove=remove,
                condition=unchanged(webhook),
            )
        except ConditionFailed as conflict:
            raise PreconditionFailed("the webhook was changed by somebody else") from conflict

    def remove(self, webhook: WebhookRow, expected: int | None = None) -> None:
        """Remove a webhook. Its id stays, because its deliveries are kept longer. Raises like `change`."""
        _expect(webhook, expected)
        removed: RemovedWebhook = {
            "realm": "removed",
            "id": webhook["id"],
            "schema": records.SCHEMA,
            "removed_at": clock.timestamp(),
        }
        try:
            self._database.transact(
                {
                    "webhook": self._table.deleting(_key(webhook["id"]), unchanged(webhook)),
                    "removed": self._removed.putting(removed),
                }
            )
        except TransactionRefused as refused:
            raise PreconditionFailed("the webhook was changed by somebody else") from refused

    def take_slot(self, webhook: WebhookRow, delivery: str, *, in_turn: bool) -> str:
        """Take one of an endpoint's slots for one request, and return it, or empty where none is free.

        Where the endpoint is only probed, an attempt that is `in_turn` also takes the turn, and others wait for the
        next one. A slot that is not given back is free again after CLAIM_SECONDS.
        """
        first = zlib.crc32(delivery.encode()) % len(SLOTS)
        held_until = cast("Mapping[str, int]", webhook)
        free = [slot for slot in (*SLOTS[first:], *SLOTS[:first]) if held_until.get(slot, 0) < clock.epoch()]
        if not free:
            return ""
        untaken = Attr(free[0]).not_exists() | Attr(free[0]).lt(clock.epoch())
        turn: dict[str, str] = {}
        if in_turn and is_probed(webhook.get("failures", 0)):
            # Failures at the same time each count from the row that they read, so there may be no turn yet.
            probe_at = webhook.get("probe_at")
            untaken &= Attr("probe_at").eq(probe_at) if probe_at else Attr("probe_at").not_exists()
            turn = {"probe_at": clock.timestamp(clock.now() + PROBE_EVERY)}
        try:
            self._table.update(
                _key_of(webhook),
                set={free[0]: clock.epoch() + CLAIM_SECONDS, **turn},
                condition=present() & untaken,
            )
        except ConditionFailed:
            return ""
        return free[0]

    def record_failure(self, webhook: WebhookRow, slot: str, rest: timedelta) -> WebhookRow | None:
        """Give a slot back after one more failure in a row, and let the endpoint rest for so long. Returns the webhook
        as it is then, or None where it was removed."""
        if is_probed(webhook.get("failures", 0) + 1):
            rest = max(rest, PROBE_EVERY)
        try:
            return self._table.update(
                _key_of(webhook),
                set={"probe_at": clock.timestamp(clock.now() + rest)} if rest else {},
                first={"failing_since": clock.timestamp()},
                add={"failures": 1},
                remove=(slot,),
                condition=present(),
            )
        except ConditionFailed:
            return None

    def record_success(self, webhook: WebhookRow, slot: str) -> None:
        """Give a slot back after a delivery: the endpoint works, and its failures are cleared."""
        try:
            self._table.update(
                _key_of(webhook),
                set={"delivered_at": clock.timestamp()},
                remove=(slot, *HEALTH),
                condition=present(),
            )
        except ConditionFailed:
            return

    def disable(self, webhook: WebhookRow, slot: str, reason: str) -> None:
        """Give a slot back and disable the webhook, unless it was changed since it was read."""
        try:
            self._table.update(
                _key(webhook["id"]),
                set={"enabled": False, "disabled_reason": reason, "updated_at": clock.timestamp()},
                add={"version": 1},
                remove=(slot,),
                condition=unchanged(webhook),
            )
        except ConditionFailed:
            return


def _expect(webhook: WebhookRow, expected: int | None) -> None:
    if expected not in {None, webhook["version"]}:
        raise PreconditionFailed(f"the webhook is at version {webhook['version']}")


def _key_of(webhook: WebhookRow) -> dict[str, str]:
    return {"realm": webhook["realm"], "id": webhook["id"]}


def _key(webhook_id: str) -> dict[str, str]:
    return {"realm": "all", "id": webhook_id}


@clients.once
def webhooks() -> Webhooks:
    """The stage's webhooks."""
    return Webhooks(clients.database(), clients.table("webhooks"))
