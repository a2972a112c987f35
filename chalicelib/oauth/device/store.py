"""Devices that wait, in the table `grants`. Each change has the condition that its row still waits, so that a person
answers once, and a client fetches once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock
from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws.dynamo import ConditionFailed, TransactionRefused, absent, present
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.errors import Unavailable
from chalicelib.oauth.device.model import LONGEST, SLOWER, new_device

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Action, Database, Table
    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.oauth.device.rows import Device, State
    from chalicelib.oauth.grants.rows import Authorized, Grant

ATTEMPTS = 3
"""How many codes are made before it is given up: each is in use with a chance of those that wait in 20^8."""


class NotWaiting(Exception):
    """The device was answered, or its answer was fetched, by another request."""


class Devices:
    """Devices that wait for a person, or for their client to fetch what the person said."""

    def __init__(self, database: Database, grants: Table[Any]) -> None:
        self._database = database
        self._grants = grants

    def create(self, client_id: str, scopes: Sequence[str], resource: str | None) -> tuple[str, str]:
        """Store a device that waits: its user code and its device code. Raises Unavailable."""
        for _ in range(ATTEMPTS):
            row, user_code, device_code = new_device(client_id, scopes, resource)
            try:
                self._grants.put(row, absent() | Attr("good_until").lte(clock.epoch()))
            except ConditionFailed:
                continue
            return user_code, device_code
        raise Unavailable("no code was free")

    def find(self, row_ids: Sequence[str]) -> Device | None:
        """The row that is at one of these places: one batch read."""
        if not row_ids:
            return None
        rows = self._database.batch_get([(self._grants, {"id": row_id}) for row_id in row_ids])
        return cast("Device | None", next((row for row in rows if row is not None), None))

    def answer(self, device: Device, authorized: Authorized | None) -> None:
        """Keep what a person allows a device that waits; nothing, where they deny it. Raises NotWaiting."""
        try:
            self._grants.update({"id": device["id"]}, set=_answer(authorized), condition=_waits(device))
        except ConditionFailed as answered:
            raise NotWaiting from answered

    def answering(self, device: Device, authorized: Authorized) -> Action:
        """The action that does the same, for a transaction with other actions."""
        return self._grants.updating({"id": device["id"]}, set=_answer(authorized), condition=_waits(device))

    def count_poll(self, device: Device) -> bool:
        """Count a poll of the client. False where it came before the interval was over, which is longer from then on.
        The count is conditional, so that of two polls at once one is too soon."""
        interval = min(device["interval"] + SLOWER, LONGEST)
        is_in_time = Attr("asked_at").not_exists() | Attr("asked_at").lte(clock.epoch() - device["interval"])
        try:
            self._grants.update(
                {"id": device["id"]}, set={"asked_at": clock.epoch()}, condition=present() & is_in_time
            )
        except ConditionFailed:
            self._slow_down(device, interval)
            return False
        return True

    def _slow_down(self, device: Device, interval: int) -> None:
        changes = {"asked_at": clock.epoch(), "interval": interval}
        try:
            self._grants.update({"id": device["id"]}, set=changes, condition=present())
        except ConditionFailed:
            return

    def redeem(self, device: Device, grant: Grant) -> None:
        """Store the grant that a device gets, and remove its row: one transaction. Raises NotWaiting where it was
        fetched before."""
        is_allowed = present() & Attr("digest").eq(device["digest"]) & Attr("state").eq("allowed")
        actions = {
            "device": self._grants.deleting({"id": device["id"]}, is_allowed),
            "grant": self._grants.putting(grant, absent()),
        }
        try:
            self._database.transact(actions)
        except TransactionRefused as refused:
            raise NotWaiting from refused


def _answer(authorized: Authorized | None) -> dict[str, Any]:
    state: State = "denied" if authorized is None else "allowed"
    return {"state": state, **({} if authorized is None else {"authorized": authorized})}


def _waits(device: Device) -> Condition:
    """That the row is still the one that was read, and waits."""
    return (
        present()
        & Attr("digest").eq(device["digest"])
        & Attr("state").eq("pending")
        & Attr("good_until").gt(clock.epoch())
    )


@aws_clients.once
def devices() -> Devices:
    """The stage's devices that wait."""
    return Devices(aws_clients.database(), aws_clients.table("grants"))
