"""An application sends a browser to `/oauth2/logout`: who is signed out at once, who is asked, and where it goes on."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.http.declarations import FORM
from chalicelib.core.settings import settings
from chalicelib.sessions import cookies
from tests.builders import PASSWORD, a_user
from tests.functional.relying_party import ISSUER, PersonsBrowser, RelyingParty, entered, fragment_of

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
GOODBYE = "https://shop.example/goodbye"
PAGE = f"{ISSUER}/account/signed-out"


@pytest.fixture
def browser(aws):
    a_user(id="U1", email=ADA, name="Ada", password=PASSWORD)
    return entered(ADA)


@pytest.fixture
def shop(aws):
    return RelyingParty({"first_party": True, "post_logout_redirect_uris": [GOODBYE, f"{GOODBYE}?from=us"]})


def link(**parameters: str) -> str:
    return f"/oauth2/logout?{urlencode(parameters)}"


def log_out(browser: PersonsBrowser, **parameters: str) -> str:
    """Where the browser is led that an application sends here."""
    answer = browser.call("GET", link(**parameters), Authorization="", Origin="")
    assert answer.status == 303, answer.body
    return str(answer.headers["Location"])


def is_signed_in(browser: PersonsBrowser) -> bool:
    return browser.call("GET", "/me").status == 200


def test_an_id_token_of_this_session_signs_out_at_once_and_the_browser_goes_on(browser, shop):
    hint = shop.tokens(browser)["id_token"]
    with telemetry.recording() as record:
        there = log_out(browser, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state="a b&c")
    assert record.names == ["BatchGetItem", "PutItem"]
    assert there == f"{GOODBYE}?state=a%20b%26c"
    assert not is_signed_in(browser)
    assert {cookies.SESSION, cookies.REFRESH} & browser.cookies.keys() == set()
    assert browser.refresh().status == 401


def test_an_old_id_token_does_it_too(browser, shop):
    hint = shop.tokens(browser)["id_token"]
    clock.tick(days=20)
    assert log_out(browser, id_token_hint=hint, post_logout_redirect_uri=GOODBYE) == GOODBYE
    assert cookies.SESSION not in browser.cookies


def test_a_form_of_another_site_is_led_here_by_a_link_with_which_the_cookie_comes(browser, shop):
    fields = {"id_token_hint": shop.tokens(browser)["id_token"], "post_logout_redirect_uri": GOODBYE, "state": "s"}
    form = urlencode(fields).encode()
    answer = browser.call(
        "POST",
        "/oauth2/logout",
        form,
        Content_Type=FORM,
        Cookie="",
        Authorization="",
        Origin="https://shop.example",
    )
    assert answer.status == 303
    path, _, query = answer.headers["Location"].partition("?")
    assert (path, dict(parse_qsl(query))) == (f"{ISSUER}/oauth2/logout", fields)
    assert is_signed_in(browser)
    answer = browser.call("POST", "/oauth2/logout", form, Content_Type=FORM, Authorization="")
    assert (answer.status, answer.headers["Location"]) == (303, f"{GOODBYE}?state=s")
    assert not is_signed_in(browser)


def test_without_a_hint_the_page_asks_and_brings_back_where_to_go_on(browser, shop):
    there = log_out(browser, client_id=shop.id, post_logout_redirect_uri=f"{GOODBYE}?from=us", state="s")
    assert there.startswith(f"{PAGE}#")
    assert is_signed_in(browser)
    back = fragment_of(there)["request"]
    assert browser.call("DELETE", "/sessions/current").status == 204
    answer = browser.call("GET", f"/oauth2/logout?{back}", Authorization="")
    assert answer.headers["Location"] == f"{GOODBYE}?from=us&state=s"


def test_without_anything_the_page_asks(browser):
    assert log_out(browser) == PAGE
    assert is_signed_in(browser)


def test_without_an_address_the_page_tells_that_it_is_over(browser, shop):
    hint = shop.tokens(browser)["id_token"]
    assert log_out(browser, id_token_hint=hint) == PAGE
    assert not is_signed_in(browser)


def test_who_is_not_signed_in_goes_on_at_once(aws, shop):
    stranger = PersonsBrowser()
    assert log_out(stranger, client_id=shop.id, post_logout_redirect_uri=GOODBYE) == GOODBYE
    assert log_out(stranger) == PAGE


def test_the_hint_of_another_session_or_client_only_asks(browser, shop):
    hint = shop.tokens(browser)["id_token"]
    other = RelyingParty({"first_party": True, "post_logout_redirect_uris": [GOODBYE]})
    assert log_out(browser, id_token_hint=hint, client_id=other.id).startswith(PAGE)
    assert is_signed_in(browser)
    browser.call("DELETE", "/sessions/current")
    browser.enter(ADA)
    assert log_out(browser, id_token_hint=hint).startswith(PAGE)
    assert is_signed_in(browser)


@pytest.mark.slow
def test_a_grant_without_offline_access_ends_with_the_session_and_one_with_it_stays(browser, shop):
    tokens = shop.tokens(browser)
    offline = shop.tokens(browser, scope="openid offline_access", prompt="consent")
    assert shop.userinfo(tokens["access_token"]).status == 200
    log_out(browser, id_token_hint=tokens["id_token"])
    assert shop.userinfo(tokens["access_token"]).status == 401
    assert shop.introspect(tokens["access_token"]).body == {"active": False}
    assert "refresh_token" not in tokens
    assert shop.refresh(offline["refresh_token"]).status == 200


def test_a_parameter_that_is_sent_twice_leads_to_the_page(browser, shop):
    hint = shop.tokens(browser)["id_token"]
    answer = browser.call(
        "GET", f"{link(id_token_hint=hint)}&client_id={shop.id}&client_id=other", Authorization=""
    )
    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    assert is_signed_in(browser)


def test_strangers_come_so_often_in_an_hour(aws, shop):
    stranger = PersonsBrowser()
    with settings.held(sign_ins_per_hour=2):
        there = [log_out(stranger, client_id=shop.id, post_logout_redirect_uri=GOODBYE) for _ in range(3)]
    assert there == [GOODBYE, GOODBYE, PAGE]
