"""Machines' clients and their tokens, through the deployed stage."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from chalicelib.core import clock
from chalicelib.core.http.declarations import FORM
from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools.api import Api


def test_a_machine_from_its_client_to_its_removal(deployed):
    admin = recent_administrator(deployed)
    made = admin.call("POST", "/clients", {"name": "billing", "roles": ["service"]})
    assert made.status == 201, made.body
    client_id, secret = made.body["id"], made.body["secret"]
    listed = eventually(lambda: admin.call("GET", "/clients").body["items"], "the client in the list")
    assert client_id in [client["id"] for client in listed]
    assert admin.call("GET", f"/clients/{client_id}").headers["ETag"] == '"1"'

    machine = Api(deployed.anyone.url, token(deployed, client_id, secret), deployed.anyone.host)
    item = {"user_id": "01NOBODY", "item_id": "i-1", "item_key": "k", "item_value": 1, "at": clock.timestamp()}
    assert machine.call("POST", "/items", {"items": [item]}).status == 202
    assert machine.call("GET", "/me").status == machine.call("GET", "/clients").status == 403

    rotated = admin.call("POST", f"/clients/{client_id}/rotate", {"grace_seconds": 600})
    assert rotated.status == 200
    assert token(deployed, client_id, secret)
    assert token(deployed, client_id, rotated.body["secret"])
    assert ask(deployed, client_id, "rcs_wrong").status == 401

    assert admin.call("DELETE", f"/clients/{client_id}").status == 204
    assert machine.call("POST", "/items", {"items": [item]}).status == 401
    refused = ask(deployed, client_id, secret)
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")


def test_the_endpoint_takes_a_form_and_a_header_through_the_gateway(deployed):
    found = deployed.anyone.call("GET", "/.well-known/openid-configuration").body
    assert found["token_endpoint"] == f"{found['issuer']}/oauth2/token"
    basic = "Basic " + base64.b64encode(b"nobody:rcs_wrong").decode()
    form = urlencode({"grant_type": "client_credentials"}).encode()
    answer = deployed.anyone.call("POST", "/oauth2/token", form, Content_Type=FORM, Authorization=basic)
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert deployed.anyone.call("POST", "/oauth2/token", {}).body["error"] == "invalid_request"


def recent_administrator(deployed) -> Api:
    """An administrator who signed in just now: the stage's own did so when it began."""
    email = "clients-admin@example.com"
    person = register(deployed, email)
    user_id = person.call("GET", "/me").body["id"]
    assert deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["admin"]}).status == 200
    return deployed.anyone.signed_in(email, PASSWORD)


def ask(deployed, client_id: str, secret: str):
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return deployed.anyone.call("POST", "/oauth2/token", urlencode(form).encode(), Content_Type=FORM)


def token(deployed, client_id: str, secret: str) -> str:
    answer = ask(deployed, client_id, secret)
    assert answer.status == 200, answer.body
    return str(answer.body["access_token"])
