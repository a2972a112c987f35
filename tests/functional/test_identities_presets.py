"""Each preset against a stand-in that behaves as its provider's documentation says (see `connections.presets`)."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.core import clock
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import Newcomer, arrived, connect, reason
from tests.functional.providers import key_of, providing

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

DISCOVERY = "/.well-known/openid-configuration"
NO_ISS = {"authorization_response_iss_parameter_supported": None}


@pytest.fixture
def provider(aws):
    with providing(discovery=dict(NO_ISS)) as one:
        yield one


def query_of(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query))


def without_iss(parameters: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if name != "iss"}


class TestGoogle:
    """Sends `iss`, `hd` for people of organizations, and vouches for its own mailboxes and theirs."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("claims", "verified"),
        [
            ({"email": "ann@gmail.com"}, True),
            ({"email": "ann@corp.example", "hd": "corp.example"}, True),
            ({"email": "ann@corp.example"}, False),
            ({"email": "ann@corp.example", "hd": ""}, False),
            ({"email": "ann@gmail.com", "email_verified": False}, False),
        ],
    )
    def test_speaks_for_its_own_mailboxes_and_those_that_it_hosts(self, provider, claims, verified):
        connect(provider, "google", "google", trusted_domains=["*"])
        browser = Newcomer()
        assert arrived(browser.come(provider, "google", sub="108", **claims))
        assert browser.me()["email_verified"] is verified


class TestMicrosoft:
    """Tenants share a discovery document whose issuer is a template; `xms_edov` says who verified an address."""

    TENANT, OTHER = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"

    @pytest.fixture
    def microsoft(self, provider):
        provider.discovery["issuer"] = f"{provider.url}/{{tenantid}}/v2.0"
        provider.answers[f"/organizations/v2.0{DISCOVERY}"] = lambda _: (200, {}, provider.document())
        return provider

    def come(self, browser, microsoft, tenant: str, **person):
        microsoft.claims = {"iss": f"{microsoft.url}/{tenant}/v2.0", "tid": tenant, "email_verified": None}
        parameters = microsoft.authorize(browser.begin("ms"), **person)
        answer = browser.arrive(without_iss(parameters), "ms")
        if "__Host-rollcall_refresh" in browser.cookies:
            browser.refresh()
        return answer

    def connect(self, microsoft, **fields):
        connect(microsoft, "ms", "microsoft", issuer=f"{microsoft.url}/organizations/v2.0", **fields)

    @pytest.mark.slow
    def test_people_of_any_organization_come(self, aws, microsoft):
        self.connect(microsoft)
        assert arrived(self.come(Newcomer(), microsoft, self.TENANT))
        assert arrived(self.come(Newcomer(), microsoft, self.OTHER, email="other@corp.example"))
        assert len(aws.rows("users")) == 2  # one subject in two tenants is two people

    def test_people_of_other_tenants_than_allowed_do_not(self, aws, microsoft):
        self.connect(microsoft, tenants=[self.TENANT])
        assert arrived(self.come(Newcomer(), microsoft, self.TENANT))
        assert reason(self.come(Newcomer(), microsoft, self.OTHER)) == "provider-fault"

    def test_an_address_that_a_tenant_made_up_is_not_believed(self, microsoft):
        """Known as nOAuth: https://www.descope.com/blog/post/noauth"""
        a_user(email="victim@corp.example", password=PASSWORD)
        self.connect(microsoft, trusted_domains=["corp.example"])
        browser = Newcomer()
        answer = self.come(browser, microsoft, self.OTHER, email="victim@corp.example")
        assert arrived(answer, "/account/link")

    @pytest.mark.parametrize("claim", [True, 1, "1", "true"])
    def test_one_whose_domain_has_proved_it_is(self, microsoft, claim):
        self.connect(microsoft, trusted_domains=["corp.example"])
        browser = Newcomer()
        self.come(browser, microsoft, self.TENANT, xms_edov=claim)
        assert browser.me()["email_verified"] is True

    def test_one_tenant_may_be_believed_without(self, aws, provider):
        tenant, issuer = self.TENANT, f"{provider.url}/{self.TENANT}/v2.0"
        provider.discovery["issuer"] = issuer
        provider.answers[f"/{tenant}/v2.0{DISCOVERY}"] = lambda _: (200, {}, provider.document())
        believed = {"trusted_domains": ["corp.example"], "assumes_verified": True}
        connect(provider, "ms", "microsoft", issuer=issuer, tenants=[tenant], **believed)
        browser = Newcomer()
        self.come(browser, provider, tenant)
        assert browser.me()["email_verified"] is True


class TestApple:
    """Posts a form, tells the name once and beside the ID token, writes `email_verified` as a text, and wants a client
    secret that its key signs."""

    @pytest.fixture
    def apple(self, provider):
        key = key_of("ES256")

        def fits(secret: str) -> bool:
            options = {"verify_exp": False, "verify_iat": False}
            claims = jwt.decode(secret, key.public_key(), ["ES256"], options, audience=provider.url)
            expected = {"iss": "TEAM", "sub": provider.client_id}
            return claims.items() >= expected.items() and claims["exp"] - clock.epoch() <= 300

        provider.fits = fits
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        connect(provider, "apple", "apple", private_key=pem, team_id="TEAM", key_id="K", trusted_domains=["*"])
        return provider

    PERSON = {"sub": "000.a", "email": "x@privaterelay.example", "email_verified": "true", "name": None}

    def come(self, browser, apple, user=None, **person):
        location = browser.begin("apple")
        query = query_of(location)
        assert (query["response_mode"], query["scope"]) == ("form_post", "openid email name")
        parameters = without_iss(apple.authorize(location, **{**self.PERSON, **person}))
        answer = browser.post({**parameters, **({"user": json.dumps(user)} if user else {})}, "apple")
        if "__Host-rollcall_refresh" in browser.cookies:
            browser.refresh()
        return answer

    def test_the_cookie_comes_with_the_form_of_another_site(self, apple):
        browser = Newcomer()
        browser.begin("apple")
        assert browser.set_cookies[0].endswith("SameSite=None")

    @pytest.mark.slow
    def test_a_name_comes_once(self, apple):
        browser = Newcomer()
        user = {"name": {"firstName": "Ann", "lastName": "Lee"}, "email": "evil@corp.example"}
        assert arrived(self.come(browser, apple, user))
        me = browser.me()
        assert (me["name"], me["email"], me["email_verified"]) == ("Ann Lee", "x@privaterelay.example", True)
        other = Newcomer()
        assert arrived(self.come(other, apple))
        assert other.me() == me

    @pytest.mark.parametrize("user", [{"name": "Ann"}, {"name": {"firstName": 7}}, {"name": None}, ["x"]])
    def test_a_name_that_is_none_is_left_out(self, apple, user):
        browser = Newcomer()
        assert arrived(self.come(browser, apple, user))
        assert browser.me()["name"] is None

    def test_who_cancels_is_told(self, apple):
        browser = Newcomer()
        parameters = {"state": query_of(browser.begin("apple"))["state"], "error": "user_cancelled_authorize"}
        assert reason(browser.post(parameters, "apple")) == "cancelled"

    @pytest.mark.slow
    def test_the_session_of_the_browser_before_ends(self, aws, apple):
        a_user(email="ann@corp.example", password=PASSWORD)
        browser = Newcomer()
        browser.enter("ann@corp.example")
        assert arrived(self.come(browser, apple))
        assert [row["reason"] for row in aws.rows("sessions") if "deleted_at" in row] == ["signed_out"]


class TestGithub:
    """OAuth 2.0 without ID tokens: errors come with status 200, the subject is a number, addresses are listed apart."""

    EMAILS = [
        {"email": "old@corp.example", "primary": False, "verified": True},
        {"email": "ann@corp.example", "primary": True, "verified": True},
    ]

    @pytest.fixture
    def github(self, provider):
        provider.has_id_token = False
        provider.answers["/user"] = (
            200,
            {},
            {"id": 583231, "login": "ann", "name": "Ann Lee", "email": "x@y.example"},
        )
        provider.answers["/user/emails"] = (200, {}, self.EMAILS)
        endpoints = {
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token",
            "userinfo_endpoint": f"{provider.url}/user",
        }
        connect(provider, "github", "github", trusted_domains=["corp.example"], **endpoints)
        return provider

    def come(self, browser, github):
        location = browser.begin("github")
        query = query_of(location)
        assert "nonce" not in query
        assert (query["scope"], query["code_challenge_method"]) == ("read:user user:email", "S256")
        answer = browser.arrive(without_iss(github.authorize(location)), "github")
        if "__Host-rollcall_refresh" in browser.cookies:
            browser.refresh()
        return answer

    def test_the_primary_address_counts(self, github):
        browser = Newcomer()
        assert arrived(self.come(browser, github))
        me = browser.me()
        assert (me["email"], me["email_verified"], me["name"]) == ("ann@corp.example", True, "Ann Lee")
        (identity,) = browser.call("GET", "/me/identities").body["items"]
        assert (identity["subject"], identity["label"]) == ("583231", "ann@corp.example")
        assert {one.headers["authorization"].split()[0] for one in github.asked if one.path != "/token"} == {
            "Bearer"
        }

    @pytest.mark.parametrize(
        "emails",
        [[], [{"email": "ann@corp.example", "primary": True, "verified": False}], {"message": "no"}, ["x"]],
    )
    def test_one_that_is_not_verified_does_not(self, github, emails):
        github.answers["/user/emails"] = (200, {}, emails)
        browser = Newcomer()
        assert arrived(self.come(browser, github))
        assert browser.me()["email"] is None
        assert browser.call("GET", "/me/identities").body["items"][0]["label"] == "ann"

    @pytest.mark.parametrize("user", [{}, {"id": None}, {"id": True}, {"id": ""}, {"id": 1.5}, []])
    def test_without_a_subject_nobody_comes(self, aws, github, user):
        github.answers["/user"] = (200, {}, user)
        assert reason(self.come(Newcomer(), github)) == "provider-fault"
        assert aws.rows("users") == []

    def test_a_used_code_is_an_error_of_status_200(self, aws, github):
        github.answers["/token"] = (200, {}, {"error": "bad_verification_code"})
        assert reason(self.come(Newcomer(), github)) == "provider-fault"


class TestOauth2:
    """Any service with a userinfo endpoint, by a mapping."""

    def test_fields_come_by_the_mapping(self, provider):
        provider.has_id_token = False
        told = {"data": {"uid": "u-7", "mail": "ann@corp.example", "ok": 1, "display": "Ann Lee"}}
        provider.answers["/me"] = (200, {}, told)
        claims = {"subject": "data.uid", "email": "data.mail", "email_verified": "data.ok", "name": "data.display"}
        endpoints = {
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token",
            "userinfo_endpoint": f"{provider.url}/me",
        }
        connect(provider, "forum", "oauth2", claims=claims, trusted_domains=["corp.example"], **endpoints)
        browser = Newcomer()
        assert arrived(browser.come(provider, "forum"))
        me = browser.me()
        assert (me["email"], me["email_verified"], me["name"]) == ("ann@corp.example", True, "Ann Lee")
        (identity,) = browser.call("GET", "/me/identities").body["items"]
        assert identity["subject"] == "u-7"
