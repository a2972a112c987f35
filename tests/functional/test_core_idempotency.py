"""`Idempotency-Key`: the same request again has the first one's answer, and no second effect."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.core.http import idempotency
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash
from tests.functional.test_core_http import GOOD, handled, routes

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def api(aws):
    handled.clear()
    client = ApiClient(routes)
    client.sign_in("U1")
    return client


def post(api, body=GOOD, key="k1"):
    return api.call("POST", "/things", body, Idempotency_Key=key)


def test_the_same_request_again_has_the_first_answer_and_no_effect(api):
    first, second = post(api), post(api)
    assert handled == ["lamp"]
    assert (second.status, second.body, second.headers["X-Made"]) == (201, first.body, "1")


def test_without_a_key_each_request_counts(api):
    api.call("POST", "/things", GOOD)
    api.call("POST", "/things", GOOD)
    assert handled == ["lamp", "lamp"]


def test_another_body_under_the_same_key_is_422(api):
    post(api)
    answer = post(api, {**GOOD, "size": 4})
    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "Idempotency-Key"
    assert handled == ["lamp"]


def test_a_key_is_its_caller_s_own(api):
    post(api)
    api.sign_in("U2")
    post(api, {"name": "chair", "size": 1})
    assert handled == ["lamp", "chair"]


def test_a_refusal_is_not_kept(api):
    for _ in range(2):
        assert post(api, {"name": "taken", "size": 1}).status == 409
    assert handled == ["taken", "taken"]


def test_a_key_dies_after_a_day_though_dynamodb_removes_it_later(api):
    post(api)
    clock.tick(hours=24)
    post(api, {"name": "chair", "size": 1})
    assert handled == ["lamp", "chair"]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(api, key):
    with pytest.raises(Exception, match="1 to 255"):
        idempotency.once("scope", key, b"", dict)
    assert post(api, key="x" * 255).status == 201


@pytest.mark.parametrize("key", ["\u00ff", "\ud800", "\x00", "a\tb", "\u00e9" * 200, "\U0001f600"], ids=ascii)
def test_a_key_is_ascii_that_can_be_seen(api, key):
    """What it is kept under is made of its bytes, and half of a surrogate pair has none."""
    refused = post(api, key=key)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert handled == []


def test_a_request_that_still_runs_is_409_and_one_that_died_may_be_repeated(aws):
    def meanwhile():
        with pytest.raises(Conflict, match="is still running"):
            idempotency.once("scope", "k", b"", dict)
        raise Crash

    with pytest.raises(Crash):
        idempotency.once("scope", "k", b"", meanwhile)
    with pytest.raises(Conflict, match="is still running"):
        idempotency.once("scope", "k", b"", dict)
    clock.tick(seconds=idempotency.RUNNING_SECONDS + 1)
    assert idempotency.once("scope", "k", b"", lambda: {"made": 1}) == {"made": 1}


def test_what_is_kept_is_neither_body_nor_answer_to_who_lacks_the_key(aws, api):
    answer = post(api, {"name": "lamp", "size": 31337})
    (row,) = aws.rows("idempotency")
    assert answer.body["name"] == "lamp"
    assert not any(told in repr(row) for told in ("31337", "lamp"))
    assert row["expires_at"] == clock.epoch() + 86400
