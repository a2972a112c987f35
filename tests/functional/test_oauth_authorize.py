"""`/oauth2/authorize` and its page: who is asked what, and what the application gets."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from chalicelib import accounts, oauth
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from tests.builders import PASSWORD, a_user
from tests.functional.relying_party import (
    CALLBACK,
    ISSUER,
    PersonsBrowser,
    RelyingParty,
    answer_in,
    claims_of,
    entered,
    fragment_of,
)

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
PAGE = f"{ISSUER}/account/authorize#"


@pytest.fixture
def ada(aws):
    return a_user(id="U1", email=ADA, name="Ada", locale="en", birthdate="1815-12-10", password=PASSWORD)


@pytest.fixture
def browser(ada):
    """Ada's, who has signed in."""
    return entered(ADA)


@pytest.fixture
def shop(aws):
    return RelyingParty()


@pytest.fixture
def own(aws):
    """An application of the owner's own."""
    return RelyingParty({"first_party": True})


def test_who_is_signed_in_goes_straight_back_to_an_own_application(browser, own):
    with telemetry.recording() as record:
        there = browser.open(own.link())
    assert record.names == ["BatchGetItem", "PutItem"]
    assert there.startswith(f"{CALLBACK}?")
    answer = answer_in(there)
    assert (answer["state"], answer["iss"]) == ("s1", ISSUER)
    assert own.redeem(answer["code"]).status == 200


def test_a_form_does_the_same(browser, own):
    body = urlencode(own.parameters()).encode()
    answer = browser.call(
        "POST", "/oauth2/authorize", body, Content_Type="application/x-www-form-urlencoded", Authorization=""
    )
    assert (answer.status, answer_in(answer.headers["Location"])["state"]) == (303, "s1")


def test_an_application_of_others_gets_what_the_person_allows_and_is_asked_for_once(browser, shop):
    there = browser.open(shop.link())
    assert there.startswith(PAGE)
    asked = browser.page(there).body["consent"]
    assert asked == {
        "client": {
            "id": shop.id,
            "name": "Shop",
            "uri": None,
            "logo_uri": None,
            "first_party": False,
            "source": "admin",
        },
        "scopes": ["openid", "profile", "email"],
        "resource": None,
        "redirect_uri": CALLBACK,
        "days": None,
    }
    with telemetry.recording() as record:
        answer = browser.page(there, allow=True)
    assert record.names == ["BatchGetItem", "GetItem", "GetItem", "TransactWriteItems"]
    assert shop.redeem(answer_in(answer.body["redirect"])["code"]).status == 200
    assert browser.open(shop.link()).startswith(CALLBACK)
    assert browser.open(shop.link(scope="openid")).startswith(CALLBACK)
    assert browser.open(shop.link(scope="openid roles")).startswith(PAGE)
    assert browser.open(shop.link(prompt="consent")).startswith(PAGE)
    assert browser.open(RelyingParty().link()).startswith(PAGE)


def test_who_says_no_is_led_back_with_that(browser, shop):
    answer = browser.page(browser.open(shop.link()), allow=False)
    assert answer_in(answer.body["redirect"]) == {
        "error": "access_denied",
        "error_description": "the person did not allow it",
        "state": "s1",
        "iss": ISSUER,
    }
    assert accounts.people().get("U1").get("consents") is None


def test_who_is_not_signed_in_signs_in_first(ada, own):
    browser = PersonsBrowser()
    there = browser.open(own.link())
    assert there.startswith(PAGE)
    browser.enter(ADA)
    assert "code=" in browser.page(there).body["redirect"]


def test_what_the_tokens_say(browser, shop):
    tokens = shop.tokens(browser, scope="openid profile email roles offline_access")
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    now = clock.epoch()
    assert access == {
        "iss": ISSUER,
        "sub": "U1",
        "aud": f"{ISSUER}/oauth2/userinfo",
        "client_id": shop.id,
        "jti": access["jti"],
        "iat": now,
        "exp": now + 600,
        "scope": "openid profile email roles offline_access",
        "sid": access["sid"],
        "grant": access["grant"],
        "auth_time": now,
        "acr": "aal1",
        "amr": ["pwd"],
        "roles": [],
    }
    assert identity == {
        "iss": ISSUER,
        "sub": "U1",
        "aud": shop.id,
        "azp": shop.id,
        "iat": now,
        "exp": now + 600,
        "auth_time": now,
        "acr": "aal1",
        "amr": ["pwd"],
        "sid": access["sid"],
        "at_hash": identity["at_hash"],
        "nonce": "n1",
        "email": ADA,
        "email_verified": True,
        "name": "Ada",
        "locale": "en",
        "birthdate": "1815-12-10",
        "updated_at": now,
        "roles": [],
    }
    told = shop.userinfo(tokens["access_token"]).body
    names = ("sub", "email", "email_verified", "name", "locale", "birthdate", "updated_at", "roles")
    assert told == {name: identity[name] for name in names}


@pytest.mark.slow
def test_scopes_tell_no_more_than_they_say(browser, shop):
    tokens = shop.tokens(browser, scope="openid")
    assert "refresh_token" not in tokens
    assert not {"email", "name", "roles", "birthdate"} & claims_of(tokens["id_token"]).keys()
    assert shop.userinfo(tokens["access_token"]).body == {"sub": "U1"}
    without = shop.tokens(browser, scope="email")
    assert "id_token" not in without
    refused = shop.userinfo(without["access_token"])
    assert (refused.status, refused.body["type"]) == (403, "insufficient-scope")


@pytest.mark.slow
def test_a_code_and_a_refresh_cost_what_is_stated(browser, shop):
    code = browser.through(shop.link(scope="openid offline_access"))["code"]
    with telemetry.recording() as record:
        tokens = shop.redeem(code).body
    assert record.names == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    with telemetry.recording() as record:
        again = shop.refresh(tokens["refresh_token"])
    assert (again.status, record.names) == (200, ["BatchGetItem", "PutItem"])
    with telemetry.recording() as record:
        assert shop.userinfo(again.body["access_token"]).status == 200
    assert record.names == ["BatchGetItem"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"resource": "https://api.example"}, "invalid_target"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://shop.example/request"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"claims": "{}"}, "invalid_request"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
        ({"state": "x" * 2001}, "invalid_request"),
    ],
)
def test_the_application_is_told_what_is_wrong(browser, own, parameters, code):
    there = browser.open(own.link(**parameters))
    assert there.startswith(f"{CALLBACK}?")
    answer = answer_in(there)
    assert (answer["error"], answer["iss"], answer["state"]) == (code, ISSUER, parameters.get("state", "s1"))
    assert "code" not in answer


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"client_id": None}, "client_unknown"),
        ({"client_id": "rcc_unknown"}, "client_unknown"),
        ({"client_id": "\0"}, "client_unknown"),
        ({"redirect_uri": None}, "redirect_uri_wrong"),
        ({"redirect_uri": "https://evil.example/"}, "redirect_uri_wrong"),
    ],
)
def test_nobody_unknown_gets_an_answer(browser, own, parameters, problem):
    assert browser.open(own.link(**parameters)) == f"{PAGE}problem={problem}"


def test_a_parameter_that_is_sent_twice_is_refused(browser, own):
    assert browser.open(f"{own.link()}&state=s2") == f"{PAGE}problem=request_invalid"
    assert browser.open(f"{own.link()}&utm_source=a&utm_source=b").startswith(CALLBACK)


@pytest.mark.parametrize(
    ("prompt", "need"),
    [("none", None), ("login", "step_up"), ("consent", "consent"), ("select_account", "consent")],
)
def test_a_prompt_asks_what_it_says(browser, own, prompt, need):
    clock.tick(seconds=1)
    there = browser.open(own.link(prompt=prompt))
    if need is None:
        assert "code=" in there
        return
    answer = browser.page(there)
    if need == "consent":
        assert answer.body["consent"]["client"]["id"] == own.id
        return
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    assert browser.call("POST", "/sessions/current/step-up", {"password": PASSWORD}).status == 204
    assert "code=" in browser.page(there).body["redirect"]


def test_a_sign_in_of_the_same_second_was_before_the_request_all_the_same(browser, own):
    there = browser.open(own.link(prompt="login"))
    assert browser.page(there).body["type"] == "step-up-required"
    clock.tick(seconds=1)
    assert browser.call("POST", "/sessions/current/step-up", {"password": PASSWORD}).status == 204
    assert "code=" in browser.page(there).body["redirect"]


def test_without_a_page_the_application_is_told_what_is_missing(ada, browser, shop, own):
    stranger = PersonsBrowser()
    for party in (shop, own):
        assert answer_in(stranger.open(party.link(prompt="none")))["error"] == "login_required"
    assert answer_in(browser.open(shop.link(prompt="none")))["error"] == "consent_required"
    clock.tick(seconds=61)
    assert answer_in(browser.open(own.link(prompt="none", max_age="60")))["error"] == "login_required"
    assert answer_in(browser.open(own.link(prompt="none", acr_values="phr aal2")))["error"] == "login_required"
    assert "code" in answer_in(browser.open(own.link(prompt="none", acr_values="aal1")))


def test_a_maximal_age_is_held(browser, own):
    clock.tick(seconds=61)
    assert browser.open(own.link(max_age="61")).startswith(CALLBACK)
    there = browser.open(own.link(max_age="60"))
    assert browser.page(there).status == 401
    clock.tick(seconds=1)
    browser.call("POST", "/sessions/current/step-up", {"password": PASSWORD})
    assert (
        claims_of(own.redeem(answer_in(browser.page(there).body["redirect"])["code"]).body["id_token"])[
            "auth_time"
        ]
        == clock.epoch()
    )


def test_a_level_is_asked_for_by_its_name(browser, own):
    answer = browser.page(browser.open(own.link(acr_values="phr other")))
    assert (answer.status, answer.body["type"], answer.body["acr_values"]) == (401, "step-up-required", ["phr"])
    assert 'acr_values="phr"' in answer.headers["WWW-Authenticate"]
    assert "second factor" in answer.body["detail"]


@pytest.mark.slow
def test_a_level_that_one_factor_reaches_asks_for_no_second(browser, own):
    clock.tick(seconds=61)
    answer = browser.page(browser.open(own.link(acr_values="phr aal1", max_age="60")))
    assert (answer.status, answer.body["type"]) == (401, "step-up-required")
    assert "second factor" not in answer.body["detail"]


@pytest.mark.slow
def test_another_person_than_the_application_expects_is_asked_to_sign_in_as_them(browser, own):
    hint = own.tokens(browser)["id_token"]
    a_user(id="U2", email="grace@maths.example", password=PASSWORD)
    grace = PersonsBrowser()
    grace.enter("grace@maths.example")
    there = grace.open(own.link(id_token_hint=hint))
    assert (grace.page(there).status, grace.page(there).body["type"]) == (403, "another-person")
    assert answer_in(grace.open(own.link(id_token_hint=hint, prompt="none")))["error"] == "login_required"
    assert browser.open(own.link(id_token_hint=hint)).startswith(CALLBACK)
    other = RelyingParty({"first_party": True})
    assert answer_in(browser.open(other.link(id_token_hint=hint)))["error"] == "invalid_request"


def test_a_request_waits_for_ten_minutes(browser, shop):
    there = browser.open(shop.link())
    clock.tick(seconds=600)
    assert browser.refresh().status == 200
    assert browser.page(there).status == 200
    clock.tick(seconds=1)
    answer = browser.page(there, allow=True)
    assert (answer.status, answer.body["type"]) == (410, "request-expired")


@pytest.mark.slow
@pytest.mark.parametrize("sealed", ["", "x", "1.", "1.eA", "9.eA", "1." + "A" * 200])
def test_what_we_did_not_seal_is_no_request(browser, sealed):
    answer = browser.call("POST", "/oauth2/consent", {"request": sealed, "allow": True})
    assert (answer.status, answer.body["type"]) == (410, "request-expired")


def test_a_client_that_was_changed_or_removed_meanwhile_gets_no_answer(browser, shop):
    there = browser.open(shop.link())
    client = oauth.clients().get(shop.id)
    oauth.clients().replace(client, {**client, "redirect_uris": ["https://shop.example/new"], "version": 2})
    for allow in (True, False):
        assert browser.page(there, allow).body["type"] == "request-refused"
    oauth.clients().remove(oauth.clients().get(shop.id))
    assert browser.page(there, allow=False).body["type"] == "request-refused"


def test_the_page_is_in_the_language_that_the_application_asks_for_and_knows_whom_it_expects(ada, shop):
    there = PersonsBrowser().open(shop.link(ui_locales="de en", login_hint=ADA))
    assert there.startswith(f"{ISSUER}/account/authorize?ui_locales=de%20en#")
    assert fragment_of(there)["login_hint"] == ADA


def test_the_page_gets_the_request_in_a_fragment_and_sealed(browser, shop):
    there = browser.open(shop.link())
    assert shop.id not in there
    assert fragment_of(there).keys() == {"request"}


def test_nothing_is_logged_that_opens_a_door(browser, shop, caplog):
    tokens = shop.tokens(browser, scope="openid email offline_access")
    shop.refresh(tokens["refresh_token"])
    logged = str([vars(record) for record in caplog.records])
    assert "authorization code issued" in logged
    for secret in (shop.verifier, shop.secret, tokens["refresh_token"], tokens["access_token"], ADA):
        assert secret not in logged


def test_who_may_not_stay_when_the_person_has_gone_is_answered_as_if_it_had_not_asked(aws, browser):
    """Libraries ask for `offline_access` wherever the metadata has it (OpenID Connect Core 1.0, section 11)."""
    shop = RelyingParty(registered={"scopes": ["openid", "email"]})
    tokens = shop.tokens(browser, scope="openid email offline_access")
    assert tokens["scope"] == "openid email"
    assert "refresh_token" not in tokens
