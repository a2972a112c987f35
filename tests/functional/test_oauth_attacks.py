"""Attacks on applications that sign people in with us, each by its name (RFC 9700, ASVS 5.0 chapter 10)."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

import jwt
import pytest

from chalicelib import accounts, oauth
from chalicelib.core import clock, ids
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.settings import settings
from chalicelib.tokens import jws, refresh_tokens, signing_keys
from chalicelib.web.routes import web
from tests.builders import PASSWORD, a_user
from tests.functional.apps import ApiClient
from tests.functional.faults import listening
from tests.functional.relying_party import (
    CALLBACK,
    ISSUER,
    PersonsBrowser,
    RelyingParty,
    answer_in,
    bent,
    challenge_of,
    claims_of,
    entered,
    fragment_of,
)

pytestmark = pytest.mark.usefixtures("held_clock")

ADA, MALLORY = "ada@maths.example", "mallory@evil.example"
OFFLINE = "openid email offline_access"


@pytest.fixture
def browser(aws):
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return entered(ADA)


@pytest.fixture
def shop(aws):
    return RelyingParty()


@pytest.fixture
def evil(aws):
    """An application of somebody who means ill, registered as any other."""
    return RelyingParty({"redirect_uris": ["https://evil.example/"], "name": "Evil"}, "https://evil.example/")


def code_of(browser, party, **parameters):
    return browser.through(party.link(**parameters))["code"]


def refused(answer, code="invalid_grant", status=400):
    assert (answer.status, answer.body["error"]) == (status, code), answer.body


def test_code_replay_ends_what_the_code_gave(browser, shop):
    code = code_of(browser, shop, scope=OFFLINE)
    tokens = shop.redeem(code).body
    assert shop.userinfo(tokens["access_token"]).status == 200
    refused(shop.redeem(code))
    assert shop.userinfo(tokens["access_token"]).status == 401
    assert shop.introspect(tokens["access_token"]).body == {"active": False}
    refused(shop.refresh(tokens["refresh_token"]))


@pytest.mark.slow
def test_code_replay_at_once_gives_one_grant_and_then_none(aws, browser, shop):
    """Both requests have read the code before either used it."""
    code, raced = code_of(browser, shop, scope=OFFLINE), []

    def meanwhile(**_):
        if not raced:
            raced.append(None)
            raced[0] = shop.redeem(code)

    with listening(clients.client("dynamodb"), "before-call.dynamodb.TransactWriteItems", meanwhile):
        refused(shop.redeem(code))
    assert raced[0].status == 200
    assert shop.userinfo(raced[0].body["access_token"]).status == 401
    assert [row for row in aws.rows("grants") if row["id"].startswith("grant#")] == []


def test_code_injection_another_clients_code_is_worth_nothing(browser, shop, evil):
    code = code_of(browser, shop)
    refused(evil.redeem(code, redirect_uri=CALLBACK, code_verifier=shop.verifier))
    assert shop.redeem(code).status == 200


def test_code_injection_a_code_of_another_browser_does_not_fit_the_verifier(browser, shop):
    """Mallory injects a stolen code into his own session with the application, whose verifier is another."""
    code = code_of(browser, shop)
    refused(shop.redeem(code, code_verifier=ids.new_secret(48)))


@pytest.mark.slow
def test_a_code_is_good_for_a_minute(browser, shop):
    code = code_of(browser, shop)
    clock.tick(seconds=60)
    refused(shop.redeem(code))


@pytest.mark.parametrize("verifier", [None, "", "short", "x" * 129, "ä" * 43])
def test_pkce_downgrade_a_verifier_is_always_needed(browser, shop, verifier):
    refused(shop.redeem(code_of(browser, shop), code_verifier=verifier))


def test_pkce_downgrade_no_challenge_is_no_request(browser, shop):
    for parameters in (
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
    ):
        assert answer_in(browser.open(shop.link(**parameters)))["error"] == "invalid_request"


def test_pkce_downgrade_the_challenge_itself_is_no_verifier(browser, shop):
    refused(shop.redeem(code_of(browser, shop), code_verifier=challenge_of(shop.verifier)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        f"{CALLBACK}#",
        f"{CALLBACK}#x",
        f"{CALLBACK}/",
        f"{CALLBACK}?x=1",
        f"{CALLBACK}/../evil",
        "https://shop.example:8443/callback",
        "https://shop.example:443/callback",
        "https://ada@shop.example/callback",
        "https://shop.example@evil.example/callback",
        "https://shop.example.evil.example/callback",
        "https://SHOP.example/callback",
        "http://shop.example/callback",
        "//shop.example/callback",
        "https://shop.example/callback%2f..",
        "https://shop.example/callback\\@evil.example",
        "https://shop.example/callback\r\nLocation: https://evil.example",
        "javascript:alert(1)//https://shop.example/callback",
        "https://evil.example/",
        "",
    ],
)
def test_open_redirect_no_address_but_the_registered_one_is_called(browser, shop, address):
    there = browser.open(shop.link(redirect_uri=address))
    assert there == f"{ISSUER}/account/authorize#problem=redirect_uri_wrong"


def test_redirect_another_port_is_another_address_but_on_loopback(browser):
    cli = RelyingParty(
        {"type": "public", "redirect_uris": ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:8000/cb"]}
    )
    for address in ("http://127.0.0.1:53211/cb", "http://[::1]:9/cb", "http://localhost:8000/cb"):
        assert "#request=" in browser.open(cli.link(redirect_uri=address))
    for address in (
        "http://localhost:8001/cb",
        "http://127.0.0.1:53211/other",
        "http://127.0.0.1:53211@evil.example/cb",
        "http://127.0.0.1:53211.evil.example/cb",
        "https://127.0.0.1:53211/cb",
        "http://127.0.0.1:0/cb",
    ):
        assert "problem=redirect_uri_wrong" in browser.open(cli.link(redirect_uri=address))


@pytest.mark.slow
@pytest.mark.parametrize(
    "registered", ["HTTP://127.0.0.1/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:080/cb", "http://[::1]:08/cb"]
)
@pytest.mark.parametrize("address", ["https://evil.example/", "javascript:alert(1)//", "http://127.0.0.1:9/other"])
def test_open_redirect_a_loopback_address_in_another_spelling_lets_no_other_in(browser, registered, address):
    """One that is no loopback address to compare by must not be equal to all that are none."""
    cli = RelyingParty(
        {"type": "public", "redirect_uris": [registered], "post_logout_redirect_uris": [registered]}
    )
    assert browser.open(cli.link(redirect_uri=address)) == f"{ISSUER}/account/authorize#problem=redirect_uri_wrong"
    asked = urlencode({"client_id": cli.id, "post_logout_redirect_uri": address})
    led = PersonsBrowser().call("GET", f"/oauth2/logout?{asked}", Authorization="")
    assert led.headers["Location"] == f"{ISSUER}/account/signed-out"


def test_open_redirect_an_error_is_told_to_nobody_unknown(browser, shop):
    there = browser.open(shop.link(redirect_uri="https://evil.example/", response_type="token", scope="x"))
    assert there.startswith(f"{ISSUER}/account/authorize#problem=")


def test_the_redirect_address_is_that_of_the_code(browser):
    shop = RelyingParty({"redirect_uris": [CALLBACK, "https://shop.example/other"]})
    code = code_of(browser, shop)
    refused(shop.redeem(code, redirect_uri="https://shop.example/other"))
    refused(shop.redeem(code, redirect_uri=None))


def test_mix_up_each_answer_says_who_gives_it(browser, shop):
    assert browser.through(shop.link())["iss"] == ISSUER
    assert browser.through(shop.link(), allow=False)["iss"] == ISSUER
    assert answer_in(browser.open(shop.link(response_type="token")))["iss"] == ISSUER
    found = browser.call("GET", "/.well-known/openid-configuration").body
    assert (found["issuer"], found["authorization_response_iss_parameter_supported"]) == (ISSUER, True)


@pytest.mark.slow
def test_consent_of_one_client_is_of_no_use_to_another(browser, shop, evil):
    """Neither the remembered one, nor the question that the person was asked."""
    shop.tokens(browser)
    assert "#request=" in browser.open(evil.link())
    sealed = fragment_of(browser.open(shop.link(scope="openid roles")))["request"]
    answer = browser.call("POST", "/oauth2/consent", {"request": sealed, "allow": True}).body["redirect"]
    assert answer.startswith(CALLBACK)
    refused(evil.redeem(answer_in(answer)["code"], redirect_uri=CALLBACK, code_verifier=shop.verifier))


@pytest.mark.slow
def test_consent_is_to_what_was_shown(browser, shop):
    """The request is sealed: neither client, scopes nor address can be changed on its way through the page."""
    sealed = fragment_of(browser.open(shop.link()))["request"]
    for position in range(0, len(sealed), 7):
        other = "A" if sealed[position] != "A" else "B"
        changed = sealed[:position] + other + sealed[position + 1 :]
        assert browser.call("POST", "/oauth2/consent", {"request": changed, "allow": True}).status == 410
    assert browser.call("POST", "/oauth2/consent", {"request": sealed, "allow": True}).status == 200


def test_consent_cannot_be_given_by_a_cookie_alone(browser, shop):
    """Another site can make a browser send cookies, and has no token of the page."""
    sealed = fragment_of(browser.open(shop.link()))["request"]
    answer = browser.call("POST", "/oauth2/consent", {"request": sealed, "allow": True}, Authorization="")
    assert answer.status == 401


def test_clickjacking_of_consent_no_page_is_framed(browser, shop):
    page = ApiClient(web).call("GET", "/account")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    led = browser.call("GET", shop.link().removeprefix(ISSUER), Authorization="")
    assert "frame-ancestors 'none'" in led.headers["Content-Security-Policy"]


def test_scope_widening_at_refresh_is_refused_and_narrowing_lasts_for_one_token(browser, shop):
    tokens = shop.tokens(browser, scope=OFFLINE)
    refused(shop.refresh(tokens["refresh_token"], scope="openid email offline_access roles"), "invalid_scope")
    narrow = shop.refresh(tokens["refresh_token"], scope="openid").body
    assert (narrow["scope"], claims_of(narrow["access_token"])["scope"]) == ("openid", "openid")
    assert shop.userinfo(narrow["access_token"]).body == {"sub": "U1"}
    assert "email" not in claims_of(narrow["id_token"])
    wide = shop.refresh(narrow["refresh_token"]).body
    assert (wide["scope"], claims_of(wide["id_token"])["email"]) == (OFFLINE, ADA)


def test_resource_widening_at_token_and_refresh_is_refused(browser):
    audiences = ["https://one.example", "https://two.example"]
    shop = RelyingParty({"audiences": audiences})
    code = code_of(browser, shop, scope=OFFLINE, resource=audiences[0])
    refused(shop.redeem(code, resource=audiences[1]), "invalid_target")
    tokens = shop.redeem(code, resource=audiences[0]).body
    assert claims_of(tokens["access_token"])["aud"] == audiences[0]
    refused(shop.refresh(tokens["refresh_token"], resource=audiences[1]), "invalid_target")
    assert claims_of(shop.refresh(tokens["refresh_token"]).body["access_token"])["aud"] == audiences[0]


@pytest.mark.slow
def test_what_is_taken_from_a_client_is_missing_at_its_next_refresh(browser):
    shop = RelyingParty({"audiences": ["https://api.example"]})
    plain = shop.tokens(browser, scope=OFFLINE)
    elsewhere = shop.tokens(browser, scope=OFFLINE, resource="https://api.example")
    client = oauth.clients().get(shop.id)
    next_version = {**client, "scopes": ["openid", "offline_access"], "audiences": [], "version": 2}
    oauth.clients().replace(client, next_version)
    refused(shop.refresh(elsewhere["refresh_token"]), "invalid_target")
    again = shop.refresh(plain["refresh_token"])
    assert again.body["scope"] == "openid offline_access"
    assert "email" not in claims_of(again.body["id_token"])
    assert shop.userinfo(again.body["access_token"]).body == {"sub": "U1"}
    oauth.clients().replace(next_version, {**next_version, "grant_types": ["authorization_code"], "version": 3})
    refused(shop.refresh(again.body["refresh_token"]), "unauthorized_client")


@pytest.mark.slow
def test_refresh_reuse_ends_the_grant(browser, shop):
    first = shop.tokens(browser, scope=OFFLINE)
    second = shop.refresh(first["refresh_token"]).body
    assert shop.refresh(first["refresh_token"]).body["refresh_token"] == second["refresh_token"]
    third = shop.refresh(second["refresh_token"]).body
    refused(shop.refresh(first["refresh_token"]))
    refused(shop.refresh(third["refresh_token"]))
    assert shop.userinfo(third["access_token"]).status == 401


@pytest.mark.slow
def test_a_refresh_token_is_its_clients_alone_and_no_session(browser, shop, evil):
    tokens = shop.tokens(browser, scope=OFFLINE)
    refused(evil.refresh(tokens["refresh_token"]))
    assert browser.refresh(tokens["refresh_token"]).status == 401
    session = PersonsBrowser()
    answer = session.call("POST", "/sessions", {"email": ADA, "password": PASSWORD})
    refused(shop.refresh(answer.body["refresh_token"]))
    assert shop.refresh(tokens["refresh_token"]).status == 200


def test_a_made_up_refresh_token_ends_nobodys_grant(browser, shop):
    tokens = shop.tokens(browser, scope=OFFLINE)
    grant_id = tokens["refresh_token"].partition(".")[0]
    stranger = refresh_tokens.first(grant_id, "U1")
    refused(shop.refresh(str(stranger)))
    refused(shop.refresh(bent(tokens["refresh_token"])))
    assert shop.refresh(tokens["refresh_token"]).status == 200


@pytest.mark.slow
def test_audience_confusion_no_token_counts_for_another(browser, shop):
    tokens = shop.tokens(browser, scope=OFFLINE)
    own = browser.access_token
    for wrong in (tokens["id_token"], tokens["refresh_token"], own, "", "x.y.z"):
        assert shop.userinfo(wrong).status == 401
    for wrong in (tokens["id_token"], tokens["access_token"], tokens["refresh_token"]):
        assert browser.call("GET", "/me", Authorization=f"Bearer {wrong}").status == 401
        assert answer_in(browser.open(shop.link(id_token_hint=wrong))).get("error", "") == (
            "" if wrong == tokens["id_token"] else "invalid_request"
        )
    resource = RelyingParty({"audiences": ["https://api.example"]})
    elsewhere = resource.tokens(browser, resource="https://api.example")
    assert resource.userinfo(elsewhere["access_token"]).status == 401


def test_algorithm_confusion_only_our_own_signature_counts(browser, shop):
    token = shop.tokens(browser)["access_token"]
    claims, header = claims_of(token), jwt.get_unverified_header(token)
    (published,) = [key.jwk() for key in signing_keys.keyring().published()][:1]
    none = jwt.encode(claims, None, "none", headers={"typ": "at+jwt", "kid": header["kid"]})
    secret = jwt.encode(claims, published["n"], "HS256", headers={"typ": "at+jwt", "kid": header["kid"]})
    identity = jws.signed(claims, signing_keys.keyring().current(), "JWT")
    for forged in (none, secret, identity, bent(token)):
        assert shop.userinfo(forged).status == 401
    assert shop.userinfo(token).status == 200


@pytest.mark.slow
def test_client_authentication_confusion_nobody_passes_by_less_than_their_own_way(browser, shop):
    code = code_of(browser, shop)
    refused(shop.redeem(code, client_secret=None), "invalid_client", 401)
    refused(shop.redeem(code, client_secret=""), "invalid_client", 401)
    refused(shop.redeem(code, client_secret="rcs_wrong"), "invalid_client", 401)
    app = RelyingParty({"type": "public"})
    refused(app.redeem("x", client_secret="rcs_x"), "invalid_client", 401)
    refused(shop.redeem(code, client_id=app.id, client_secret=None))
    assert shop.redeem(code).status == 200


def test_another_application_on_the_device_gets_no_code_without_the_person(browser):
    """Who may have received the answer of a public client by its own scheme or port, asked for it perhaps."""
    app = RelyingParty({"type": "public", "redirect_uris": ["com.example.shop:/cb"], "first_party": True})
    app.redirect_uri = "com.example.shop:/cb"
    for _ in range(2):
        assert "#request=" in browser.open(app.link())
        assert "code" in browser.through(app.link())
    assert answer_in(browser.open(app.link(prompt="none")))["error"] == "consent_required"


def test_prompt_none_tells_a_stranger_nothing_about_a_persons_consent(browser, shop, evil):
    """Without a session every client gets the same answer, whatever somebody allowed it before."""
    shop.tokens(browser)
    stranger = PersonsBrowser()
    answers = [answer_in(stranger.open(party.link(prompt="none"))) for party in (shop, evil)]
    assert answers[0] == answers[1]
    assert answers[0]["error"] == "login_required"


def test_login_csrf_a_forged_cookie_is_no_session(browser, shop):
    stranger = PersonsBrowser()
    genuine = browser.cookies["__Host-rollcall_session"]
    for forged in (bent(genuine), genuine.replace("U1", "U2"), "x.y.z.w", ""):
        stranger.cookies = {"__Host-rollcall_session": forged}
        assert "#request=" in stranger.open(shop.link())
    stranger.cookies = {"__Host-rollcall_session": genuine}
    shop.tokens(browser)
    assert "code=" in stranger.open(shop.link())


@pytest.mark.slow
def test_an_ended_session_gives_no_code_and_ends_what_rests_on_it(browser, shop):
    online, offline = shop.tokens(browser), shop.tokens(browser, scope=OFFLINE)
    code = code_of(browser, shop)
    cookies = dict(browser.cookies)
    assert browser.call("DELETE", "/sessions/current").status == 204
    browser.cookies = cookies
    assert "#request=" in browser.open(shop.link())
    refused(shop.redeem(code))
    assert shop.userinfo(online["access_token"]).status == 401
    assert shop.userinfo(offline["access_token"]).status == 200
    assert shop.refresh(offline["refresh_token"]).status == 200


@pytest.mark.parametrize("way", ["everywhere", "disabled", "removed"])
def test_what_ends_all_sessions_ends_use_without_the_person_too(browser, shop, way):
    tokens = shop.tokens(browser, scope=OFFLINE)
    person = accounts.people().get("U1")
    if way == "everywhere":
        assert browser.call("DELETE", "/sessions").status == 204
    elif way == "disabled":
        accounts.people().change(person, lambda _: {"status": "disabled"})
    else:
        accounts.people().remove(person, "E1", lambda _: {})
    assert shop.userinfo(tokens["access_token"]).status == 401
    refused(shop.refresh(tokens["refresh_token"]))
    assert shop.introspect(tokens["access_token"]).body == {"active": False}


def test_a_removed_client_has_nothing_any_more(browser, shop):
    tokens = shop.tokens(browser, scope=OFFLINE)
    oauth.clients().remove(oauth.clients().get(shop.id))
    assert shop.userinfo(tokens["access_token"]).status == 401
    refused(shop.refresh(tokens["refresh_token"]), "invalid_client", 401)


@pytest.mark.slow
def test_introspection_tells_nobody_of_anothers_tokens(browser, shop, evil):
    audience = "https://api.example"
    api = RelyingParty(
        {"type": "machine", "redirect_uris": [], "grant_types": ["client_credentials"]}
        | {"audiences": [audience], "roles": ["x"]}
    )
    app = RelyingParty({"audiences": [audience]})
    tokens = app.tokens(browser, scope=OFFLINE, resource=audience)
    told = api.introspect(tokens["access_token"]).body
    assert (told["active"], told["sub"], told["client_id"], told["aud"]) == (True, "U1", app.id, audience)
    assert app.introspect(tokens["refresh_token"]).body["active"] is True
    for asker, token in (
        (evil, tokens["access_token"]),
        (api, tokens["refresh_token"]),
        (evil, tokens["id_token"]),
    ):
        assert asker.introspect(token).body == {"active": False}
    public = RelyingParty({"type": "public"})
    refused(public.introspect(tokens["access_token"]), "unauthorized_client")
    refused(app.introspect(tokens["access_token"], client_secret="rcs_x"), "invalid_client", 401)


def test_revocation_is_for_ones_own_tokens(browser, shop, evil):
    tokens = shop.tokens(browser, scope=OFFLINE)
    refused(evil.revoke(tokens["refresh_token"]), "unauthorized_client")
    assert shop.userinfo(tokens["access_token"]).status == 200
    assert shop.revoke("made-up").status == 200
    assert shop.revoke(tokens["refresh_token"]).status == 200
    assert shop.userinfo(tokens["access_token"]).status == 401
    refused(shop.refresh(tokens["refresh_token"]))
    assert shop.revoke(tokens["refresh_token"]).status == 200


def test_a_token_that_cannot_be_revoked_is_not_said_to_be(shop):
    """That of a client itself ends with its secret (RFC 7009, section 2.2.1). Of another's nothing is told."""
    robots = [
        RelyingParty(
            {"type": "machine", "redirect_uris": [], "grant_types": ["client_credentials"], "roles": ["x"]}
        )
        for _ in range(2)
    ]
    token = robots[0].send("/oauth2/token", {"grant_type": "client_credentials"}).body["access_token"]
    refused(robots[0].revoke(token), "unsupported_token_type")
    assert [asker.revoke(token).status for asker in (robots[1], shop)] == [200, 200]
    assert robots[0].introspect(token).body["active"] is True
    clock.tick(seconds=600)
    assert robots[0].revoke(token).status == 200


def pushed(party, **parameters):
    return party.send("/oauth2/par", {**party.parameters(**parameters), "client_secret": party.secret})


def test_a_pushed_request_is_its_clients_good_once_and_for_a_minute(browser, shop, evil):
    def link(client_id, request_uri):
        return f"{ISSUER}/oauth2/authorize?{urlencode({'client_id': client_id, 'request_uri': request_uri})}"

    answer = pushed(shop)
    assert (answer.status, answer.body["expires_in"]) == (201, 60)
    name = answer.body["request_uri"]
    expired = f"{ISSUER}/account/authorize#problem=request_expired"
    assert browser.open(link(evil.id, name)) == expired
    assert "#request=" in browser.open(
        f"{link(shop.id, name)}&scope=openid+roles&redirect_uri=https://evil.example"
    )
    assert browser.open(link(shop.id, name)) == expired
    late = pushed(shop).body["request_uri"]
    clock.tick(seconds=60)
    assert browser.open(link(shop.id, late)) == expired
    assert browser.open(link(shop.id, name + "x")) == expired


def test_a_pushed_request_is_checked_before_any_browser_comes(shop):
    refused(pushed(shop, scope="admin"), "invalid_scope")
    refused(pushed(shop, redirect_uri="https://evil.example/"), "invalid_request")
    refused(pushed(shop, code_challenge=None), "invalid_request")
    refused(pushed(shop, request_uri="urn:ietf:params:oauth:request_uri:x"), "request_uri_not_supported")
    refused(shop.send("/oauth2/par", {**shop.parameters(), "client_secret": "rcs_x"}), "invalid_client", 401)


@pytest.mark.slow
def test_a_pushed_request_may_name_its_client_in_the_header_alone(browser):
    shop = RelyingParty({"first_party": True})
    hint = shop.tokens(browser)["id_token"]
    fields = shop.parameters(client_id=None, id_token_hint=hint)
    basic = base64.b64encode(f"{shop.id}:{shop.secret}".encode()).decode()
    answer = shop.send(
        "/oauth2/par", {**fields, "client_id": None, "client_secret": None}, Authorization=f"Basic {basic}"
    )
    assert answer.status == 201, answer.body
    sent = {"client_id": shop.id, "request_uri": answer.body["request_uri"]}
    there = browser.open(f"{ISSUER}/oauth2/authorize?{urlencode(sent)}")
    assert shop.redeem(answer_in(there)["code"]).status == 200


def test_a_client_that_pushes_its_requests_makes_no_others(browser):
    shop = RelyingParty({"require_par": True, "first_party": True})
    assert answer_in(browser.open(shop.link()))["error"] == "invalid_request"
    name = pushed(shop).body["request_uri"]
    with telemetry.recording() as record:
        there = browser.open(f"{ISSUER}/oauth2/authorize?{urlencode({'client_id': shop.id, 'request_uri': name})}")
    assert record.names == ["BatchGetItem", "DeleteItem", "PutItem"]
    assert shop.redeem(answer_in(there)["code"]).status == 200


@settings.held(sign_ins_per_hour=3)
def test_a_flood_of_strangers_reads_nothing_more(shop, aws):
    stranger = PersonsBrowser()
    for _ in range(3):
        assert "#request=" in stranger.open(shop.link())
    with telemetry.recording() as record:
        assert stranger.open(shop.link()) == f"{ISSUER}/account/authorize#problem=unavailable"
    assert record.names == []


@settings.held(sign_ins_per_hour=3)
def test_a_flood_of_pushed_requests_by_whoever_knows_a_public_client_is_stopped(aws, shop):
    public = RelyingParty({"type": "public"})
    assert [pushed(public).status for _ in range(4)] == [201, 201, 201, 429]
    assert pushed(shop).status == 201


def test_no_row_holds_what_would_open_a_door(aws, browser, shop):
    code = code_of(browser, shop, scope=OFFLINE)
    tokens = shop.redeem(code).body
    name = pushed(shop).body["request_uri"]
    kept = json.dumps([aws.rows(table) for table in ("grants", "clients", "credentials", "users")], default=str)
    for secret in (code, tokens["refresh_token"], tokens["access_token"], name, shop.verifier, shop.secret):
        assert secret not in kept
