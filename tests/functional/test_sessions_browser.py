"""Browser mode: a refresh token that no script reads, and that no other site can use, plant or forge."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.sessions import browser_sessions
from tests.builders import PASSWORD, a_user
from tests.functional.visitors import Browser, Visitor, visitor

pytestmark = pytest.mark.usefixtures("held_clock")

ADA = "ada@maths.example"
REFRESH = "__Host-rollcall_refresh"
SESSION = "__Host-rollcall_session"
DEVICE = "__Host-rollcall_device"
EVIL = ("", "null", "https://evil.example", "https://rollcall.example.evil.example", "http://rollcall.example")


@pytest.fixture
def ada(aws):
    return a_user(id="U.1", email=ADA, password=PASSWORD)


@pytest.fixture
def browser(ada):
    """A browser in which Ada has signed in."""
    made = Browser()
    assert made.enter(ADA).status == 201
    return made


def going_on(aws) -> int:
    return sum("deleted_at" not in row for row in aws.rows("sessions"))


def test_the_refresh_token_is_in_a_cookie_that_only_this_host_gets(ada):
    browser = Browser()
    body = browser.enter(ADA).body
    assert body.keys() == {"access_token", "token_type", "expires_in"}
    refresh, session, device = browser.set_cookies
    assert refresh.startswith(f"{REFRESH}={browser.cookies[REFRESH]}; ")
    assert device.startswith(f"{DEVICE}={browser.cookies[DEVICE]}; ")
    flags = {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    assert {*refresh.split("; ")[1:]} == flags | {f"Max-Age={30 * 86400}"}
    lax = flags - {"SameSite=Strict"} | {"SameSite=Lax"}
    assert {*session.split("; ")[1:]} == lax | {f"Max-Age={30 * 86400}"}
    assert {*device.split("; ")[1:]} == flags | {f"Max-Age={365 * 86400}"}


def test_a_page_goes_on_with_the_cookie_alone(aws, browser):
    first = browser.cookies[REFRESH]
    clock.tick(days=10)
    answer = browser.refresh()
    assert (answer.status, answer.body.keys()) == (200, {"access_token", "token_type", "expires_in"})
    assert [f"Max-Age={20 * 86400}" in cookie for cookie in browser.set_cookies] == [True, True]
    assert browser.cookies[REFRESH] != first
    assert browser.call("GET", "/me").status == 200


def test_an_allowed_origin_may(ada, browser):
    browser.origin = "https://app.example"
    answer = browser.refresh()
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"


@pytest.mark.slow
@pytest.mark.parametrize("origin", EVIL)
def test_cross_site_use_of_the_cookie_is_refused_and_changes_nothing(aws, browser, origin):
    before = aws.rows("sessions")
    browser.origin = origin
    answer = browser.refresh()
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert aws.rows("sessions") == before


@pytest.mark.parametrize("origin", EVIL)
def test_cross_site_sign_in_is_refused(aws, ada, origin):
    """Else another site could sign its visitors in to an account of its own, and watch what they enter."""
    browser = Browser(origin)
    assert browser.enter(ADA).status == 403
    assert browser.cookies == {}
    assert aws.rows("sessions") == []


@settings.held(public_url="https://accounts.example:8443/api", allowed_origins=())
def test_the_origin_is_that_of_the_public_url_whatever_the_host_says(aws, browser):
    browser.origin = "https://evil.example"
    assert browser.call("POST", "/sessions/refresh", {}, Host="evil.example").status == 403
    browser.origin = "https://accounts.example:8443"
    assert browser.call("POST", "/sessions/refresh", {}, Host="evil.example").status == 200


@pytest.mark.slow
def test_forged_cookies_let_nobody_in(aws, browser):
    good = browser.cookies[REFRESH]
    place, _, last = good.rpartition(".")
    for forged in ("", "x", place, f"{place}.{last[::-1]}", good + "A", good.replace("U.1", "U.2"), f'"{good}"'):
        stranger = Browser()
        stranger.cookies = {REFRESH: forged}
        assert stranger.refresh().status == 401, forged
    for name in ("rollcall_refresh", "__Secure-rollcall_refresh", REFRESH.lower(), f"x{REFRESH}"):
        stranger = Browser()
        stranger.cookies = {name: good}
        assert stranger.refresh().status == 401, name
    assert browser.refresh().status == 200


def test_of_two_cookies_of_one_name_neither_counts(browser):
    good = browser.cookies[REFRESH]
    for twice in (f"{REFRESH}={good}; {REFRESH}=planted", f"{REFRESH}=planted;{REFRESH}={good}"):
        assert browser.call("POST", "/sessions/refresh", {}, Cookie=twice).status == 401


def test_a_cookie_is_no_bearer_token(browser):
    assert browser.call("GET", "/me", Authorization="").status == 401
    assert browser.call("DELETE", "/sessions/current", Authorization="").status == 401


def test_without_token_and_cookie_there_is_nothing_to_refresh(aws):
    assert Browser().refresh().status == 401
    assert Visitor().call("POST", "/sessions/refresh", {}).status == 403


def test_a_token_in_the_body_needs_no_origin_and_sets_no_cookie(ada):
    ada_on_phone = visitor(ADA)
    answer = ada_on_phone.refresh()
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers


@pytest.mark.slow
def test_fixation_whoever_signs_in_gets_a_session_of_their_own(aws, browser):
    """A session that somebody planted before the sign-in is not the one that begins, and does not go on."""
    a_user(email="mallory@evil.example", password=PASSWORD)
    mallory = visitor("mallory@evil.example")
    planted = mallory.refresh_token
    victim = Browser()
    victim.cookies = {REFRESH: planted}
    assert victim.enter(ADA).status == 201
    assert victim.cookies[REFRESH].partition(".")[0] != planted.partition(".")[0]
    assert victim.call("GET", "/me").body["email"] == ADA
    assert mallory.refresh(planted).status == 401
    assert mallory.call("GET", "/me").status == 401


def test_who_signs_in_again_leaves_no_session_behind(aws, browser):
    assert browser.enter(ADA).status == 201
    assert going_on(aws) == 1
    assert browser.call("GET", "/me").status == 200


def test_a_sign_in_that_fails_ends_nothing(aws, browser):
    assert browser.enter(ADA, "not the right password").status == 401
    assert browser.refresh().status == 200


@pytest.mark.parametrize("path", ["/sessions/current", "/sessions", "/sessions/{own}"])
def test_signing_out_clears_the_cookie_and_keeps_the_device(aws, browser, path):
    own = browser.cookies[REFRESH].partition(".")[0]
    assert browser.call("DELETE", path.format(own=own)).status == 204
    gone = "Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
    assert browser.set_cookies == [f"{name}=; {gone}" for name in (REFRESH, SESSION)]
    assert browser.cookies.keys() == {DEVICE}
    assert going_on(aws) == 0


def test_ending_another_device_clears_no_cookie(aws, browser):
    phone = visitor(ADA)
    assert browser.call("DELETE", f"/sessions/{phone.refresh_token.partition('.')[0]}").status == 204
    assert browser.set_cookies == []
    assert browser.refresh().status == 200


def test_the_device_is_known_by_its_cookie(aws, browser):
    browser.call("DELETE", "/sessions/current")
    clock.tick(seconds=1)
    browser.enter(ADA)
    rows = sorted(aws.rows("sessions"), key=lambda row: row["created_at"])
    assert [row.get("new_device") for row in rows][-1] is False


def test_preflights_of_allowed_origins_allow_credentials(aws):
    asked = {"Origin": "https://app.example", "Access_Control_Request_Method": "POST"}
    answer = Visitor().call("OPTIONS", "/sessions/refresh", **asked)
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    other = Visitor().call("OPTIONS", "/sessions/refresh", **{**asked, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Credentials" not in other.headers


@pytest.mark.slow
def test_the_cookie_for_applications_opens_no_route(browser):
    """It names the session, and is sent where another site opens a page of ours."""
    stolen = browser.cookies[SESSION]
    browser.access_token = ""
    assert browser.call("GET", "/me", Authorization=f"Bearer {stolen}").status == 401
    browser.cookies = {REFRESH: stolen, SESSION: stolen}
    assert browser.refresh().status == 401


def test_the_cookie_for_applications_names_the_session_and_is_not_to_be_forged(browser):
    session_id = browser.cookies[REFRESH].partition(".")[0]
    named = browser_sessions.parse(browser.cookies[SESSION])
    assert (named.session_id, named.user_id) == (session_id, "U.1")
    assert browser.refresh().status == 200
    assert browser_sessions.parse(browser.cookies[SESSION]) == named
    text = browser.cookies[SESSION]
    for forged in (
        None,
        "",
        text[:-1],
        f"{text}x",
        text.replace("U.1", "U.2"),
        text.replace(".1.", ".9."),
        "a.b.c",
    ):
        assert browser_sessions.parse(forged) is None
