"""Applications register themselves (RFC 7591) by a token that an administrator made, and get no more than it allows."""

from __future__ import annotations

import json
from itertools import count

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.oauth.registration.store import TokenUsedUp, registration_tokens
from chalicelib.oauth.registration_routes import registrations
from chalicelib.oauth.routes import oauth
from tests.functional.apps import ApiClient
from tests.functional.test_oauth_registered import key_pair

pytestmark = pytest.mark.usefixtures("held_clock")

CALLBACK = "https://tool.example/callback"
SDK = {
    "client_name": "MCP Tool",
    "redirect_uris": ["http://127.0.0.1:3030/callback"],
    "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "software_id": "unknown to us",
    "contacts": ["someone@tool.example"],
}
"""As the Python SDK of the Model Context Protocol sends it."""


@pytest.fixture
def api(aws):
    with settings.held(client_registration="token"):
        client = ApiClient(oauth, registrations)
        client.sign_in("A1", "admin")
        yield client


def token_of(api, **wanted) -> str:
    answer = api.call("POST", "/clients/registration-tokens", wanted)
    assert answer.status == 201, answer.body
    return str(answer.body["token"])


def register(api, token: str, **metadata):
    return api.call("POST", "/oauth2/register", {**SDK, **metadata}, Authorization=f"Bearer {token}")


def test_a_tool_registers_itself_as_a_public_third_party(aws, api):
    answer = register(api, token_of(api))
    assert answer.status == 201, answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    registered = answer.body
    assert "client_secret" not in registered
    assert registered["client_id_issued_at"] == clock.epoch()
    assert registered["scope"] == "openid profile email offline_access"
    assert {name: registered[name] for name in ("redirect_uris", "grant_types", "token_endpoint_auth_method")} == {
        name: SDK[name] for name in ("redirect_uris", "grant_types", "token_endpoint_auth_method")
    }
    client = api.call("GET", f"/clients/{registered['client_id']}").body
    assert (client["type"], client["first_party"], client["source"]) == ("public", False, "registration")
    assert (client["name"], client["roles"], client["audiences"]) == ("MCP Tool", [], [])
    (record,) = aws.rows("clients")
    assert record["source"] == "registration"


def test_a_confidential_one_gets_a_secret_or_brings_its_keys(api):
    token = token_of(api, uses=2)
    with_secret = register(api, token, token_endpoint_auth_method="client_secret_post").body
    assert (with_secret["client_secret"][:4], with_secret["client_secret_expires_at"]) == ("rcs_", 0)
    keys = {"keys": [key_pair()[1]]}
    keyed = register(api, token, token_endpoint_auth_method="private_key_jwt", jwks=keys).body
    assert (keyed["jwks"], "client_secret" in keyed) == (keys, False)


def test_what_is_left_out_is_as_the_standard_says(api):
    answer = api.call(
        "POST", "/oauth2/register", {"redirect_uris": [CALLBACK]}, Authorization=f"Bearer {token_of(api)}"
    )
    assert answer.status == 201, answer.body
    assert answer.body["token_endpoint_auth_method"] == "client_secret_basic"
    assert (answer.body["grant_types"], answer.body["client_name"]) == (["authorization_code"], "tool.example")


def test_it_may_ask_for_what_the_token_allows_and_no_more(api):
    token = token_of(api, uses=3, scopes=["openid", "notes:read"], audiences=["https://mcp.example"])
    assert register(api, token).body["scope"] == "openid notes:read"
    narrowed = register(api, token, scope="notes:read roles notes:write").body
    assert narrowed["scope"] == "notes:read"
    client = api.call("GET", f"/clients/{narrowed['client_id']}").body
    assert client["audiences"] == ["https://mcp.example"]
    refused = register(api, token, scope="roles")
    assert (refused.status, refused.body["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://tool.example/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://tool.example/callback#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.tool.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://tool.example/"}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://["], "client_name": None}, "invalid_redirect_uri"),
        (
            {"redirect_uris": ["com.tool:/cb"], "token_endpoint_auth_method": "client_secret_basic"},
            "invalid_client_metadata",
        ),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"logo_uri": "http://tool.example/logo.png"}, "invalid_client_metadata"),
        ({"client_name": "Bank\u202egnp"}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"post_logout_redirect_uris": ["http://tool.example/"]}, "invalid_client_metadata"),
        ({"backchannel_logout_uri": "http://tool.example/"}, "invalid_client_metadata"),
    ],
)
def test_what_may_not_be_registered_is_refused_and_uses_nothing_up(aws, api, wrong, error):
    token = token_of(api)
    refused = register(api, token, **wrong)
    assert (refused.status, refused.body["error"]) == (400, error), refused.body
    assert aws.rows("credentials") == []
    assert register(api, token).status == 201


def test_no_member_makes_an_application_more_than_a_third_party(api):
    wanted = {"first_party": True, "roles": ["admin"], "type": "machine", "audiences": ["https://a.example"]}
    client = api.call("GET", f"/clients/{register(api, token_of(api), **wanted).body['client_id']}").body
    assert (client["first_party"], client["roles"], client["type"]) == (False, [], "public")
    assert client["audiences"] == []


def test_a_token_is_good_as_often_as_it_says_and_no_longer(aws, api):
    token = token_of(api, uses=2)
    assert [register(api, token).status for _ in range(3)] == [201, 201, 401]
    expired = token_of(api, days=1)
    clock.tick(days=1)
    refused = register(api, expired)
    assert (refused.status, refused.body["error"]) == (401, "invalid_token")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert len(aws.rows("credentials")) == 2


def test_two_requests_at_once_cannot_use_the_last_use_twice(aws, api):
    token = token_of(api)
    row = registration_tokens().find(token)
    assert register(api, token).status == 201
    (client,) = aws.rows("credentials")
    with pytest.raises(TokenUsedUp):
        registration_tokens().register(row, {**client, "id": "client#other", "client_id": "other"})
    assert len(aws.rows("credentials")) == 1


def test_a_removed_token_is_no_good(api):
    made = api.call("POST", "/clients/registration-tokens", {}).body
    assert api.call("DELETE", f"/clients/registration-tokens/{made['id']}").status == 204
    assert api.call("DELETE", f"/clients/registration-tokens/{made['id']}").status == 404
    assert register(api, made["token"]).status == 401


def test_wrong_tokens_are_counted_and_the_hash_of_one_is_all_that_is_kept(aws, api):
    token = token_of(api)
    assert token not in json.dumps(aws.rows("grants"), default=str)
    numbers = count()
    with settings.held(client_registration="token", client_failures_per_hour=3):
        statuses = [register(api, f"{token[:-3]}{next(numbers):03}").status for _ in range(4)]
        refused = register(api, token)
    assert statuses == [401, 401, 401, 429]
    assert (refused.status, refused.body["error"]) == (429, "temporarily_unavailable")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Basic YTpi", "Bearer rcr_", "Bearer x.y", "Bearer rcr_x.y"]
)
def test_nobody_registers_without_a_token(aws, api, authorization):
    api.sign_out()
    refused = api.call(
        "POST", "/oauth2/register", SDK, **({"Authorization": authorization} if authorization else {})
    )
    assert (refused.status, refused.body["error"]) == (401, "invalid_token")
    assert aws.rows("credentials") == []


def test_a_token_of_the_api_registers_nothing_and_a_registration_token_opens_nothing_else(api):
    token = token_of(api)
    assert register(api, "any").status == 401
    api.sign_out()
    assert api.call("GET", "/clients", Authorization=f"Bearer {token}").status == 401


def test_it_is_off_unless_the_stage_turns_it_on(aws):
    client = ApiClient(oauth, registrations)
    client.sign_in("A1", "admin")
    assert client.call("POST", "/clients/registration-tokens", {}).status == 409
    refused = client.call("POST", "/oauth2/register", SDK, Authorization="Bearer rcr_x.y")
    assert (refused.status, refused.body["error"]) == (404, "invalid_request")
    assert aws.rows("grants") == []


@pytest.mark.parametrize("wrong", [{"uses": 0}, {"uses": 1001}, {"days": 366}, {"audiences": ["/x"]}, {"for": 1}])
def test_what_no_token_can_be(api, wrong):
    assert api.call("POST", "/clients/registration-tokens", wrong).status == 422
