"""What people allow applications: remembered, listed, revoked, told as events, exported and erased."""

from __future__ import annotations

import json

import pytest

from chalicelib import accounts, webhooks
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.events.change import events_of
from chalicelib.oauth import consents
from chalicelib.oauth.consent_routes import consents as consent_routes
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.grants_of_person import erase
from chalicelib.privacy.routes import privacy
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.faults import just_before
from tests.functional.relying_party import RelyingParty, entered

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
OFFLINE = "openid email offline_access"


@pytest.fixture
def browser(aws):
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return entered(ADA)


@pytest.fixture
def shop(aws):
    return RelyingParty()


@pytest.fixture
def ada(browser):
    """Her own pages."""

    class Own(ApiClient):
        def call(self, method, path, body=None, **headers):
            self.sign_in("U1", user=dict(accounts.people().get("U1")))
            return super().call(method, path, body, **headers)

    return Own(consent_routes, privacy)


@pytest.fixture
def staff(aws):
    api = ApiClient(consent_routes)
    api.sign_in("A1", "admin")
    return api


@pytest.mark.slow
@pytest.mark.peers
def test_what_was_allowed_is_listed_by_name(ada, browser, shop):
    assert ada.call("GET", "/me/consents").body == {"items": [], "next": None}
    shop.tokens(browser)
    clock.tick(seconds=5)
    shop.tokens(browser, scope="openid roles")
    with telemetry.recording() as record:
        (consent,) = ada.call("GET", "/me/consents").body["items"]
    assert record.names == ["GetItem", "BatchGetItem"]
    assert consent == {
        "client_id": shop.id,
        "name": "Shop",
        "uri": None,
        "logo_uri": None,
        "scopes": ["email", "openid", "profile", "roles"],
        "resources": [],
        "since": "2026-03-01T12:00:00.000Z",
        "at": "2026-03-01T12:00:05.000Z",
    }


@pytest.mark.slow
@pytest.mark.peers
def test_revoking_ends_what_the_application_had_at_once(aws, ada, browser, shop):
    other = RelyingParty()
    kept = other.tokens(browser, scope=OFFLINE)
    tokens = shop.tokens(browser, scope=OFFLINE)
    assert ada.call("DELETE", f"/me/consents/{shop.id}").status == 204
    assert shop.userinfo(tokens["access_token"]).status == 401
    assert shop.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"
    assert shop.introspect(tokens["access_token"]).body == {"active": False}
    assert ada.call("DELETE", f"/me/consents/{shop.id}").status == 404
    assert [row["client_id"] for row in aws.rows("grants") if row["id"].startswith("grant#")] == [other.id]
    assert other.userinfo(kept["access_token"]).status == 200


@pytest.mark.slow
@pytest.mark.peers
def test_a_grant_that_was_not_found_to_be_removed_is_void_all_the_same(aws, ada, browser, shop):
    """The index of grants is a second behind: the write of the person's row is what counts."""
    tokens = shop.tokens(browser, scope=OFFLINE)
    (row,) = [row for row in aws.rows("grants") if row["id"].startswith("grant#")]
    assert ada.call("DELETE", f"/me/consents/{shop.id}").status == 204
    aws.put("grants", row)
    assert shop.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"
    clock.tick(seconds=1)
    again = shop.tokens(browser, scope=OFFLINE)
    assert shop.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"
    assert shop.refresh(again["refresh_token"]).status == 200


def test_a_code_of_before_the_end_gives_nothing(ada, browser, shop):
    code = browser.through(shop.link())["code"]
    assert ada.call("DELETE", f"/me/consents/{shop.id}").status == 204
    assert shop.redeem(code).body["error"] == "invalid_grant"


def test_the_owners_own_applications_need_none(ada, browser):
    own = RelyingParty({"first_party": True})
    assert "access_token" in own.tokens(browser)
    assert ada.call("GET", "/me/consents").body["items"] == []


def test_what_is_allowed_and_revoked_becomes_events(aws, ada, browser, shop):
    before = accounts.people().get("U1")
    shop.tokens(browser)
    allowed = accounts.people().get("U1")
    ada.call("DELETE", f"/me/consents/{shop.id}")
    revoked = accounts.people().get("U1")
    url = "https://rollcall.example"
    (granted,) = events_of("users", before, allowed, False, public_url=url)
    (ended,) = events_of("users", allowed, revoked, False, public_url=url)
    consent = {"client": shop.id, "scopes": ["email", "openid", "profile"]}
    assert (granted["type"], granted["data"]["consent"]) == ("consent.granted", consent)
    assert (ended["type"], ended["data"]["consent"]) == ("consent.revoked", consent)


def test_support_sees_what_was_allowed_and_administrators_revoke_it(ada, staff, browser, shop):
    tokens = shop.tokens(browser, scope=OFFLINE)
    staff.sign_in("B1", "support")
    assert staff.call("GET", "/users/U1/consents").body == ada.call("GET", "/me/consents").body
    assert staff.call("DELETE", f"/users/U1/consents/{shop.id}").status == 403
    staff.sign_in("A1", "admin", seconds_ago=301)
    assert staff.call("DELETE", f"/users/U1/consents/{shop.id}").body["type"] == "step-up-required"
    staff.sign_in("A1", "admin")
    before = accounts.people().get("U1")
    assert staff.call("DELETE", f"/users/U1/consents/{shop.id}").status == 204
    (event,) = events_of(
        "users", before, accounts.people().get("U1"), False, public_url="https://rollcall.example"
    )
    assert (event["type"], event["actor"]) == ("consent.revoked", "A1")
    assert shop.userinfo(tokens["access_token"]).status == 401
    assert shop.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"
    assert staff.call("GET", "/users/U1/consents").body["items"] == []
    assert staff.call("DELETE", f"/users/U1/consents/{shop.id}").status == 404
    assert browser.call("GET", "/me").status == 200


def test_who_is_gone_or_was_never_there_allowed_nothing(aws, staff, browser, shop):
    shop.tokens(browser)
    tombstone = {"id": "U1", "version": 99, "deleted_at": clock.timestamp()}
    with just_before("PutItem", lambda: aws.put("users", tombstone)):
        assert staff.call("DELETE", f"/users/U1/consents/{shop.id}").status == 404
    assert aws.rows("users") == [tombstone]
    for user_id in ("U1", "U9"):
        assert staff.call("GET", f"/users/{user_id}/consents").status == 404
    staff.sign_in("U2")
    assert staff.call("GET", "/users/U1/consents").status == 403


def test_a_person_allows_no_more_than_fifty(browser, shop):
    person = accounts.people().get("U1")
    many = {f"rcc_{number}": {"scopes": ["openid"], "since": "t", "at": "t"} for number in range(consents.LIMIT)}
    accounts.people().change(person, lambda _: {"consents": many})
    answer = browser.page(browser.open(shop.link()), allow=True)
    assert (answer.status, "revoke" in answer.body["detail"]) == (409, True)


def test_ones_own_data_tell_of_it_without_what_opens_doors(aws, ada, browser, shop):
    shop.tokens(browser, scope=OFFLINE)
    document = ada.call("GET", "/me/export").body
    assert document["person"]["consents"][shop.id]["scopes"] == ["email", "offline_access", "openid"]
    (grant,) = document["grants"]
    assert (grant["client_id"], grant["scopes"]) == (shop.id, OFFLINE.split())
    assert "hash" not in json.dumps(document["grants"])


def test_who_is_erased_leaves_no_grant(aws, browser, shop):
    shop.tokens(browser, scope=OFFLINE)
    erased = erase("U1", webhooks.tell_of_removal)
    assert (erased.rows, erased.done) == (1, True)
    assert list(grants().of_person("U1")) == []
