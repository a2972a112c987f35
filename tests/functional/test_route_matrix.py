"""Every route of the app, called by everybody: the answer is what its declaration implies, and refusals tell nothing.

All of it is derived from the declarations, so that a new route is in it at once; a path parameter of a new name wants a
line in NAMES. Who is refused calls the whole app, with real tokens, and so does who reads. Who may write calls the same
declaration over a function that does nothing: what the real ones do is tested where they are.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest
from chalice import Blueprint, Chalice

from app import app
from chalicelib import oauth
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.http.declarations import FORM, routes_of
from chalicelib.core.http.models import NoQuery
from chalicelib.core.http.replies import JSON, Reply
from chalicelib.core.http.routing import view_of
from chalicelib.core.http.step_up import Proof
from tests.cloudlike import stage
from tests.conftest import NOW
from tests.functional.apps import app_of, client_of
from tests.functional.everybody import CANARY, VICTIM, Asker, World
from tests.functional.operated import functions, measured
from tests.functional.unproved import UNPROVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.http.declarations import Route

NAMES = {
    "client_id": "made by the world",
    "connection_id": "none",
    "delivery_id": "01NONE",
    "erasure_id": "01NONE",
    "event_id": "users:01NONE:1:0",
    "event_type": "user.updated",
    "file": "account.js",
    "folder": "js",
    "identity_id": "01NONE",
    "job_id": "made by the world",
    "key": "note",
    "key_name": "signing-key",
    "letter_id": "none",
    "page": "confirm",
    "part": "people",
    "passkey_id": "b64url-none",
    "queue": "mail",
    "segment_id": "01NONE",
    "session_id": "made by the world",
    "thing": "01NONE",
    "token_id": "01NONE",
    "user_id": "made by the world",
    "version": "1",
    "view": "cohorts",
    "webhook_id": "made by the world",
}
"""What the parameters of paths name."""

ROUTES = sorted(routes_of(app), key=lambda route: (route.path, route.method))

OWN = [
    route
    for route in ROUTES
    if route.declaration.who is not None and not route.declaration.who and "{" in route.path
]
"""What a person does with a thing of theirs."""


def titled(route: Route) -> str:
    return f"{route.method} {route.path}"


def probing() -> Chalice:
    """An app of the same declarations, whose functions do nothing."""
    idle = Blueprint("idle")
    for route in routes_of(app):
        declaration = dataclasses.replace(
            route.declaration,
            handler=_do_nothing,
            answers={route.declaration.status: None},
            body=None,
            query=NoQuery,
            idempotent=False,
            proof_for=None,
        )
        declare = idle.route(route.path, methods=[*route.methods], name=route.name, content_types=[])
        declare(view_of(declaration))
    return app_of([idle], oauth.authenticate)


def _do_nothing(_request: Any, **_: str) -> Reply:
    return Reply()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Made once, as what is asked here changes nothing: each test looks whether that is so."""
    with (
        clock.held(NOW),
        stage() as cloud,
        client_of(app) as real,
        client_of(probing()) as probe,
        functions(),
        measured({}),
    ):
        made = World(cloud, real, probe, dict(NAMES))
        made.fill()
        yield made


def refusal(route: Route, asker: Asker) -> tuple[int, str] | None:
    """The status and type of the refusal that the declaration implies; None where the asker is let in."""
    if route.declaration.bearer:
        return 401, "invalid-token" if asker.authorization.lower().startswith("bearer ") else "about:blank"
    if route.declaration.who is None:
        return None
    if not asker.holds:
        return 401, "invalid-token" if asker.authorization.lower().startswith("bearer ") else "about:blank"
    if (route.declaration.who and not route.declaration.who & asker.roles) or (
        not route.declaration.who and not asker.person
    ):
        return 403, "about:blank"
    if route.declaration.proof >= Proof.PERSON and not asker.person:
        return 403, "about:blank"
    stale = route.declaration.proof >= Proof.RECENT and not asker.recent
    if stale or (route.declaration.proof is Proof.SECOND_FACTOR and not asker.second_factor):
        return 401, "step-up-required"
    return None


def may_see(route: Route, asker: Asker) -> bool:
    """Whether what others have may be in the answer."""
    return bool(asker.holds and route.declaration.who and asker.roles & route.declaration.who)


def called(world: World, route: Route, asker: Asker) -> Any:
    """The app's answer, or for a write that would be done, its declaration's."""
    path, token = world.path_of(route), asker.authorization
    if route.declaration.who is None and route.declaration.body is not None:
        return world.call(world.real, route.method, path, token, b"[]")
    if route.declaration.who is None or route.method == "GET" or refusal(route, asker):
        return world.call(world.real, route.method, path, token, b"{}" if route.declaration.body else b"")
    answer = world.call(world.probe, route.method, path, token)
    assert answer.status_code == route.declaration.status, (asker.name, answer.body)
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=titled)
def test_everybody_gets_what_the_declaration_implies(world, route):
    for asker in world.askers:
        refused, answer = refusal(route, asker), called(world, route, asker)
        about = (asker.name, answer.status_code, answer.body[:300])
        if refused:
            assert (answer.status_code, answer.json_body["type"]) == refused, about
            assert answer.headers["Content-Type"] == "application/problem+json", about
            assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401), about
        else:
            assert answer.status_code not in {401, 403}, about
            assert answer.status_code < 500, about
        if route.declaration.who is not None:
            assert answer.headers["Cache-Control"] == "no-store", about
        if refused or not may_see(route, asker):
            assert CANARY not in answer.body.decode("utf-8", "replace"), about
    assert world.changed() == []


@pytest.mark.slow
@pytest.mark.parametrize("route", OWN, ids=titled)
def test_anothers_thing_is_not_there_for_a_person(world, route):
    """The real functions, with what is the victim's in the path. Who sends no content learns nothing before that."""
    body = b"{}" if route.declaration.body else b""
    plain = world.asker("a person").authorization
    answer = world.call(world.real, route.method, world.path_of(route), plain, body)
    assert answer.status_code == (422 if route.declaration.body else 404), answer.body
    assert CANARY not in answer.body.decode()
    assert world.changed() == []


IMPOSSIBLE = {
    "longer than a partition key": "x" * 2049,
    "longer than a sort key": "x" * 1025,
    "long once encoded": "%C3%A9" * 1025,
    "no text": "%00",
    "no character": "%EF%BF%BF",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
@pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path], ids=titled)
def test_what_no_key_can_be_is_refused_or_not_there(world, route, name):
    """The real functions, for whoever is let in. What is made by a name is refused, and what is read is not there."""
    asker = next(asker for asker in world.askers if refusal(route, asker) is None)
    path, body = re.sub(r"{\w+}", name, route.path), b'{"item_value": 1}' if route.declaration.body else b""
    kind = FORM if FORM in route.declaration.media_types else JSON
    answer = world.call(world.real, route.method, path, asker.authorization, body, kind)
    listed = route.method == "GET" and answer.json_body and answer.json_body.get("items") == []
    assert answer.status_code in {404, 410, 422} or listed, (answer.status_code, answer.body[:300])
    assert world.changed() == []


def test_what_changes_something_wants_a_proof_or_says_why_not():
    """Fails for a route that changes something by an old token: let it declare a `proof`, or give the reason in
    UNPROVED. Fails too for a reason of what is no more."""
    changing = {
        titled(route) for route in ROUTES if route.method not in {"GET", "HEAD"} and not route.declaration.proof
    }
    assert changing == UNPROVED.keys()


READING = {"POST /events/replay/preview", "POST /imports/preview"}
"""What reads, and takes a body."""


@pytest.mark.parametrize("about", UNPROVED)
def test_no_administrators_power_works_by_an_old_token(about):
    """Among the exceptions is none of what administrators do to others."""
    (route,) = [route for route in ROUTES if titled(route) == about]
    assert not route.declaration.who or about in READING | {"POST /items"}


def test_what_hands_out_everybody_wants_a_second_factor():
    """The rule for reading: a page at a time is daily work, everybody at once is not."""
    proofs = {titled(route): route.declaration.proof for route in ROUTES}
    assert proofs["POST /exports"] is Proof.SECOND_FACTOR
    assert proofs["GET /imports/{job_id}/errors"] is Proof.RECENT
    assert proofs["GET /me/export"] is Proof.PERSON


def test_there_are_things_of_ones_own():
    assert {route.method for route in OWN} >= {"GET", "PUT", "DELETE"}


def test_every_parameter_of_a_path_names_something():
    """Fails for a new one: add it to NAMES, and to the world what it may name that is another person's."""
    assert {name for route in ROUTES for name in re.findall(r"{(\w+)}", route.path)} - NAMES.keys() == set()


def test_every_route_that_is_served_is_declared():
    """None was registered past the declarations, which all of this relies on."""
    served = {(method, path) for path, methods in app.routes.items() for method in methods if method != "OPTIONS"}
    assert served == {(method, route.path) for route in ROUTES for method in route.methods}


@pytest.mark.slow
def test_canaries_sing_for_those_who_may_hear_them(world):
    """Else their silence would say nothing."""
    admin, support = world.asker("an administrator"), world.asker("a person with support")
    for path in (f"/users/{VICTIM}", "/clients", "/webhooks", f"/webhooks/{world.names['webhook_id']}"):
        assert CANARY in world.call(world.real, "GET", path, admin.authorization).body.decode(), path
    assert CANARY in world.call(world.real, "GET", f"/users/{VICTIM}", support.authorization).body.decode()


@pytest.mark.slow
def test_a_row_that_a_request_writes_is_seen(world):
    """Else it would say nothing that none was."""
    row = {"id": "made by a refused request"}
    world.cloud.put("users", row)
    assert world.changed() == ["users"]
    clients.table("users").delete(row)
    assert world.changed() == []
