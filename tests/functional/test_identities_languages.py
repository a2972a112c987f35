"""Who goes to an identity provider comes back to a page in the language of the one that they left."""

from __future__ import annotations

import pytest

from chalicelib.core.settings import settings
from tests.builders import PASSWORD, a_user
from tests.functional.coming_in import PAGE, Newcomer, arrived, connected

pytestmark = pytest.mark.usefixtures("held_clock", "local_receivers")

ALICE = "alice@corp.example"
GERMAN = "ui_locales=de"


@pytest.fixture
def provider(aws):
    with connected(return_urls=["https://app.example/back"]) as one:
        yield one


def comes(provider, **query):
    """A browser and what it is answered when it comes back, asked for German before."""
    browser = Newcomer()
    return browser, browser.arrive(provider.authorize(browser.begin(**{"ui_locales": "de", **query})))


def test_the_page_after_a_sign_in_is_in_the_language_of_the_one_before(provider):
    assert arrived(comes(provider)[1], f"/account/connected?{GERMAN}")
    assert arrived(comes(provider, ui_locales="de-AT en")[1], "/account/connected?ui_locales=de-AT%20en")
    assert arrived(comes(provider, ui_locales="")[1], "/account/connected")


@pytest.mark.parametrize(
    ("return_to", "path"),
    [
        ("/account", f"/account?{GERMAN}"),
        ("/account/device?user_code=BCDF-GHJK", f"/account/device?user_code=BCDF-GHJK&{GERMAN}"),
        ("/account/security?ui_locales=fr", "/account/security?ui_locales=fr"),
        ("/oauth2/authorize?client_id=a", "/oauth2/authorize?client_id=a"),
    ],
)
def test_so_is_the_page_of_ours_that_it_was_begun_for(provider, return_to, path):
    assert arrived(comes(provider, return_to=return_to)[1], path)


def test_another_site_s_address_stays_as_it_is(provider):
    _, answer = comes(provider, return_to="https://app.example/back")
    assert answer.headers["Location"] == "https://app.example/back"


def test_so_are_the_page_where_something_is_missing_and_the_one_after_it(provider):
    a_user(email=ALICE, password=PASSWORD)
    browser, answer = comes(provider, return_to="/account/security")
    assert arrived(answer, f"/account/link?{GERMAN}")
    assert browser.pending().body["return_to"] == f"/account/security?{GERMAN}"
    browser, answer = comes(provider)
    assert arrived(answer, f"/account/link?{GERMAN}")
    assert browser.pending().body["return_to"] is None


def test_so_is_the_page_for_the_terms(provider):
    with settings.held(outbound_allow_http=True, terms_url="https://corp.example/terms", terms_version="2026-03"):
        assert arrived(comes(provider)[1], f"/account/link?{GERMAN}")


def test_so_is_the_page_that_says_what_went_wrong(provider):
    browser = Newcomer()
    parameters = provider.authorize(browser.begin(ui_locales="de"))
    answer = browser.arrive({**parameters, "error": "access_denied"}, Accept=PAGE)
    assert arrived(answer, f"/account/sign-in?{GERMAN}#problem=cancelled")
    answer = Newcomer().call("GET", "/sessions/connections/none?ui_locales=de", Accept=PAGE)
    assert arrived(answer, f"/account/sign-in?{GERMAN}#problem=unknown-connection")


def test_so_is_the_page_after_an_identity_was_linked(provider):
    a_user(email="ada@corp.example", password=PASSWORD)
    browser = Newcomer()
    browser.enter("ada@corp.example")
    for path in (f"/account/security?{GERMAN}", f"/account/security?{GERMAN}#problem=cancelled"):
        answer = browser.call("POST", "/me/identities/link", {"connection_id": "corp", "ui_locales": "de"})
        assert GERMAN in answer.body["redirect"]
        parameters = provider.authorize(answer.body["redirect"])
        denied = {"error": "access_denied"} if "problem" in path else {}
        assert arrived(browser.arrive({**parameters, **denied}, Accept=PAGE), path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "strange", ["de " * 30 + "de", "de&x=y", "de\r\nX-Y: z", "дe", "de#token=x", " de", "../x"]
)
def test_what_is_no_list_of_languages_is_not_brought_back(provider, strange):
    assert arrived(comes(provider, ui_locales=strange)[1], "/account/connected")
