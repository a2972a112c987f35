"""The directory over HTTP: finding people, reading one as they are or were, and reading their items."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalice import Blueprint

from chalicelib import events
from chalicelib.accounts import PeopleFilters, people, people_finder, person_view
from chalicelib.accounts.schemas import DirectoryUser
from chalicelib.core import clock
from chalicelib.core.http.routing import ADMIN, SUPPORT, ListQuery, NoQuery, Reply, Request, declares, listing
from chalicelib.core.settings import settings
from chalicelib.directory.point_in_time import as_of
from chalicelib.directory.schemas import DirectoryQuery, PersonQuery, UserList
from chalicelib.items.views import ItemList, ItemView, listed, read
from chalicelib.profile import visibility
from chalicelib.profile.email_keys import email_key

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person

directory = Blueprint(__name__)

SETTLING = timedelta(minutes=2)
"""What changed longer ago is in history, unless its stream was lost: the sweep waits for as long."""


@directory.route("/users", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=DirectoryQuery, answers={200: UserList, 303: None})
def list_users(request: Request[None, DirectoryQuery]) -> dict[str, object]:
    """Find people by address, by the beginning of their name, by age, role or time of creation."""
    query, page_request = request.query, request.page_request()
    filters = PeopleFilters(
        email_key=email_key(query.email) if query.email else None,
        name=query.name,
        youngest=query.min_age if query.age is None else query.age,
        oldest=query.max_age if query.age is None else query.age,
        role=query.role,
        since=query.created_after,
        before=query.created_before,
    )
    people_found, next_start = people_finder().result_page(filters, page_request.limit, page_request.start)
    with_metadata = visibility.sees_all(request.caller.roles)
    return listing(
        [person_view(person, with_metadata=with_metadata) for person in people_found],
        page_request.cursor(next_start),
    )


@directory.route("/users/{user_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=PersonQuery, answers={200: DirectoryUser, 304: None})
def read_user(request: Request[None, PersonQuery], user_id: str) -> Reply:
    """Read a person, as they are or as they were at a time."""
    moment = request.query.at
    person = _person_at(user_id, moment) if moment else people().get(user_id)
    return Reply(
        person_view(person, with_metadata=visibility.sees_all(request.caller.roles)), version=person["version"]
    )


@directory.route("/users/{user_id}/items", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ItemList, 303: None})
def list_items_of(request: Request[None, ListQuery], user_id: str) -> ItemList:
    """List a person's items by key."""
    return listed(people().get(user_id)["id"], request.page_request())


@directory.route("/users/{user_id}/items/{key}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ItemView, 304: None})
def read_item_of(_: Request[None, NoQuery], user_id: str, key: str) -> Reply:
    """Read one of a person's items."""
    return read(people().get(user_id)["id"], key)


def _person_at(user_id: str, moment: str) -> Person:
    """The person as they were at a timestamp. Raises NotFound, Gone and Unavailable as `point_in_time.as_of` does.

    Costs one read of the person and, where they have changed since, one query of their history since then.
    """
    now = clock.now()
    return as_of(
        people().get_or_tombstone(user_id),
        events.changes_since(user_id, moment),
        moment,
        kept_since=clock.timestamp(now - timedelta(days=settings().history_days)),
        settled_until=clock.timestamp(now - SETTLING),
    )
