"""`chalice local` serves the same API beside a deployed stage, as the API function's own role, as `make run` has it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from infra import stage as stages
from tests.cloud.conftest import free_port
from tests.cloud.people import PASSWORD, register
from tools import mailbox
from tools.api import Api
from tools.localapi import LocalApi
from tools.tour import tour


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


def test_the_printed_tour_works_when_pasted(deployed, local):
    port = free_port()
    served = mailbox.start(port, deployed.running.endpoint)
    try:
        printed = tour(
            api=local.url,
            deployed=deployed.anyone.url,
            mailbox=f"http://localhost:{port}",
            cloud=deployed.running.endpoint,
            uploads=deployed.bucket("uploads"),
            administrator=deployed.administrator["email"],
            password=deployed.administrator["password"],
            logs=(Path("api.log"), Path("cloud.log")),
        )
        commands = printed.partition("in another terminal:")[2].partition("Ctrl-C")[0]
        pasted = subprocess.run(["bash", "-u"], input=commands, capture_output=True, text=True, timeout=600)
    finally:
        served.shutdown()
        served.server_close()
    assert (pasted.returncode, pasted.stderr) == (0, "")
    registered, confirmed, me, aged_36, imports, found, accepted, items, history = documents(pasted.stdout)
    assert registered["status"] == "accepted"
    assert confirmed["email"] == me["email"] == "ada@example.com"
    assert {person["age"] for person in aged_36["items"]} == {36}
    assert imports["items"][0]["counts"]["created"] == 1
    assert [person["name"] for person in found["items"]] == ["Grace Hopper"]
    assert accepted == {"accepted": 1, "errors": []}
    assert [(item["item_key"], item["item_value"]) for item in items["items"]] == [("theme", "dark")]
    assert "user.registered" in {event["type"] for event in history["items"]}


def documents(text):
    """JSON documents one after the other, as curl prints them."""
    found = []
    while text := text.lstrip():
        document, end = json.JSONDecoder().raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def test_what_is_refused_is_a_problem_document(local):
    answer = Api(local.url, token="x.y.z").call("GET", "/me")
    assert (answer.status, answer.body["type"]) == (401, "invalid-token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert local.call("GET", "/users/nobody%2Fhere").status == 401
