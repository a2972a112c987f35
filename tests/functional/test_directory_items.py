"""A person's items, as administrators read them."""

from __future__ import annotations

import pytest

from chalicelib.accounts import people
from chalicelib.accounts.routes import accounts
from chalicelib.core.aws import telemetry
from chalicelib.directory.routes import directory
from chalicelib.items.routes import items
from tests.builders import a_user
from tests.functional.apps import ApiClient

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def api(aws):
    a_user(id="U1", email="ada@maths.example")
    client = ApiClient(items, directory, accounts)
    client.sign_in("U1")
    for key in ("language", "theme"):
        assert client.call("PUT", f"/me/items/{key}", {"item_value": {"of": key}}).status == 200
    return client


@pytest.mark.slow
def test_an_administrator_reads_them_as_their_owner_does(api):
    own = api.call("GET", "/me/items").body
    api.sign_in("A1", "admin")
    assert api.call("GET", "/users/U1/items").body == own
    first = api.call("GET", "/users/U1/items?limit=1").body
    assert api.call("GET", f"/users/U1/items?limit=1&cursor={first['next']}").body["items"] == own["items"][1:]
    with telemetry.recording() as record:
        answer = api.call("GET", "/users/U1/items/theme")
    assert (answer.body, answer.headers["ETag"]) == (own["items"][1], '"1"')
    assert record.names == ["GetItem", "GetItem"]
    assert api.call("GET", "/users/U1/items/theme", If_None_Match='"1"').status == 304


def test_of_who_is_not_there_or_gone_there_is_nothing(api):
    api.sign_in("A1", "admin")
    assert api.call("GET", "/users/U1/items/none").status == 404
    assert api.call("GET", "/users/U1/items/%20").status == 422
    assert api.call("GET", "/users/U9/items").status == 404
    assert api.call("DELETE", "/users/U1").status == 202
    assert people().find("U1") is None
    for path in ("/users/U1/items", "/users/U1/items/language"):
        assert api.call("GET", path).status == 404


@pytest.mark.parametrize("roles", [("support",), ("service",), ()])
def test_nobody_else_does(api, roles):
    api.sign_in("B1", *roles)
    for path in ("/users/U1/items", "/users/U1/items/language"):
        answer = api.call("GET", path)
        assert (answer.status, "language" in repr(answer.body)) == (403, False)
