"""What is shown of a person's items over HTTP: to themselves, and to administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.core.http.replies import Reply
from chalicelib.items import store
from chalicelib.items.model import name

if TYPE_CHECKING:
    from chalicelib.core.http.requests import PageRequest
    from chalicelib.items.rows import ItemRow


class ItemView(BaseModel):
    """An item as its owner sees it. `size` and `sha256` are of the value as compact JSON in UTF-8."""

    item_key: str
    item_value: Any
    item_id: str
    at: str
    size: int
    sha256: str
    created_at: str
    updated_at: str
    version: int


class ItemList(BaseModel):
    items: list[ItemView]
    next: str | None


def listed(user_id: str, page_request: PageRequest) -> ItemList:
    """A result page of a person's items, by key."""
    result_page = store.items().listing(user_id, limit=page_request.limit, start=page_request.start)
    return ItemList(items=[view(row) for row in result_page.items], next=page_request.cursor(result_page.next))


def read(user_id: str, key: str) -> Reply:
    """One of a person's items, by the key as it stands in a path. Raises NotFound, and Invalid for what is no key."""
    row = store.items().get(user_id, key_in(key))
    if row is None:
        raise NotFound("there is no item of that key")
    return Reply(view(row), version=row["version"])


def key_in(text: str) -> str:
    """The item's key in a path. Raises Invalid for what is no key."""
    try:
        return name(text)
    except ValueError as error:
        raise Invalid([FieldError(field="key", message=str(error))]) from error


def view(row: ItemRow) -> ItemView:
    """An item as its row has it."""
    return ItemView.model_validate({**row, "item_value": store.value_of(row)})
