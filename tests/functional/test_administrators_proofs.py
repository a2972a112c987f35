"""What administrators prove before something lasts: by real tokens, through the routes."""

from __future__ import annotations

import pytest

from chalicelib import oauth
from chalicelib.accounts.first_administrator import create_admin
from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.oauth import model
from chalicelib.oauth.routes import oauth as machine_routes
from chalicelib.tokens import access_tokens
from tests.builders import PASSWORD, a_user, an_admin
from tests.functional.apps import ApiClient
from tests.functional.enrolled import app_of, key_of
from tests.functional.visitors import Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ROOT = "root@maths.example"


@pytest.fixture
def root(aws):
    an_admin(id="ROOT", email=ROOT, password=PASSWORD)
    a_user(id="U1", email="ada@maths.example", password=PASSWORD)
    return visitor(ROOT)


@pytest.fixture
def required():
    """A stage where administrators need a second factor."""
    with settings.held(admin_second_factor="required"):
        yield


def proved(person: Visitor) -> Visitor:
    """The same, who has enrolled an app and proved it."""
    app = app_of(person)
    assert person.call("POST", "/sessions/current/step-up", {"otp": app.code()}).status == 204
    return person


def roles_of(token: str) -> list[str]:
    import jwt

    return jwt.decode(token, options={"verify_signature": False}).get("roles", [])


@pytest.mark.slow
def test_an_administrator_is_made_by_two_factors_only(root, aws):
    answer = root.call("PUT", "/users/U1/roles", {"roles": ["admin"]})
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    assert root.call("PUT", "/users/U1/roles", {"roles": ["support"]}).status == 200
    assert proved(root).call("PUT", "/users/U1/roles", {"roles": ["admin"]}).status == 200
    clock.tick(seconds=400)
    assert root.call("PUT", "/users/U1/roles", {"roles": []}).status == 401


@pytest.mark.slow
def test_an_administrator_is_let_in_again_by_two_factors_only(root):
    an_admin(id="OLD", status="disabled")
    assert root.call("POST", "/users/OLD/enable").status == 401
    assert proved(root).call("POST", "/users/OLD/enable").body["status"] == "active"


def test_an_administrators_machine_is_made_and_gets_a_secret_by_two_factors_only(aws):
    api = ApiClient(machine_routes)
    api.sign_in("ROOT", "admin")
    assert api.call("POST", "/clients", {"name": "x", "roles": ["admin"]}).status == 401
    api.sign_in("ROOT", "admin", second_factor=True)
    made = api.call("POST", "/clients", {"name": "x", "roles": ["admin"]})
    assert made.status == 201
    api.sign_in("ROOT", "admin")
    assert api.call("POST", f"/clients/{made.body['id']}/rotate", {}).status == 401
    assert api.call("DELETE", f"/clients/{made.body['id']}").status == 204


def test_a_machine_provisions_by_a_fresh_token_and_gives_nobody_roles(root):
    client, _ = model.new_client("provisioning", ["admin"])
    oauth.clients().create(client)
    robot = Visitor()
    robot.access_token = access_tokens.issue_to_client(client["client_id"], ["admin"], 1).token
    assert robot.call("POST", "/users/U1/disable").status == 200
    assert robot.call("POST", "/users/U1/enable").status == 200
    assert robot.call("PUT", "/users/U1/roles", {"roles": ["support"]}).status == 403
    invitation = {"email": "bea@maths.example", "roles": ["support"]}
    assert robot.call("POST", "/users/invite", invitation).status == 403
    assert robot.call("POST", "/users/invite", {"email": "bea@maths.example"}).status == 201
    clock.tick(seconds=301)
    answer = robot.call("POST", "/users/U1/disable")
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    assert robot.call("GET", "/users/U1").body["status"] == "active"


@pytest.mark.slow
def test_administrators_without_a_second_factor_are_told_so(root):
    assert root.call("GET", "/me/factors").body["wanted"] == "advised"
    assert Visitor().enter(ROOT).body["second_factor"] == "advised"
    ada = Visitor()
    assert "second_factor" not in ada.enter("ada@maths.example").body
    assert "wanted" not in ada.call("GET", "/me/factors").body
    app = app_of(root)
    assert "wanted" not in root.call("GET", "/me/factors").body
    answer = Visitor().call("POST", "/sessions", {"email": ROOT, "password": PASSWORD, "otp": app.code()})
    assert "second_factor" not in answer.body


@pytest.mark.slow
def test_where_one_is_required_the_role_works_in_no_session_without(required, root):
    """It is in no token either, and the refusal says what to do."""
    assert root.call("GET", "/me/factors").body["wanted"] == "required"
    assert root.call("GET", "/me").body["roles"] == ["admin"]
    assert roles_of(root.access_token) == []
    refused = root.call("GET", "/users/U1")
    assert refused.status == 403
    assert "administrators need a second factor" in refused.body["detail"]
    assert "POST /me/totp" in refused.body["detail"]
    proved(root)
    assert root.call("GET", "/users/U1").status == 200
    root.refresh()
    assert roles_of(root.access_token) == ["admin"]
    clock.tick(seconds=301)
    assert root.call("GET", "/users/U1").status == 200


def test_where_one_is_required_other_roles_work_without(required, aws):
    a_user(id="U1", email="ada@maths.example", password=PASSWORD, roles=["admin", "support"])
    both = visitor("ada@maths.example")
    assert roles_of(both.access_token) == ["support"]
    assert "metadata" not in {name for name, value in both.call("GET", "/users/U1").body.items() if value}
    assert both.call("POST", "/users/U1/enable").status == 403


@pytest.mark.slow
def test_a_passkey_is_two_factors(required, root):
    key = key_of(root)
    fresh = Visitor()
    options = fresh.call("POST", "/sessions/passkey/options").body
    answer = fresh.call("POST", "/sessions/passkey", {"response": key.get(options)})
    assert roles_of(answer.body["access_token"]) == ["admin"]


@pytest.mark.slow
def test_the_first_administrator_of_prod_enrols_and_gets_to_work(required, aws):
    made = create_admin({"email": ROOT})
    first = Visitor()
    assert first.enter(ROOT, made["password"]).body["second_factor"] == "required"
    a_user(id="U1")
    assert first.call("POST", "/users/U1/disable").status == 403
    app = app_of(first)
    assert first.call("POST", "/users/U1/disable").status == 403
    assert first.call("POST", "/sessions/current/step-up", {"otp": app.code()}).status == 204
    assert first.call("POST", "/users/U1/disable").status == 200
