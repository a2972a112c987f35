"""Items over HTTP: a person's own, and many at once for services."""

from __future__ import annotations

from typing import Annotated, Any

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, Field, SkipValidation

from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.http.routing import SERVICE, SIGNED_IN, ListQuery, Model, NoQuery, Reply, Request, declares
from chalicelib.items import store
from chalicelib.items.model import ItemWrite, storable
from chalicelib.items.queue import queue_items
from chalicelib.items.validation import check
from chalicelib.items.views import ItemList, ItemView, key_in, listed, read, view

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
    return listed(request.caller.id, request.page_request())


@items.route("/me/items/{key}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: ItemView, 304: None})
def read_item(request: Request[None, NoQuery], key: str) -> Reply:
    """Read one of my items."""
    return read(request.caller.id, key)


@items.route("/me/items/{key}", methods=["PUT"], content_types=[])
@declares(who=SIGNED_IN, body=NewValue, answers={200: ItemView})
def write_item(request: Request[NewValue, NoQuery], key: str) -> Reply:
    """Write one of my items, now."""
    version, existing = request.expected_version(), request.must_exist
    row = store.items().put(request.caller.id, key_in(key), request.body.item_value, version, existing=existing)
    return Reply(view(row), version=row["version"])


@items.route("/me/items/{key}", methods=["DELETE"], content_types=[])
@declares(who=SIGNED_IN, answers={204: None})
def delete_item(request: Request[None, NoQuery], key: str) -> None:
    """Delete one of my items."""
    if not store.items().delete(request.caller.id, key_in(key), request.expected_version()):
        raise NotFound("there is no item of that key")


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
