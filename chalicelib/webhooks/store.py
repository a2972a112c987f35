"""The `webhooks` table: the endpoints, and how they fare.

`version` grows with every change that its owner sees. How often an endpoint failed in a row, and how many ask it now,
is noted beside it.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    Database,
    Item,
    Table,
    TransactionRefused,
    absent,
    present,
    unchanged,
)
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.webhooks.model import AT_ONCE, CLAIM_SECONDS, PROBE_EVERY, is_probed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

HEALTH = ("failures", "failing_since", "probe_at")

PLACES = tuple(f"place_{number}" for number in range(AT_ONCE))
"""Who asks an endpoint holds one of these attributes of it, until when in seconds since 1970."""


class Webhooks:
    """Every webhook of the stage, under one partition key; removed ones leave their id under another."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def all(self) -> list[Item]:
        """Every webhook, oldest first."""
        return list(self._table.query_all(Key("realm").eq("all"), consistent=True))

    def enabled(self) -> list[Item]:
        """Those that take events, up to a second ago: read for every batch of events, so at half the price."""
        found = self._table.query_all(Key("realm").eq("all"))
        return [webhook for webhook in found if webhook["enabled"]]

    def ids(self) -> list[str]:
        """The ids of all there are, and of all there were."""
        return [
            webhook["id"]
            for realm in ("all", "removed")
            for webhook in self._table.query_all(Key("realm").eq(realm))
        ]

    def find(self, webhook_id: str) -> Item | None:
        return self._table.get(_key(webhook_id))

    def get(self, webhook_id: str) -> Item:
        """The webhook. Raises NotFound where there is none."""
        webhook = self.find(webhook_id)
        if webhook is None:
            raise NotFound(f"there is no webhook {webhook_id}")
        return webhook

    def create(self, webhook_id: str, **fields: Any) -> Item:
        """Make an enabled webhook."""
        moment = clock.timestamp()
        stamps = {"schema": records.SCHEMA, "version": 1, "created_at": moment, "updated_at": moment}
        webhook = {**_key(webhook_id), **stamps, "enabled": True, **fields}
        self._table.put(webhook, absent())
        return webhook

    def change(
        self, webhook: Item, changes: dict[str, Any], *, remove: Sequence[str] = (), expected: int | None = None
    ) -> Item:
        """Change what was read, and return it. Raises PreconditionFailed where its version is not the `expected`
        one, or where somebody else changed it since."""
        _expect(webhook, expected)
        try:
            return self._table.update(
                _key(webhook["id"]),
                set={**changes, "version": webhook["version"] + 1, "updated_at": clock.timestamp()},
                remove=remove,
                condition=unchanged(webhook),
            )
        except ConditionFailed as met:
            raise PreconditionFailed("the webhook was changed by somebody else") from met

    def remove(self, webhook: Item, expected: int | None = None) -> None:
        """Remove a webhook; its id stays known, for its deliveries last longer. Raises like `change`."""
        _expect(webhook, expected)
        trace = {
            "realm": "removed",
            "id": webhook["id"],
            "schema": records.SCHEMA,
            "removed_at": clock.timestamp(),
        }
        try:
            self._database.transact(
                {
                    "webhook": self._table.deleting(_key(webhook["id"]), unchanged(webhook)),
                    "trace": self._table.putting(trace),
                }
            )
        except TransactionRefused as refused:
            raise PreconditionFailed("the webhook was changed by somebody else") from refused

    def take_place(self, webhook: Item, asker: str, *, in_turn: bool) -> str:
        """Take one of the places at an endpoint, for one request: the place, or empty where none is free.

        Where the endpoint is only probed, whoever is `in_turn` also takes its turn, and others must wait for the next
        one. A place that nobody gives back is free again after CLAIM_SECONDS.
        """
        first = zlib.crc32(asker.encode()) % len(PLACES)
        free = [place for place in (*PLACES[first:], *PLACES[:first]) if webhook.get(place, 0) < clock.epoch()]
        if not free:
            return ""
        untaken = Attr(free[0]).not_exists() | Attr(free[0]).lt(clock.epoch())
        turn: dict[str, str] = {}
        if in_turn and is_probed(webhook):
            # Of failures at the same time each counts from what it read, so there may be no turn yet.
            at = webhook.get("probe_at")
            untaken &= Attr("probe_at").eq(at) if at else Attr("probe_at").not_exists()
            turn = {"probe_at": clock.timestamp(clock.now() + PROBE_EVERY)}
        try:
            self._table.update(
                _key(webhook["id"]),
                set={free[0]: clock.epoch() + CLAIM_SECONDS, **turn},
                condition=present() & untaken,
            )
        except ConditionFailed:
            return ""
        return free[0]

    def failed(self, webhook: Item, place: str, rest: timedelta) -> Item | None:
        """Give a place back after one more failure in a row, and let the endpoint rest for so long: the webhook as it
        is then, or None where it is gone."""
        if is_probed({"failures": webhook.get("failures", 0) + 1}):
            rest = max(rest, PROBE_EVERY)
        try:
            return self._table.update(
                _key(webhook["id"]),
                set={"probe_at": clock.timestamp(clock.now() + rest)} if rest else {},
                first={"failing_since": clock.timestamp()},
                add={"failures": 1},
                remove=(place,),
                condition=present(),
            )
        except ConditionFailed:
            return None

    def answered(self, webhook: Item, place: str) -> None:
        """Give a place back after an answer: the endpoint works."""
        try:
            self._table.update(_key(webhook["id"]), remove=(place, *HEALTH), condition=present())
        except ConditionFailed:
            return

    def disable(self, webhook: Item, place: str, reason: str) -> None:
        """Give a place back and stop the endpoint, unless its owner changed it since it was read."""
        try:
            self._table.update(
                _key(webhook["id"]),
                set={"enabled": False, "disabled_reason": reason, "updated_at": clock.timestamp()},
                add={"version": 1},
                remove=(place,),
                condition=unchanged(webhook),
            )
        except ConditionFailed:
            return


def _expect(webhook: Item, expected: int | None) -> None:
    if expected not in {None, webhook["version"]}:
        raise PreconditionFailed(f"the webhook is at version {webhook['version']}")


def _key(webhook_id: str) -> dict[str, str]:
    return {"realm": "all", "id": webhook_id}


@clients.once
def webhooks() -> Webhooks:
    """The stage's webhooks."""
    return Webhooks(clients.database(), clients.table("webhooks"))
