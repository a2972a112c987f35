"""Items over HTTP: a person's own, and many at once for services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, SkipValidation

from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.core.http import cursors
from chalicelib.core.http.declarations import (
    SERVICE,
    SIGNED_IN,
    ListQuery,
    Model,
    NoQuery,
    Reply,
    Request,
    Routes,
)
from chalicelib.items.model import ItemWrite, name, storable
from chalicelib.items.queue import queue_items
from chalicelib.items.store import items, value_of
from chalicelib.items.validation import check

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

routes = Routes("items")

POST_LIMIT = 5 * 1024 * 1024
"""Of one `POST /items`. Lambda takes 6 MB in all:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class NewValue(Model):
    item_value: Annotated[Any, AfterValidator(storable)]
    """Any JSON up to 300 KB."""


class NewItems(Model):
    items: Annotated[list[SkipValidation[ItemWrite]], Field(min_length=1, max_length=1000)]
    """As they came: each is checked on its own."""


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


class Fault(BaseModel):
    field: str
    message: str


class Queued(BaseModel):
    """`accepted` items will be stored; `errors` names what is wrong with the others, as `items.<position>.<field>`."""

    accepted: int
    errors: list[Fault]


@routes.get("/me/items", who=SIGNED_IN, query=ListQuery, returns=ItemList)
def list_items(request: Request[None, ListQuery]) -> ItemList:
    """List my items by key."""
    binding = ("/me/items", request.caller.id)
    start = cursors.open_sealed(request.query.cursor, *binding) if request.query.cursor else None
    page = items().page(request.caller.id, limit=request.query.limit, start=start)
    following = cursors.seal(page.next, *binding) if page.next else None
    return ItemList(items=[_view(item) for item in page.items], next=following)


@routes.get("/me/items/{key}", who=SIGNED_IN, returns=ItemView)
def read_item(request: Request[None, NoQuery], key: str) -> Reply:
    """Read one of my items."""
    item = items().get(request.caller.id, _key(key))
    if item is None:
        raise NotFound("you have no item of that key")
    return Reply(_view(item), version=item["version"])


@routes.put("/me/items/{key}", who=SIGNED_IN, body=NewValue, returns=ItemView)
def write_item(request: Request[NewValue, NoQuery], key: str) -> Reply:
    """Write one of my items, now."""
    version, existing = request.expected_version(), request.must_exist
    item = items().put(request.caller.id, _key(key), request.body.item_value, version, existing=existing)
    return Reply(_view(item), version=item["version"])


@routes.delete("/me/items/{key}", who=SIGNED_IN)
def delete_item(request: Request[None, NoQuery], key: str) -> None:
    """Delete one of my items."""
    if not items().delete(request.caller.id, _key(key), request.expected_version()):
        raise NotFound("you have no item of that key")


@routes.post(
    "/items",
    who=SERVICE,
    body=NewItems,
    returns=Queued,
    status=202,
    body_limit=POST_LIMIT,
    idempotent=True,
)
def write_items(request: Request[NewItems, NoQuery]) -> Queued:
    """Queue up to a thousand item writes, of any people. A bad one is reported, and its neighbours go on."""
    writes, errors = check(request.body.items)
    if not writes:
        raise Invalid(errors)
    queue_items(writes)
    return Queued(accepted=len(writes), errors=[Fault(**error) for error in errors])


def _key(text: str) -> str:
    """The key in a path. Raises Invalid for what is none."""
    try:
        return name(text)
    except ValueError as error:
        raise Invalid([FieldError(field="key", message=str(error))]) from error


def _view(item: Item) -> ItemView:
    return ItemView.model_validate({**item, "item_value": value_of(item)})
