"""What a condition that does not hold is told by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import RollcallError

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo.values import Item


class ConditionFailed(RollcallError):
    """A conditional write found something else than it expected; `item` is what it found, where asked for."""

    status = 409
    title = "The record has changed"

    def __init__(self, item: Item | None = None) -> None:
        super().__init__()
        self.item = item


class TransactionRefused(RollcallError):
    """A transaction was not applied. `failed` holds, by the action's position, the item that its condition met
    (None where there is none)."""

    status = 409
    title = "A record has changed"

    def __init__(self, failed: dict[int, Item | None]) -> None:
        super().__init__()
        self.failed = failed
