"""The schemas that events point to can be read by anyone."""

from __future__ import annotations

import pytest

from chalicelib.events.catalog import CATALOG, schema
from chalicelib.events.routes import routes
from tests.functional.apps import ApiClient


@pytest.fixture
def api():
    return ApiClient(routes)


def test_every_schema_is_where_the_list_says(api):
    listed = api.call("GET", "/events/schemas").body
    assert listed["next"] is None
    assert [entry["type"] for entry in listed["items"]] == list(CATALOG)
    for entry in listed["items"]:
        path = entry["url"].removeprefix("https://rollcall.example")
        answer = api.call("GET", path)
        assert (answer.status, answer.body) == (200, schema(entry["type"], "1"))


@pytest.mark.parametrize("path", ["user.exploded/1", "user.updated/2"])
def test_no_other_schema_is_found(api, path):
    answer = api.call("GET", f"/events/schemas/{path}")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
