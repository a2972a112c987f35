"""The schemas that events point to can be read by anyone."""

from __future__ import annotations

import json

import pytest

from chalicelib.events.catalog import CATALOG, schema
from chalicelib.events.routes import events as routes
from tests.functional.apps import ApiClient
from tests.unit.events.test_catalog import EVENTS
from tools.event_schemas import FOLDER


@pytest.fixture
def api():
    return ApiClient(routes)


@pytest.mark.slow
def test_every_schema_is_where_the_list_says(api):
    listed = api.call("GET", "/events/schemas").body
    assert listed["next"] is None
    assert [entry["type"] for entry in listed["items"]] == list(CATALOG)
    for entry in listed["items"]:
        path = entry["url"].removeprefix("https://rollcall.example")
        answer = api.call("GET", path)
        assert (answer.status, answer.body) == (200, schema(entry["type"], "1"))


@pytest.mark.slow
def test_the_schema_of_every_event_is_where_the_event_says_and_as_the_docs_have_it(api):
    for event in EVENTS:
        path = event["dataschema"].removeprefix("https://rollcall.example")
        assert api.call("GET", path).body == json.loads((FOLDER / f"{event['type']}.v1.json").read_text())


def test_schemas_may_be_kept_by_whoever_reads_them_and_what_is_not_there_may_not(api):
    for path in ("", "/user.updated/1"):
        assert api.call("GET", f"/events/schemas{path}").headers["Cache-Control"] == "public, max-age=3600"
    assert api.call("GET", "/events/schemas/user.updated/2").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["user.exploded/1", "user.updated/2"])
def test_no_other_schema_is_found(api, path):
    answer = api.call("GET", f"/events/schemas/{path}")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
