"""Items over HTTP."""

from __future__ import annotations

import json

import pytest

from chalicelib import items
from chalicelib.items.ingest import take_queued_items
from chalicelib.items.routes import items as routes
from tests.functional.apps import ApiClient
from tests.functional.serial import one_call_at_a_time

DOCUMENT = {
    "user_id": "U1",
    "item_id": "W1",
    "item_key": "theme",
    "item_value": {"dark": True},
    "at": "2026-03-01T11:00:00Z",
}


@pytest.fixture
def api(aws, held_clock):
    client = ApiClient(routes)
    client.sign_in("U1")
    return client


@pytest.mark.slow
def test_an_item_is_written_read_and_deleted(api):
    written = api.call("PUT", "/me/items/theme", {"item_value": {"dark": True}})
    assert written.status == 200
    assert written.headers["ETag"] == '"1"'
    read = api.call("GET", "/me/items/theme")
    assert read.body == written.body
    assert read.body["item_value"] == {"dark": True}
    assert read.body["size"] == len('{"dark":true}')
    assert api.call("DELETE", "/me/items/theme").status == 204
    assert api.call("GET", "/me/items/theme").status == 404
    assert api.call("DELETE", "/me/items/theme").status == 404
    assert api.call("PUT", "/me/items/theme", {"item_value": None}).body["item_value"] is None
    assert api.call("GET", "/me/items/theme").body["item_value"] is None


def test_another_person_has_other_items(api):
    api.call("PUT", "/me/items/theme", {"item_value": 1})
    api.sign_in("U2")
    assert api.call("GET", "/me/items/theme").status == 404
    assert api.call("GET", "/me/items").body == {"items": [], "next": None}


@pytest.mark.slow
def test_if_match_guards_writes_and_deletions(api):
    api.call("PUT", "/me/items/theme", {"item_value": 1})
    assert api.call("PUT", "/me/items/theme", {"item_value": 2}, If_Match='"1"').headers["ETag"] == '"2"'
    assert api.call("PUT", "/me/items/theme", {"item_value": 3}, If_Match='"1"').status == 412
    assert api.call("DELETE", "/me/items/theme", If_Match='"1"').status == 412
    assert api.call("DELETE", "/me/items/theme", If_Match='"2"').status == 204


def test_if_match_of_anything_writes_only_what_is_there(api):
    anything = {"If_Match": "*"}
    assert api.call("PUT", "/me/items/theme", {"item_value": 1}, **anything).status == 412
    assert api.call("GET", "/me/items/theme").status == 404
    api.call("PUT", "/me/items/theme", {"item_value": 2})
    assert api.call("PUT", "/me/items/theme", {"item_value": 3}, **anything).body["version"] == 2
    api.call("DELETE", "/me/items/theme")
    assert api.call("PUT", "/me/items/theme", {"item_value": 4}, **anything).status == 412


BAD_WRITES = [
    ("/me/items/theme", {}, "item_value"),
    ("/me/items/theme", {"item_value": 1, "at": "now"}, "at"),
    ("/me/items/theme", {"item_value": "x" * 307_300}, "item_value"),
    ("/me/items/.theme", {"item_value": 1}, "key"),
    ("/me/items/" + "a" * 256, {"item_value": 1}, "key"),
]


def test_a_bad_write_names_its_field(api):
    for path, body, field in BAD_WRITES:
        answer = api.call("PUT", path, body)
        assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, [field])


@pytest.mark.slow
def test_a_list_goes_on_by_cursor(api):
    for key in "abcde":
        api.call("PUT", f"/me/items/{key}", {"item_value": key})
    api.call("DELETE", "/me/items/b")
    seen, cursor = [], ""
    while cursor is not None:
        page = api.call("GET", f"/me/items?limit=2{cursor and '&cursor='}{cursor}").body
        seen += [item["item_key"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["a", "c", "d", "e"]


def test_a_bad_query_is_refused(api):
    for query in ("limit=0", "limit=201", "limit=x", "cursor=x", "colour=red"):
        assert api.call("GET", f"/me/items?{query}").status == 422, query


@pytest.mark.slow
def test_a_cursor_is_its_callers(api):
    for key in "abc":
        api.call("PUT", f"/me/items/{key}", {"item_value": key})
    cursor = api.call("GET", "/me/items?limit=1").body["next"]
    api.sign_in("U2")
    assert api.call("GET", f"/me/items?limit=1&cursor={cursor}").status == 422


def test_services_queue_items_of_anybody(api, aws):
    api.sign_in("S1", "service")
    answer = api.call("POST", "/items", {"items": [DOCUMENT, {**DOCUMENT, "item_key": "font"}]})
    assert (answer.status, answer.body) == (202, {"accepted": 2, "errors": []})
    with one_call_at_a_time():
        take_queued_items({"Records": aws.take("items")})
    rows = aws.rows("items")
    assert {row["item_key"]: items.value_of(row) for row in rows} == {
        "theme": {"dark": True},
        "font": {"dark": True},
    }
    assert {row["changed_by"] for row in rows} == {"S1"}
    assert {row["request_id"] for row in rows} == {answer.headers["X-Request-Id"]}


def test_a_bad_item_is_reported_and_its_neighbours_are_queued(api, aws):
    api.sign_in("A1", "admin")
    answer = api.call("POST", "/items", {"items": [DOCUMENT, {**DOCUMENT, "at": "never"}, {}, 7]})
    assert (answer.status, answer.body["accepted"]) == (202, 1)
    fields = [error["field"] for error in answer.body["errors"]]
    assert fields == ["items.1.at", *(f"items.2.{field}" for field in DOCUMENT), "items.3.(document)"]
    (message,) = aws.bodies("items")
    assert [item["item_key"] for item in message["items"]] == ["theme"]


def test_a_request_of_bad_items_alone_is_refused(api, aws):
    api.sign_in("A1", "admin")
    answer = api.call("POST", "/items", {"items": [{**DOCUMENT, "at": "never"}]})
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (422, ["items.0.at"])
    assert aws.take("items") == []


def test_a_request_holds_1_to_1000_items_in_five_megabytes(api):
    api.sign_in("A1", "admin")
    for count, status in ((0, 422), (1, 202), (1000, 202), (1001, 422)):
        assert api.call("POST", "/items", {"items": [DOCUMENT] * count}).status == status
    body = json.dumps({"items": [DOCUMENT]}).encode()
    assert api.call("POST", "/items", body.ljust(5 * 1024 * 1024), Content_Type="application/json").status == 202
    assert (
        api.call("POST", "/items", body.ljust(5 * 1024 * 1024 + 1), Content_Type="application/json").status == 413
    )


def test_the_same_request_again_is_queued_once(api, aws):
    api.sign_in("S1", "service")
    for _ in range(2):
        assert api.call("POST", "/items", {"items": [DOCUMENT]}, Idempotency_Key="once").status == 202
    assert len(aws.take("items")) == 1


def test_people_may_not_queue_items(api):
    assert api.call("POST", "/items", {"items": [DOCUMENT]}).status == 403
    api.sign_out()
    assert api.call("GET", "/me/items").status == 401
