"""What a condition that does not hold is told by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import RollcallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo.values import Item


class ConditionFailed(RollcallError):
    """A conditional write found something else than it expected; `item` is what it found, where asked for."""

    status = 409
    title = "The record has changed"

    def __init__(self, item: Item | None = None) -> None:
        super().__init__()
        self.item = item


class TransactionRefused(RollcallError):
    """A transaction was not applied. `failed` holds the items that conditions met (None where there is none), by the
    names of their actions and in their order."""

    status = 409
    title = "A record has changed"

    def __init__(self, failed: Mapping[Any, Item | None]) -> None:
        super().__init__()
        self.failed = failed
