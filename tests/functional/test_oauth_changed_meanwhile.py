"""What an application gets where its registration, a person's word or their factors changed in the middle of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib import accounts, oauth
from chalicelib.core.settings import settings
from chalicelib.oauth import given_consents
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import app_of, key_of
from tests.functional.relying_party import RelyingParty, claims_of, entered
from tests.functional.test_oauth_device import Television, answered

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.authenticator import Authenticator
    from tests.functional.apps import Answer
    from tests.functional.relying_party import PersonsBrowser

pytestmark = pytest.mark.usefixtures("held_clock")

ADA, AUDIENCE = "ada@maths.example", "https://api.example"
ASKED = {"scope": "openid email offline_access", "resource": AUDIENCE}


@pytest.fixture
def browser(aws):
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD, roles=["admin"])
    return entered(ADA)


def by_code(browser: PersonsBrowser) -> tuple[RelyingParty, Callable[[], Answer]]:
    shop = RelyingParty({"audiences": [AUDIENCE]})
    code = browser.through(shop.link(**ASKED))["code"]
    return shop, lambda: shop.redeem(code)


def by_device(browser: PersonsBrowser) -> tuple[RelyingParty, Callable[[], Answer]]:
    television = Television(audiences=[AUDIENCE])
    assert television.begin(**ASKED).status == 200
    assert answered(browser, television.shown["user_code"], allow=True).status == 200
    return television, television.poll


def register(party: RelyingParty, **registered: Any) -> None:
    client = oauth.clients().get(party.id)
    changed: Any = {**client, **registered, "version": client["version"] + 1}
    oauth.clients().replace(client, changed)


@pytest.mark.parametrize("way", [by_code, by_device])
def test_what_was_taken_from_the_client_is_missing_from_its_first_tokens(browser, way):
    party, fetch = way(browser)
    register(party, scopes=["openid"])
    answer = fetch()
    assert (answer.status, answer.body["scope"]) == (200, "openid"), answer.body
    assert "refresh_token" not in answer.body
    assert "email" not in claims_of(answer.body["id_token"])


@pytest.mark.slow
@pytest.mark.parametrize("way", [by_code, by_device])
@pytest.mark.parametrize(
    ("taken", "error"), [({"scopes": ["roles"]}, "unauthorized_client"), ({"audiences": []}, "invalid_target")]
)
def test_a_client_from_which_all_was_taken_gets_nothing(aws, browser, way, taken, error):
    party, fetch = way(browser)
    register(party, **taken)
    answer = fetch()
    assert (answer.status, answer.body["error"]) == (400, error)
    assert [row for row in aws.rows("grants") if row["id"].startswith("grant#")] == []


@pytest.mark.parametrize("way", [by_code, by_device])
def test_what_a_person_has_taken_back_gives_no_first_tokens(aws, browser, way):
    party, fetch = way(browser)
    assert browser.call("GET", "/me").status == 200
    revoke(party)
    answer = fetch()
    assert (answer.status, answer.body["error"]) == (400, "invalid_grant"), answer.body
    assert [row for row in aws.rows("grants") if row["id"].startswith("grant#")] == []


def revoke(party: RelyingParty) -> None:
    given_consents.revoke(accounts.people().get("U1"), party.id)


@pytest.mark.slow
@settings.held(admin_second_factor="required")
def test_who_has_lost_a_factor_is_no_administrator_to_applications_either(browser):
    app = app_of(browser)
    assert browser.call("POST", "/sessions/current/step-up", {"otp": app.code()}).status == 204
    shop = RelyingParty()
    tokens = shop.tokens(browser, scope="openid roles offline_access")
    assert claims_of(tokens["access_token"])["roles"] == ["admin"]
    key_of(browser)
    assert browser.call("DELETE", "/me/totp").status == 204
    assert shop.userinfo(tokens["access_token"]).body["roles"] == []
    again = shop.refresh(tokens["refresh_token"]).body
    assert claims_of(again["access_token"])["roles"] == []


@pytest.mark.slow
def test_a_passkey_that_is_gone_gives_no_later_proof_its_level(browser):
    key = key_of(browser)
    browser.refresh()
    assert stepped_up(browser, key).status == 204
    own = RelyingParty({"first_party": True})
    assert level(own, browser) == "phr"
    app = app_of(browser)
    (passkey,) = browser.call("GET", "/me/passkeys").body["items"]
    assert browser.call("DELETE", f"/me/passkeys/{passkey['id']}").status == 204
    assert level(own, browser) == "aal1"
    assert browser.call("POST", "/sessions/current/step-up", {"otp": app.code()}).status == 204
    assert level(own, browser) == "aal2"


def stepped_up(browser: PersonsBrowser, key: Authenticator) -> Answer:
    response = key.get(browser.call("POST", "/sessions/passkey/options").body)
    return browser.call("POST", "/sessions/current/step-up", {"passkey": response})


def level(party: RelyingParty, browser: PersonsBrowser) -> str:
    return str(claims_of(party.tokens(browser, scope="openid")["id_token"])["acr"])
