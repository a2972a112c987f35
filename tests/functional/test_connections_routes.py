"""Connections over HTTP: administrators make, list, change, test and remove; no secret is shown."""

from __future__ import annotations

import json

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.connections import connections as stored
from chalicelib.connections import secrets
from chalicelib.connections.routes import connections as routes
from chalicelib.core import clock
from tests.functional.apps import ApiClient
from tests.functional.providers import key_of, providing

pytestmark = pytest.mark.usefixtures("held_clock")

SECRET = "a very secret secret"
CORP = {
    "id": "corp",
    "kind": "oidc",
    "name": "Corp",
    "issuer": "https://login.corp.example",
    "client_id": "c1",
    "client_secret": SECRET,
}
OAUTH2 = {
    "id": "forum",
    "kind": "oauth2",
    "name": "Forum",
    "client_id": "c1",
    "client_secret": SECRET,
    "authorization_endpoint": "https://forum.example/authorize",
    "token_endpoint": "https://forum.example/token",
    "userinfo_endpoint": "https://forum.example/me",
}


def apple_key(algorithm: str = "ES256") -> str:
    return key_of(algorithm).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def api(aws):
    client = ApiClient(routes)
    client.sign_in("A1", "admin", second_factor=True, user={"email": "root@ops.example"})
    return client


def make(api, **fields):
    answer = api.call("POST", "/connections", {**CORP, **fields})
    assert answer.status == 201, answer.body
    return answer.body


def wrong_fields(answer) -> list[str]:
    assert answer.status == 422, answer.body
    return [error["field"] for error in answer.body["errors"]]


@pytest.mark.slow
@pytest.mark.peers
def test_a_connection_from_making_to_removal(aws, api):
    connection = make(api, trusted_domains=["Corp.Example"], vouches_for={"amr": ["mfa"]})
    assert connection == {
        "id": "corp",
        "kind": "oidc",
        "name": "Corp",
        "enabled": True,
        "redirect_uri": "https://rollcall.example/sessions/connections/corp/callback",
        "client_id": "c1",
        "issuer": "https://login.corp.example",
        "tenants": [],
        "team_id": None,
        "key_id": None,
        "authorization_endpoint": None,
        "token_endpoint": None,
        "userinfo_endpoint": None,
        "token_endpoint_auth_method": "client_secret_basic",
        "algorithms": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"],
        "scopes": ["openid", "email", "profile"],
        "claims": {
            "email": "email",
            "email_verified": "email_verified",
            "name": "name",
            "locale": "locale",
            "birthdate": "birthdate",
            "label": "preferred_username",
        },
        "domains": [],
        "trusted_domains": ["corp.example"],
        "assumes_verified": False,
        "require_for_domains": [],
        "vouches_for": {"amr": ["mfa"], "acr": []},
        "registration": True,
        "return_urls": [],
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "version": 1,
    }
    read = api.call("GET", "/connections/corp")
    assert (read.status, read.body, read.headers["ETag"]) == (200, connection, '"1"')
    assert api.call("GET", "/connections").body == {"items": [connection], "next": None}
    clock.tick(seconds=1)
    patch = {"enabled": False, "claims": {"email": "mail"}, "trusted_domains": None}
    changed = api.call("PATCH", "/connections/corp", patch, If_Match='"1"').body
    assert (changed["enabled"], changed["claims"]["email"], changed["trusted_domains"]) == (False, "mail", [])
    assert (changed["version"], changed["updated_at"]) == (2, "2026-03-01T12:00:01.000Z")
    assert api.call("PATCH", "/connections/corp", {"name": "x"}, If_Match='"1"').status == 412
    assert api.call("DELETE", "/connections/corp", If_Match='"1"').status == 412
    assert api.call("DELETE", "/connections/corp").status == 204
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        body = {"name": "x"} if method == "PATCH" else None
        assert api.call(method, f"/connections/corp{path}", body).status == 404
    assert aws.rows("credentials") == []


def test_the_secret_is_sealed_and_shown_never(aws, api, caplog):
    answers = [make(api), api.call("GET", "/connections").body]
    answers.append(api.call("PATCH", "/connections/corp", {"client_secret": f"{SECRET} 2"}).body)
    written = json.dumps([answers, str(aws.rows("credentials")), str([vars(line) for line in caplog.records])])
    assert SECRET not in written
    assert secrets.client_secret(stored().get("corp")) == f"{SECRET} 2"
    assert "connection changed" in [line.getMessage() for line in caplog.records]


def test_a_secret_opens_for_its_connection_alone(api):
    make(api)
    make(api, id="other")
    swapped = {**stored().get("other"), "secret": stored().get("corp")["secret"]}
    with pytest.raises(InvalidTag):
        secrets.client_secret(swapped)


def test_an_id_is_good_once(api):
    make(api)
    assert api.call("POST", "/connections", CORP).status == 409


@pytest.mark.slow
@pytest.mark.peers
def test_there_is_a_limit(api):
    for number in range(50):
        make(api, id=f"c{number}")
    assert api.call("POST", "/connections", CORP).status == 409


@pytest.mark.parametrize("kind", ["google", "microsoft", "github"])
def test_a_preset_needs_no_more_than_the_client(api, kind):
    fields = {"id": kind, "kind": kind, "name": kind, "client_id": "c", "client_secret": SECRET}
    answer = api.call("POST", "/connections", fields)
    assert answer.status == 201, answer.body
    assert (
        answer.body["issuer"]
        == {
            "google": "https://accounts.google.com",
            "microsoft": "https://login.microsoftonline.com/organizations/v2.0",
            "github": None,
        }[kind]
    )


def test_microsoft_of_one_tenant_is_its_own_issuer(api):
    tenant = "11111111-2222-3333-4444-555555555555"
    connection = make(api, kind="microsoft", issuer=None, tenants=[tenant])
    assert connection["issuer"] == f"https://login.microsoftonline.com/{tenant}/v2.0"


def test_apples_secret_is_made_of_its_key_when_it_is_needed(api):
    fields = {**CORP, "kind": "apple", "private_key": apple_key(), "team_id": "T1", "key_id": "K1"}
    del fields["client_secret"], fields["issuer"]
    answer = api.call("POST", "/connections", fields)
    assert answer.status == 201, answer.body
    secret = secrets.client_secret(stored().get("corp"))
    assert jwt.get_unverified_header(secret) == {"alg": "ES256", "kid": "K1", "typ": "JWT"}
    options = {"verify_exp": False, "verify_iat": False}
    audience = "https://appleid.apple.com"
    claims = jwt.decode(secret, key_of("ES256").public_key(), ["ES256"], options, audience=audience)
    assert claims == {"iss": "T1", "sub": "c1", "aud": audience, "iat": clock.epoch(), "exp": clock.epoch() + 300}


@pytest.mark.parametrize("key", ["no key", apple_key("RS256"), apple_key("ES384")])
def test_apple_takes_a_key_on_p256_alone(api, key):
    fields = {**CORP, "kind": "apple", "issuer": None, "private_key": key, "team_id": "T1", "key_id": "K1"}
    del fields["client_secret"]
    assert wrong_fields(api.call("POST", "/connections", fields)) == ["private_key"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"id": "Corp"}, ["id"]),
        ({"id": "x" * 41}, ["id"]),
        ({"id": "a/b"}, ["id"]),
        ({"id": "pending"}, ["id"]),
        ({"kind": "saml"}, ["kind"]),
        ({"name": "\u200b"}, ["name"]),
        ({"issuer": None}, ["issuer"]),
        ({"issuer": "http://login.corp.example"}, ["issuer"]),
        ({"issuer": "https://user@login.corp.example"}, ["issuer"]),
        ({"issuer": "https://login.corp.example/#x"}, ["issuer"]),
        ({"issuer": "javascript:alert(1)"}, ["issuer"]),
        ({"client_secret": None}, ["(document)"]),
        ({"private_key": "x"}, ["(document)"]),
        ({"token_endpoint": "https://login.corp.example/token"}, ["token_endpoint"]),
        ({"algorithms": ["HS256"]}, ["algorithms.0"]),
        ({"algorithms": ["none"]}, ["algorithms.0"]),
        ({"claims": {"roles": "roles"}}, ["claims"]),
        ({"domains": ["a@b.example"]}, ["domains.0"]),
        ({"domains": ["*"]}, ["domains.0"]),
        ({"assumes_verified": True, "trusted_domains": ["*"]}, ["assumes_verified"]),
        (
            {"domains": ["a.example"], "require_for_domains": ["b.example"], "trusted_domains": ["*"]},
            ["require_for_domains"],
        ),
        ({"require_for_domains": ["b.example"], "trusted_domains": ["c.example"]}, ["require_for_domains"]),
        ({"return_urls": ["http://app.example/"]}, ["return_urls.0"]),
        ({"return_urls": ["https://app.example/#x"]}, ["return_urls.0"]),
        ({"kind": "microsoft", "issuer": None, "trusted_domains": ["*"]}, ["trusted_domains"]),
        ({"kind": "github", "issuer": None, "trusted_domains": ["*"]}, ["trusted_domains"]),
        (
            {"kind": "microsoft", "issuer": None, "trusted_domains": ["a.example"], "assumes_verified": True},
            ["assumes_verified"],
        ),
        (
            {
                "issuer": "https://login.microsoftonline.com/organizations/v2.0",
                "trusted_domains": ["a.example"],
                "assumes_verified": True,
            },
            ["assumes_verified"],
        ),
        (
            {"issuer": "https://login.microsoftonline.com/common/v2.0", "trusted_domains": ["*"]},
            ["trusted_domains"],
        ),
        ({"kind": "oauth2", "issuer": None}, ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]),
        (
            {"kind": "github", "issuer": None, "tenants": ["11111111-1111-1111-1111-111111111111"]},
            ["tenants"],
        ),
        ({**OAUTH2, "issuer": "https://forum.example"}, ["issuer"]),
        ({**OAUTH2, "issuer": None, "trusted_domains": ["*"]}, ["trusted_domains"]),
    ],
)
def test_what_does_not_fit_is_refused_with_every_field(aws, api, fields, wrong):
    document = {name: value for name, value in {**CORP, **fields}.items() if value is not None}
    assert wrong_fields(api.call("POST", "/connections", document)) == wrong
    assert aws.rows("credentials") == []


@pytest.mark.parametrize("name", ["kind", "issuer", "userinfo_endpoint", "id"])
def test_whose_identities_they_are_stays(api, name):
    make(api)
    assert wrong_fields(api.call("PATCH", "/connections/corp", {name: "https://x.example"})) == [name]


@pytest.mark.parametrize("name", ["name", "enabled", "client_id", "client_secret"])
def test_what_it_cannot_do_without_stays(api, name):
    make(api)
    assert api.call("PATCH", "/connections/corp", {name: None}).status == 422


def test_the_secret_of_another_kind_replaces_none(api):
    make(api)
    before = stored().get("corp")
    assert wrong_fields(api.call("PATCH", "/connections/corp", {"private_key": apple_key()})) == ["private_key"]
    both = {"private_key": apple_key(), "client_secret": "another"}
    assert wrong_fields(api.call("PATCH", "/connections/corp", both)) == ["private_key"]
    assert stored().get("corp") == before


def test_a_patch_of_an_object_keeps_its_other_members(api):
    """RFC 7396."""
    make(api, claims={"name": "nick", "locale": "lang"}, vouches_for={"amr": ["mfa"]})
    patch = {"claims": {"label": "upn", "locale": None}, "vouches_for": {"acr": ["high"]}}
    answer = api.call("PATCH", "/connections/corp", patch)
    assert answer.status == 200, answer
    view = answer.body
    assert [view["claims"][name] for name in ("name", "label", "locale")] == ["nick", "upn", "locale"]
    assert view["vouches_for"] == {"amr": ["mfa"], "acr": ["high"]}
    assert api.call("PATCH", "/connections/corp", {"claims": None}).body["claims"]["name"] == "name"


def test_no_administrator_locks_themselves_out(api):
    make(api, trusted_domains=["ops.example", "corp.example"])
    assert api.call("PATCH", "/connections/corp", {"require_for_domains": ["ops.example"]}).status == 409
    assert api.call("PATCH", "/connections/corp", {"require_for_domains": ["corp.example"]}).status == 200


def test_a_domain_is_required_for_one_connection(api):
    both = ["corp.example", "sub.corp.example"]
    make(api, trusted_domains=both, require_for_domains=both)
    other = {**CORP, "id": "other", "trusted_domains": both}
    assert api.call("POST", "/connections", {**other, "require_for_domains": ["sub.corp.example"]}).status == 409
    assert api.call("POST", "/connections", other).status == 201
    patch = {"require_for_domains": ["sub.corp.example"]}
    refused = api.call("PATCH", "/connections/other", patch)
    assert (refused.status, "sub.corp.example" in refused.body["detail"]) == (409, True)
    assert api.call("PATCH", "/connections/corp", {"require_for_domains": ["corp.example"]}).status == 200
    assert api.call("PATCH", "/connections/other", patch).status == 200
    assert api.call("PATCH", "/connections/other", {"name": "Other", **patch}).status == 200


def test_what_is_required_is_kept_for_a_minute_and_no_longer(aws, api):
    make(api, require_for_domains=["corp.example"], trusted_domains=["corp.example"])
    mine = stored()
    assert mine.required_for("corp.example")["connection_id"] == "corp"
    assert mine.required_for("sub.corp.example") is None
    other = {**stored().get("corp"), "enabled": False}
    aws.put("credentials", other)
    assert mine.required_for("corp.example")
    clock.tick(seconds=60)
    assert mine.required_for("corp.example") is None


@pytest.mark.usefixtures("local_receivers")
class TestTesting:
    """Asking the provider now, and saying what is wrong."""

    @pytest.fixture
    def api(self, aws):
        client = ApiClient(routes)
        client.sign_in("A1", "admin", second_factor=True)
        return client

    @pytest.fixture
    def provider(self):
        with providing() as one:
            yield one

    def test_says_what_is_published(self, api, provider):
        make(api, issuer=provider.url)
        answer = api.call("POST", "/connections/corp/test").body
        assert answer == {
            "ok": True,
            "issuer": provider.url,
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token",
            "userinfo_endpoint": f"{provider.url}/userinfo",
            "keys": 1,
            "names_itself": True,
        }
        provider.discovery["authorization_response_iss_parameter_supported"] = None
        assert api.call("POST", "/connections/corp/test").body["names_itself"] is False

    @pytest.mark.parametrize(
        ("bent", "problem"),
        [
            ({"issuer": "https://evil.example"}, "the discovery document is another issuer's"),
            ({"jwks_uri": None}, "the discovery document has no usable jwks_uri"),
            ({"token_endpoint": "ftp://x.example"}, "the discovery document has no usable token_endpoint"),
            (
                {"authorization_endpoint": "javascript:alert(1)"},
                "the discovery document has no usable authorization_endpoint",
            ),
            ({"userinfo_endpoint": 7}, "the discovery document has no usable userinfo_endpoint"),
        ],
    )
    def test_says_what_is_wrong(self, api, provider, bent, problem):
        make(api, issuer=provider.url)
        provider.discovery.update(bent)
        answer = api.call("POST", "/connections/corp/test").body
        assert answer == {"ok": False, "problem": problem}

    def test_an_oauth2_provider_is_asked_for_nothing(self, api, provider):
        endpoints = {name: f"{provider.url}/x" for name in OAUTH2 if name.endswith("_endpoint")}
        assert api.call("POST", "/connections", {**OAUTH2, **endpoints}).status == 201
        answer = api.call("POST", "/connections/forum/test").body
        assert (answer["ok"], answer["keys"], provider.asked) == (True, 0, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "localhost"])
def test_a_discovery_document_in_a_private_network_is_not_asked_for(api, host):
    make(api, issuer=f"https://{host}")
    answer = api.call("POST", "/connections/corp/test").body
    assert (answer["ok"], "must not reach" in answer["problem"]) == (False, True)


@pytest.mark.usefixtures("local_receivers")
@pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint", "userinfo_endpoint"])
def test_a_discovery_document_that_points_into_private_networks_is_refused(aws, name):
    api = ApiClient(routes)
    api.sign_in("A1", "admin", second_factor=True)
    with providing(discovery={name: "https://169.254.169.254/latest"}) as provider:
        make(api, issuer=provider.url)
        answer = api.call("POST", "/connections/corp/test").body
    assert (answer["ok"], "must not reach" in answer["problem"]) == (False, True)
