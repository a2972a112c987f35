"""What is registered of a client: of machines, of applications that keep a secret, and of those that cannot."""

from __future__ import annotations

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib import oauth
from chalicelib.core import clock, ids
from chalicelib.core.aws import clients
from chalicelib.core.http.declarations import MERGE_PATCH
from chalicelib.events.sweep import publish_missed_changes
from chalicelib.oauth import model
from chalicelib.oauth.routes import oauth as routes
from tests.cloudlike import topic_messages
from tests.functional.apps import ApiClient
from tests.functional.oauth_machine import Machine

pytestmark = pytest.mark.usefixtures("held_clock")

SHOP = {"type": "confidential", "name": "Shop", "redirect_uris": ["https://shop.example/callback"]}
PHONE = {"type": "public", "name": "Phone", "redirect_uris": ["com.example.shop:/callback", "http://127.0.0.1/"]}
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def key_pair(kid: str = "k1"):
    private = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key()))
    return private, {**public, "kid": kid}


@pytest.fixture
def api(aws):
    client = ApiClient(routes)
    client.sign_in("A1", "admin")
    return client


def make(api, body: dict) -> dict:
    answer = api.call("POST", "/clients", body)
    assert answer.status == 201, answer.body
    return answer.body


def patch(api, client: dict, body: dict, **headers: str):
    return api.call("PATCH", f"/clients/{client['id']}", body, Content_Type=MERGE_PATCH, **headers)


def test_an_application_has_what_its_type_has_by_default(api):
    shop, phone = make(api, SHOP), make(api, PHONE)
    for client in (shop, phone):
        assert client["scopes"] == ["openid", "profile", "email"]
        assert client["grant_types"] == ["authorization_code", "refresh_token"]
        assert (client["roles"], client["first_party"], client["source"]) == ([], False, "admin")
    assert (shop["token_endpoint_auth_method"], shop["secret"][:4]) == ("client_secret_basic", "rcs_")
    assert (phone["token_endpoint_auth_method"], phone["secret"], phone["secret_made_at"]) == ("none", None, None)
    assert [client["name"] for client in api.call("GET", "/clients").body["items"]] == ["Shop", "Phone"]


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/callback",
        "https://shop.example/callback#part",
        "https://shop.example/callback#",
        "https://ada@shop.example/callback",
        "https://ada:pass@shop.example/",
        "https://*.shop.example/callback",
        "https://shop.example/*",
        "https://SHOP.example/callback",
        "https://shop.example:99999/",
        "https:///callback",
        "https://shop.example/cb?state=1",
        "https://shop.example/\\@evil.example",
        "https://shop.example/a b",
        "https://shöp.example/",
        "//shop.example/",
        "/callback",
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "shop:/callback",
        "com.example.shop:/callback",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.2/",
        "HTTP://127.0.0.1/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:080/",
        "https://shop.example/" + "x" * 500,
    ],
)
def test_no_answer_is_sent_to_what_is_no_exact_safe_address(aws, api, address):
    body = {**SHOP, "redirect_uris": [address]}
    assert api.call("POST", "/clients", body).status == 422
    assert aws.rows("credentials") == aws.rows("clients") == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "machine", "name": "x", "roles": []},
        {"type": "machine", "name": "x", "roles": ["service"], "redirect_uris": ["https://x.example/"]},
        {**SHOP, "redirect_uris": []},
        {**SHOP, "token_endpoint_auth_method": "none"},
        {**SHOP, "token_endpoint_auth_method": "private_key_jwt"},
        {**SHOP, "jwks": {"keys": [key_pair()[1]]}},
        {**SHOP, "scopes": ['a"b']},
        {**SHOP, "scopes": ["a b"]},
        {**SHOP, "grant_types": ["password"]},
        {**SHOP, "grant_types": []},
        {**SHOP, "grant_types": ["refresh_token"], "redirect_uris": []},
        {**SHOP, "audiences": ["/relative"]},
        {**SHOP, "audiences": ["https://api.example/#x"]},
        {**SHOP, "audiences": ["https://rollcall.example"]},
        {**SHOP, "audiences": ["https://rollcall.example/oauth2/userinfo"]},
        {**SHOP, "audiences": ["HTTPS://ROLLCALL.example/"]},
        {**SHOP, "access_token_seconds": 59},
        {**SHOP, "access_token_seconds": 3601},
        {**SHOP, "refresh_token_days": 366},
        {**SHOP, "uri": "javascript:alert(1)"},
        {**SHOP, "logo_uri": "http://shop.example/logo.png"},
        {**SHOP, "backchannel_logout_uri": "http://shop.example/logout"},
        {**PHONE, "roles": ["service"]},
        {**PHONE, "grant_types": ["client_credentials", "authorization_code"]},
        {**PHONE, "token_endpoint_auth_method": "client_secret_post"},
    ],
)
def test_what_does_not_go_together_is_refused(aws, api, body):
    assert api.call("POST", "/clients", body).status == 422
    assert aws.rows("credentials") == []


def _private_jwk():
    private, public = key_pair()
    return {**public, "d": json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private))["d"]}


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [_private_jwk()],
        [{"kty": "oct", "k": "c2VjcmV0"}],
        [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}],
        [{**key_pair()[1], "crv": "P-521"}],
        [key_pair()[1], key_pair()[1]],
        [key_pair(f"k{number}")[1] for number in range(6)],
        ["text"],
        [{**key_pair()[1], "alg": ["ES256"]}],
    ],
)
def test_keys_are_public_of_a_known_kind_and_named(api, keys):
    body = {**SHOP, "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": keys}}
    assert api.call("POST", "/clients", body).status == 422


def test_what_is_registered_changes_by_a_merge_patch(aws, api):
    shop = make(api, {**SHOP, "uri": "https://shop.example/"})
    changed = patch(api, shop, {"name": "Store", "uri": None, "audiences": ["https://api.example"]})
    assert changed.status == 200
    assert (changed.body["name"], changed.body["uri"], changed.body["version"]) == ("Store", None, 2)
    assert changed.body["redirect_uris"] == SHOP["redirect_uris"]
    assert patch(api, shop, {"redirect_uris": None}).status == 422
    assert patch(api, shop, {"type": "public"}).status == 422
    assert patch(api, shop, {"token_endpoint_auth_method": "none"}).status == 422
    assert patch(api, shop, {"name": "x"}, If_Match='"1"').status == 412
    assert patch(api, {"id": "rcc_none"}, {"name": "x"}).status == 404
    (row,), (record,) = aws.rows("credentials"), aws.rows("clients")
    assert (row["version"], record["version"], record["name"]) == (2, 2, "Store")
    assert row["secrets"][0]["digest"] not in json.dumps(record)


def test_the_role_of_administrators_is_given_and_kept_by_a_second_factor(api):
    robot = make(api, {"name": "robot", "roles": ["service"]})
    assert patch(api, robot, {"roles": ["admin"]}).status == 401
    api.sign_in("A1", "admin", second_factor=True)
    assert patch(api, robot, {"roles": ["admin"]}).status == 200
    api.sign_in("A1", "admin")
    assert patch(api, robot, {"name": "x"}).status == 401


def test_a_client_of_a_former_version_is_a_machine_and_gets_its_public_record(aws, api):
    """Its row has no more than a machine's had, and there is no row in `clients`."""
    made = make(api, {"name": "billing", "roles": ["service"]})
    (row,) = aws.rows("credentials")
    former = {name: value for name, value in row.items() if name not in model.OF_MACHINE}
    aws.put("credentials", former)
    clients.table("clients").delete({"id": made["id"]})
    read = api.call("GET", f"/clients/{made['id']}").body
    assert (read["type"], read["grant_types"]) == ("machine", ["client_credentials"])
    assert Machine(made["id"], made["secret"]).ask().status == 200
    assert patch(api, made, {"name": "invoices"}).status == 200
    (record,) = aws.rows("clients")
    assert (record["name"], record["version"]) == ("invoices", 2)


@pytest.mark.slow
def test_the_sweep_tells_of_a_client_that_no_stream_told_of(aws, api):
    topic_messages(aws, "history")
    made = make(api, SHOP)
    clock.tick(minutes=16)
    assert publish_missed_changes() == 1
    (message,) = aws.take("history")
    event = json.loads(message["body"])
    assert (event["type"], event["subject"]) == ("client.created", made["id"])
    assert event["data"]["client"]["redirect_uris"] == SHOP["redirect_uris"]


def assertion(client_id: str, private, headers=None, **claims):
    now = clock.epoch()
    document = {
        "iss": client_id,
        "sub": client_id,
        "aud": "https://rollcall.example",
        "iat": now,
        "exp": now + 60,
        "jti": "1",
        **claims,
    }
    document = {name: value for name, value in document.items() if value is not None}
    return jwt.encode(document, private, "ES256", headers={"kid": "k1", **(headers or {})})


def with_header(header: dict, claims: dict) -> str:
    """An assertion with a header that no library writes. Nobody signed it."""
    return ".".join([*(ids.base64url(json.dumps(part).encode()) for part in (header, claims)), "c2ln"])


@pytest.fixture
def keyed(api):
    private, public = key_pair()
    body = {"name": "robot", "roles": ["service"], "token_endpoint_auth_method": "private_key_jwt"}
    return make(api, {**body, "jwks": {"keys": [public]}}), private


def ask(client: dict, text: str, **fields: str):
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": text}
    return Machine(client["id"], "").send({**form, **fields})


def test_a_private_key_proves_a_client_and_its_public_half_is_all_that_is_kept(api, keyed):
    client, private = keyed
    assert (client["secret"], client["secret_made_at"]) == (None, None)
    answer = ask(client, assertion(client["id"], private))
    assert answer.status == 200, answer.body
    machine = Machine(client["id"], "")
    token = answer.body["access_token"]
    assert machine.use(token, "POST", "/items", {"items": []}).status == 422
    other_private, other_public = key_pair()
    assert patch(api, client, {"jwks": {"keys": [other_public]}}).status == 200
    assert machine.use(token, "POST", "/items", {"items": []}).status == 401
    assert ask(client, assertion(client["id"], private, jti="2")).status == 401
    assert ask(client, assertion(client["id"], other_private, jti="3")).status == 200
    assert api.call("POST", f"/clients/{client['id']}/rotate", {}).status == 409


def test_an_assertion_is_good_once(keyed):
    client, private = keyed
    text = assertion(client["id"], private)
    assert [ask(client, text).status for _ in range(2)] == [200, 401]
    assert ask(client, assertion(client["id"], private, jti="other")).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example"},
        {"aud": ["https://rollcall.example", "https://other.example"]},
        {"aud": None},
        {"iss": "rcc_other"},
        {"exp": 0},
        {"exp": None},
        {"exp": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"jti": None},
        {"jti": 7},
        {"sub": None},
        {"sub": "\ud800"},
        {"jti": "\ud800"},
        {"aud": {"of": "nobody"}},
        {"aud": [[]]},
        {"aud": []},
    ],
)
def test_an_assertion_is_of_this_client_for_us_and_for_now(keyed, claims):
    client, private = keyed
    assert ask(client, assertion(client["id"], private, **claims)).status == 401


def test_an_assertion_is_signed_by_the_key_and_by_its_algorithm(keyed):
    client, private = keyed
    stranger, _ = key_pair()
    claims = jwt.decode(assertion(client["id"], private), options={"verify_signature": False})
    none = jwt.encode(claims, None, "none", headers={"kid": "k1"})
    secret = jwt.encode(claims, client["jwks"]["keys"][0]["x"], "HS256", headers={"kid": "k1"})
    for text in (
        assertion(client["id"], stranger),
        assertion(client["id"], private, headers={"kid": "k2"}),
        with_header({"alg": ["ES256"], "kid": "k1"}, claims),
        with_header({"alg": {}, "kid": "k1"}, claims),
        with_header({"alg": "ES256", "kid": ["k1"]}, claims),
        with_header({"alg": "\ud800"}, {**claims, "sub": "\ud800"}),
        none,
        secret,
        "not.a.token",
        "",
    ):
        assert ask(client, text).status in {400, 401}
    assert ask(client, assertion(client["id"], private), client_assertion_type="other").status == 400
    assert ask(client, assertion(client["id"], private), client_secret="rcs_x").status == 400


def test_a_client_with_keys_is_not_let_in_by_its_id_nor_one_with_a_secret_by_keys(api, keyed):
    client, private = keyed
    assert Machine(client["id"], "").ask().status == 401
    assert Machine(client["id"], "rcs_x").ask().status == 401
    other = make(api, {"name": "billing", "roles": ["service"]})
    assert ask(other, assertion(other["id"], private)).status == 401
    assert oauth.clients().get(other["id"])["secrets"]


def test_a_machine_gets_tokens_for_its_audiences_and_our_api_takes_none_of_them(api):
    body = {
        "name": "robot",
        "roles": ["service"],
        "audiences": ["https://api.example"],
        "scopes": ["read", "openid"],
    }
    made = make(api, {**body, "access_token_seconds": 60})
    machine = Machine(made["id"], made["secret"])
    answer = machine.ask(resource="https://api.example", scope="read")
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["scope"], claims["exp"] - claims["iat"]) == ("https://api.example", "read", 60)
    assert (answer.body["scope"], answer.body["expires_in"]) == ("read", 60)
    assert machine.use(answer.body["access_token"], "POST", "/items", {"items": []}).status == 401
    assert machine.ask(resource="https://other.example").body["error"] == "invalid_target"
    assert machine.ask(scope="openid").body["error"] == "invalid_scope"
    assert machine.ask(scope="write").body["error"] == "invalid_scope"


def test_an_application_without_the_grant_type_gets_no_token_for_itself(api):
    made = make(api, SHOP)
    assert Machine(made["id"], made["secret"]).ask().body["error"] == "unauthorized_client"
    phone = make(api, PHONE)
    assert Machine(phone["id"], "").ask().body["error"] == "unauthorized_client"
