"""Ids of other systems have characters that a path cannot have as they are: every route gets them as they were before.

`auth0|5f/a b` is such an id. API Gateway hands parameters on as they were sent, percent-encoded.
"""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import quote

import pytest
from chalice import Blueprint

from app import app
from chalicelib.accounts.store import people
from chalicelib.core.http.declarations import ANYONE, routes_of
from chalicelib.core.http.models import AnyQuery
from chalicelib.core.http.replies import Reply
from chalicelib.core.http.routing import view_of
from chalicelib.events.change import events_of
from chalicelib.events.history import record_history
from tests.builders import a_user
from tests.functional.apps import ApiClient, blueprints
from tests.functional.streams import queue_event
from tests.unit.events.images import URL

FOREIGN = "auth0|5f/a b%2B"

WITH_PARAMETERS = [route for route in routes_of(app) if "{" in route.path]


@pytest.mark.parametrize("route", WITH_PARAMETERS, ids=lambda route: route.name)
def test_every_route_gets_the_parameters_of_its_path_as_they_were_before(route):
    got: dict[str, str] = {}

    def look(_request, **parameters):
        got.update(parameters)
        return Reply()

    looking, open_to_all = Blueprint("looking"), {"who": ANYONE, "query": AnyQuery, "body": None}
    declaration = dataclasses.replace(route.declaration, handler=look, answers={204: None}, **open_to_all)
    looking.route(route.path, methods=[*route.methods], name=route.name, content_types=[])(view_of(declaration))
    path = re.sub(r"{\w+}", quote(FOREIGN, safe=""), route.path)
    assert ApiClient(looking).call(route.method, path).status == 204
    assert got == dict.fromkeys(re.findall(r"{(\w+)}", route.path), FOREIGN)


def test_who_came_from_another_system_is_read_and_changed_and_has_a_history(aws, held_clock):
    api = ApiClient(*blueprints())
    api.sign_in("ROOT", "admin")
    person, path = a_user(id=FOREIGN, name="Ada"), f"/users/{quote(FOREIGN, safe='')}"
    assert api.call("GET", path).body["id"] == FOREIGN
    assert api.call("PATCH", path, {"name": "Ida"}).body["name"] == "Ida"
    record_history(
        queue_event("history", events_of("users", person, people().get(FOREIGN), False, public_url=URL))
    )
    (event,) = api.call("GET", f"{path}/history").body["items"]
    assert (event["subject"], event["data"]["changed"]) == (FOREIGN, ["name"])
    assert api.call("GET", f"{path}/mail").body == {"items": [], "next": None}
