"""`chalice local` serves the same API beside a deployed stage, as the API function's own role, as `make run` has it."""

from __future__ import annotations

import pytest

from infra import stage as stages
from tests.cloud.conftest import free_port
from tests.cloud.people import PASSWORD, register
from tools.api import Api
from tools.localapi import LocalApi


@pytest.fixture(scope="module")
def local(deployed, tmp_path_factory):
    port = free_port()
    api = LocalApi(stages.load("local"), deployed.running, port, tmp_path_factory.mktemp("local"))
    try:
        api.start()
        yield Api(f"http://127.0.0.1:{port}")
    finally:
        api.stop()


def test_a_person_signs_in_and_keeps_an_item(deployed, local):
    register(deployed, "laptop@example.com")
    person = local.signed_in("laptop@example.com", PASSWORD)
    assert person.call("GET", "/me").body["email"] == "laptop@example.com"
    assert person.call("PUT", "/me/items/a%3Ab", {"item_value": 1}).status in {200, 201}
    assert person.call("GET", "/me/items/a:b").body["item_value"] == 1


def test_what_is_refused_is_a_problem_document(local):
    answer = Api(local.url, token="x.y.z").call("GET", "/me")
    assert (answer.status, answer.body["type"]) == (401, "invalid-token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert local.call("GET", "/users/nobody%2Fhere").status == 401
