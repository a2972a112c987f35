"""A person's own key-value data: the last writer wins, whatever the order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.items.model import ItemWrite
from chalicelib.items.store import items, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.erasure import Erased

__all__ = ["ItemWrite", "apply", "apply_all", "erase", "items", "value_of"]


def apply(write: ItemWrite) -> bool:
    """Store the write if it wins over what is stored: whether it did. The same write again changes nothing."""
    return items().apply(write)


def apply_all(writes: Sequence[ItemWrite]) -> list[bool]:
    """Store many writes in parallel: of each whether it won over what was stored and over the others."""
    return items().apply_all(writes)


def erase(user_id: str) -> Erased:
    """Delete up to a hundred items of a person. Repeatable."""
    return items().erase(user_id)
