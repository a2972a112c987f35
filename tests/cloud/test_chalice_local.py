"""`chalice local` serves the same API beside a deployed stage, as the API function's own role, as `make run` has it."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from infra import stage as stages
from infra.stage import ROOT
from tests.cloud.conftest import free_port
from tests.cloud.people import PASSWORD, register
from tools import mailbox, running_stage
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


def test_the_tour_works_when_pasted(deployed, local, tmp_path):
    port = free_port()
    served = mailbox.start(port, deployed.running.endpoint)
    administrator = deployed.administrator
    (tmp_path / ".run").mkdir()
    running_stage.write(
        tmp_path / ".run",
        api=local.url,
        mailbox=f"http://localhost:{port}",
        administrator=administrator["email"],
        password=administrator["password"],
    )
    here = {
        "http://localhost:8000": local.url,
        "http://localhost:8025": f"http://localhost:{port}",
        "http://localhost:4566": deployed.running.endpoint,
        "rollcall-local-uploads-000000000000-us-east-1": deployed.bucket("uploads"),
        "admin@rollcall.example": administrator["email"],
    }
    commands = "\n".join(
        re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "tour.md").read_text("utf-8"), re.S | re.M)
    )
    for named, present in here.items():
        assert named in commands
        commands = commands.replace(named, present)
    try:
        pasted = subprocess.run(
            ["bash", "-u"], input=commands, capture_output=True, text=True, timeout=600, cwd=tmp_path
        )
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
