"""Items over HTTP: a person's own, and many at once for services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, Field, SkipValidation

from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.core.http.routing import SERVICE, SIGNED_IN, ListQuery, Model, NoQuery, Reply, Request, declares
from chalicelib.items import store
from chalicelib.items.model import ItemWrite, name, storable
from chalicelib.items.queue import queue_items
from chalicelib.items.validation import check

if TYPE_CHECKING:
    from chalicelib.items.rows import ItemRow

items = Blueprint(__name__)

POST_LIMIT = 5 * 1024 * 1024
"""Of one `POST /items`. Lambda takes 6 MB in all:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class NewValue(Model):
    item_value: Annotated[Any, AfterValidator(storable)]
    """Any JSON up to 300 KB."""


class NewItems(Model):
    items: Annotated[list[SkipValidation[ItemWrite]], Field(min_length=1, max_length=1000)]
    """Not validated here: each item is checked by itself."""


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


@items.route("/me/items", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, query=ListQuery, answers={200: ItemList, 303: None})
def list_items(request: Request[None, ListQuery]) -> ItemList:
    """List my items by key."""
    page_request = request.page_request()
    result_page = store.items().listing(request.caller.id, limit=page_request.limit, start=page_request.start)
    return ItemList(items=[_view(row) for row in result_page.items], next=page_request.cursor(result_page.next))


@items.route("/me/items/{key}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: ItemView, 304: None})
def read_item(request: Request[None, NoQuery], key: str) -> Reply:
    """Read one of my items."""
    row = store.items().get(request.caller.id, _key(key))
    if row is None:
        raise NotFound("you have no item of that key")
    return Reply(_view(row), version=row["version"])


@items.route("/me/items/{key}", methods=["PUT"], content_types=[])
@declares(who=SIGNED_IN, body=NewValue, answers={200: ItemView})
def write_item(request: Request[NewValue, NoQuery], key: str) -> Reply:
    """Write one of my items, now."""
    version, existing = request.expected_version(), request.must_exist
    row = store.items().put(request.caller.id, _key(key), request.body.item_value, version, existing=existing)
    return Reply(_view(row), version=row["version"])


@items.route("/me/items/{key}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def delete_item(request: Request[None, NoQuery], key: str) -> None:
    """Delete one of my items."""
    if not store.items().delete(request.caller.id, _key(key), request.expected_version()):
        raise NotFound("you have no item of that key")


@items.route("/items", methods=["POST"], content_types=[])
@declares(who=SERVICE, body=NewItems, answers={202: Queued}, body_limit=POST_LIMIT, idempotent=True)
def write_items(request: Request[NewItems, NoQuery]) -> Queued:
    """Queue up to a thousand item writes, of any people. A bad one is reported, and its neighbours go on."""
    writes, errors = check(request.body.items)
    if not writes:
        raise Invalid(errors)
    queue_items(writes)
    return Queued(
        accepted=len(writes), errors=[Fault(field=error["field"], message=error["message"]) for error in errors]
    )


def _key(text: str) -> str:
    """The item's key in a path. Raises Invalid for what is no key."""
    try:
        return name(text)
    except ValueError as error:
        raise Invalid([FieldError(field="key", message=str(error))]) from error


def _view(row: ItemRow) -> ItemView:
    return ItemView.model_validate({**row, "item_value": store.value_of(row)})
