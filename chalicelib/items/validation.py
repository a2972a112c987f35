"""Checks many documents for item writes, each by itself: a bad one does not keep its neighbours out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chalicelib.core.errors import FieldError
from chalicelib.core.http.models import invalid
from chalicelib.items.model import ItemWrite

if TYPE_CHECKING:
    from collections.abc import Iterable


ERRORS_PER_ITEM = 10
"""The most faults that are reported of one item. Whoever mends these sees the next ones then."""


def check(documents: Iterable[Any]) -> tuple[list[ItemWrite], list[FieldError]]:
    """The valid writes among the documents, and the faults of the others by `items.<position>.<field>`."""
    writes: list[ItemWrite] = []
    errors: list[FieldError] = []
    for position, document in enumerate(documents):
        try:
            writes.append(ItemWrite.model_validate(document))
        except ValidationError as error:
            errors += [
                FieldError(field=f"items.{position}.{fault['field']}", message=fault["message"])
                for fault in invalid(error).errors[:ERRORS_PER_ITEM]
            ]
    return writes, errors
