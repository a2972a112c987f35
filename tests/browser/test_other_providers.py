"""Coming in with an account elsewhere: in, second step, linking, unlinking."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.elsewhere import connected
from tests.browser.test_pages import fits, violations
from tests.cloud.people import PASSWORD
from tests.cloud.stage import eventually

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""The provider runs in this process, by names of its library that are to go."""


@pytest.fixture(scope="module")
def provider(site):
    domains = {
        "trusted_domains": ["trusted.example", "required.example"],
        "require_for_domains": ["required.example"],
    }
    with connected(site.deployed, "elsewhere", "Elsewhere", **domains) as running:
        yield running


@pytest.fixture
def guest(visitor, provider):
    """A visitor who may go there."""
    visitor.may_go_to(provider.url)
    return visitor


def finds(guest, button):
    """See a button on the page of what one signs in with, and all else that is there."""
    guest.open("security")
    guest.sees("Sign-in and security")
    expect(guest.page.get_by_role("button", name=button, exact=True)).to_be_visible()
    guest.page.wait_for_load_state("networkidle")


def test_somebody_new_comes_in_with_an_account_elsewhere(guest, provider):
    subject = provider.knows("new", email="new@trusted.example", email_verified=True, name="Newly Come")
    guest.open("sign-in")
    guest.fill(email_address="new@trusted.example")
    guest.press("Continue with Elsewhere")
    guest.page.wait_for_url(re.compile("login_hint=new%40trusted.example"))
    guest.signs_in_at(provider, subject)
    guest.sees("Profile")
    expect(guest.field("name")).to_have_value("Newly Come")
    guest.reads("new@trusted.example")
    guest.page.reload()
    guest.sees("Profile")
    guest.sign_out()

    guest.open("register")
    guest.press("Continue with Elsewhere")
    guest.signs_in_at(provider, subject)
    guest.sees("Profile")

    unlinking = "Unlink Elsewhere new@trusted.example"
    finds(guest, unlinking)
    guest.has_been_in_for_long()
    guest.press(unlinking)
    guest.press("Sign in again another way")
    guest.sees("Sign in")
    guest.press("Continue with Elsewhere")
    guest.signs_in_at(provider, subject)
    guest.sees("Sign-in and security")
    finds(guest, unlinking)
    guest.press(unlinking)
    guest.warned("This is your last way in.")


def test_who_has_to_come_from_there_is_taken_there(site, guest, provider):
    email = "new@required.example"

    def is_in_force():
        """A process goes by what it read of connections for a minute."""
        return site.deployed.anyone.call("POST", "/sessions/email", {"email": email}).status == 403

    eventually(is_in_force, "that passwords are refused")
    guest.sign_in(email)
    guest.page.wait_for_url(re.compile("login_hint=new%40required.example"))
    guest.signs_in_at(provider, provider.knows("required", email=email, email_verified=True))
    guest.sees("Profile")


def test_who_changes_their_mind_is_told_so(guest, provider):
    guest.open("sign-in")
    guest.press("Continue with Elsewhere")
    guest.page.wait_for_url(f"{provider.url}/**")
    asked = dict(parse_qsl(urlsplit(guest.page.url).query))
    # This provider's own answer lacks the state, which RFC 6749, section 4.1.2.1, asks for.
    guest.page.goto(f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}")
    guest.sees("Sign in")
    guest.warned("You did not go on there.")


def is_fine(page):
    """On a phone, in both colour schemes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []
    fits(page)


def test_a_known_address_is_linked_by_its_owner_alone_and_unlinked(arrive, provider):
    guest = arrive(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    guest.may_go_to(provider.url)
    email = guest.has_account("linked@example.com")
    subject = provider.knows("linked", email=email, email_verified=True)
    guest.open("sign-in")
    expect(guest.page.get_by_role("button", name="Continue with Elsewhere")).to_be_visible()
    is_fine(guest.page)
    guest.press("Continue with Elsewhere")
    guest.signs_in_at(provider, subject)
    guest.sees("You have an account already")
    guest.reads(email)
    is_fine(guest.page)
    guest.press("Sign in to the account")
    guest.sees("Sign in")
    expect(guest.field("email address")).to_have_value(email)
    guest.fill(password=PASSWORD)
    guest.press("Sign in")
    guest.sees("Link these two?")
    is_fine(guest.page)
    guest.press("Link them")
    guest.told("Elsewhere is linked")
    guest.sees("Sign-in and security")
    finds(guest, f"Unlink Elsewhere {email}")
    is_fine(guest.page)
    guest.sign_out()
    guest.press("Continue with Elsewhere")
    guest.signs_in_at(provider, subject)
    guest.sees("Profile")

    finds(guest, f"Unlink Elsewhere {email}")
    guest.has_been_in_for_long()
    guest.press(f"Unlink Elsewhere {email}")
    guest.page.get_by_role("dialog").get_by_role("textbox", name="Password").fill(PASSWORD)
    guest.page.keyboard.press("Enter")
    guest.told("Elsewhere is unlinked.")

    guest.press("Link Elsewhere")
    guest.signs_in_at(provider, subject)
    guest.sees("Sign-in and security")
    guest.reads("Linked")


def test_the_second_step_is_asked_for_here(site, guest, provider):
    email = guest.has_account("second@trusted.example")
    guest.is_in(email)
    guest.follow("Security")
    guest.press("Set up an app")
    guest.page.get_by_text("I cannot scan it").click()
    secret = guest.page.locator("code[data-text=secret]").text_content().replace(" ", "")
    app = pyotp.TOTP(secret)
    used = time.time()
    guest.fill(code_that_the_app_shows=app.at(used))
    guest.press("Turn it on")
    guest.told("The authenticator app is on")
    guest.sign_out()

    guest.press("Continue with Elsewhere")
    guest.signs_in_at(provider, provider.knows("second", email=email, email_verified=True))
    guest.sees("Second step")
    guest.fill(code_from_the_app="000000")
    guest.press("Go on")
    guest.warned("This code is wrong")
    guest.fill(code_from_the_app=app.at(used + 30))
    guest.press("Go on")
    guest.sees("Profile")
