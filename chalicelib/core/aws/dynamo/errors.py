"""The errors of conditions that do not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import RollcallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo.values import Item


class ConditionFailed(RollcallError):
    """The condition of a write does not hold; `item` is the stored item, or None where there is none."""

    status = 409
    title = "The record has changed"

    def __init__(self, item: Item | None = None) -> None:
        super().__init__()
        self.item = item


class TransactionRefused(RollcallError):
    """A transaction was not applied. `failed` has the stored items (None where there is none) whose conditions do not
    hold, by the names of their actions and in their order."""

    status = 409
    title = "A record has changed"

    def __init__(self, failed: Mapping[Any, Item | None]) -> None:
        super().__init__()
        self.failed = failed
