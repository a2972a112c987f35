"""Texts that people see are one line that hides nothing, at every door that takes one and wherever one is shown."""

from __future__ import annotations

import json

import pytest

from chalicelib.factors.routes import factors as factor_routes
from chalicelib.imports.progress import of_import
from chalicelib.mail.model import PLAIN, Mail
from chalicelib.mail_delivery.messages import write
from chalicelib.oauth.routes import oauth as machine_routes
from chalicelib.webhooks.routes import webhooks as webhook_routes
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.importing import StateMachines
from tests.functional.visitors import Visitor

pytestmark = pytest.mark.usefixtures("held_clock")

HIDING = [
    "a\nb",
    "a\r\nb",
    "a\tb",
    "bell\x07",
    "a\x1b[2Jb",
    "a\u202eb",
    "a\u2066b\u2069",
    "a\u200bb",
    "a\u2028b",
    "\u3164",
    "a\ufeff",
]

DOORS = {
    "a client's name": ("POST", "/clients", "name", {"roles": ["service"]}),
    "a passkey's name": ("POST", "/me/passkeys", "name", {"response": {}}),
    "a webhook's description": ("POST", "/webhooks", "description", {"url": "https://93.184.215.14/"}),
    "a webhook's new description": ("PATCH", "/webhooks/{webhook}", "description", {}),
}


@pytest.fixture
def api(aws):
    client = ApiClient(machine_routes, factor_routes, webhook_routes)
    client.sign_in("ROOT", "admin", second_factor=True)
    return client


@pytest.fixture
def webhook(api):
    return api.call("POST", "/webhooks", {"url": "https://93.184.215.14/", "description": "ours"}).body["id"]


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("text", HIDING, ids=ascii)
def test_a_text_that_hides_something_is_refused_at_every_door(api, webhook, door, text):
    method, path, field, rest = door
    answer = api.call(method, path.format(webhook=webhook), {field: text, **rest})
    assert answer.status == 422, answer
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert api.call("GET", f"/webhooks/{webhook}").body["description"] == "ours"


def test_what_can_be_seen_is_kept_as_it_is_seen(api, webhook):
    made = api.call("POST", "/clients", {"name": "  Cafe\u0301  till ", "roles": ["service"]})
    assert (made.status, made.body["name"]) == (201, "Caf\u00e9 till")
    changed = api.call("PATCH", f"/webhooks/{webhook}", {"description": "\u674e \U0001f469\u200d\U0001f52c"})
    assert changed.body["description"] == "\u674e \U0001f469\u200d\U0001f52c"
    assert api.call("PATCH", f"/webhooks/{webhook}", {"description": None}).body["description"] is None


@pytest.mark.parametrize(
    ("agent", "shown"),
    [("Firefox \u202exof", "Firefox xof"), ("a\x07\r\nb", "a b"), ("\u3164\u2800", None), ("x" * 300, "x" * 200)],
    ids=ascii,
)
def test_a_browser_is_shown_by_what_can_be_seen_of_its_name(aws, agent, shown):
    a_user(email="ada@maths.example", password=PASSWORD)
    ada = Visitor()
    assert ada.enter("ada@maths.example", User_Agent=agent).status == 201
    (session,) = ada.call("GET", "/sessions").body["items"]
    assert session["agent"] == shown


@pytest.mark.slow
def test_a_file_is_shown_by_what_can_be_seen_of_its_name(aws):
    state_machines = StateMachines(aws)
    job = state_machines.drop(json.dumps([{"name": "Ada"}]).encode(), "imports/nosj\u202e.txt.json")
    assert (job["status"], of_import(job)["source"]) == ("finished", "imports/nosj.txt.json")


@pytest.mark.parametrize(
    "subject", ["Hello\u202e there", "Hello\r\nBcc: x@y.example", "Hello\u2066 \u200bthere"], ids=ascii
)
def test_a_subject_is_one_line_that_hides_nothing(subject):
    written = write(Mail("M1", PLAIN, "ada@maths.example", data={"subject": subject, "body": "b"}))
    assert written.subject in {"Hello there", "Hello Bcc: x@y.example"}
