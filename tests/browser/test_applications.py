"""Other applications sign their people in here, and devices get access: consent, its memory and its end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.elsewhere import applying
from tests.browser.test_pages import fits, violations
from tests.cloud.people import PASSWORD

ALL = "openid profile email offline_access"


@pytest.fixture(scope="module")
def application(site):
    with applying(site.deployed, site.url, "Field Notes") as running:
        running.registers(
            uri="https://notes.example/about",
            scopes=["openid", "profile", "email", "offline_access", "notes.read"],
            grant_types=["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        )
        yield running


@pytest.fixture
def guest(visitor, application):
    """A visitor who may go there."""
    visitor.may_go_to(application.url)
    return visitor


def comes_back(guest, application):
    """Wait for the application's page: its address."""
    guest.page.wait_for_url(f"{application.redirect_uri}?**")
    guest.sees("Back again")
    return guest.page.url


def test_consent_is_given_once_remembered_and_withdrawn(guest, application):
    email = guest.has_account("consents@example.com", name="Ada")
    guest.open(application.asks_for(f"{ALL} notes.read"))
    guest.sees("Sign in")
    guest.page.reload()
    guest.fill(email_address=email, password=PASSWORD)
    guest.press("Sign in")
    guest.sees("Allow Field Notes access?")
    guest.reads("You go back to a program on this device then.")
    guest.reads(email)
    guest.reads("Your email address")
    guest.reads("The permission “notes.read”")
    guest.reads("The application has access for 30 days after each sign-in there.")
    expect(guest.page.get_by_role("navigation")).to_be_hidden()
    guest.page.reload()
    guest.sees("Allow Field Notes access?")
    guest.press("Allow")
    tokens = application.gets(comes_back(guest, application))
    assert set(tokens["scope"].split()) == {*ALL.split(), "notes.read"}

    guest.open(application.asks_for(ALL))
    application.gets(comes_back(guest, application))

    guest.open("security")
    guest.reads("Field Notes")
    guest.press("Withdraw the access of Field Notes")
    guest.told("Field Notes has no access any more.")
    guest.reads("None so far.")
    guest.open(application.asks_for(ALL))
    guest.sees("Allow Field Notes access?")


def test_who_registers_goes_on_where_they_came_from_though_the_mail_opens_a_tab(site, guest, application):
    email = "newcomer@example.com"
    guest.open(application.asks_for("openid"))
    guest.follow("Create one")
    guest.fill(name="Newcomer", email_address=email, password=PASSWORD)
    guest.press("Create an account")
    guest.sees("Look into your mailbox")
    other = guest.context.new_page()
    other.goto(site.link_to(email, "confirm"))
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Confirm").click()
    expect(other.get_by_role("heading", name="Profile")).to_be_visible()
    guest.sees("Allow Field Notes access?")
    guest.press("Allow")
    application.gets(comes_back(guest, application))


def test_a_name_of_one_long_word_stays_within_the_page(site, arrive):
    name = f"{'Donaudampfschiff' * 4} Notes"
    guest = arrive(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    with applying(site.deployed, site.url, name) as long_named:
        long_named.registers(grant_types=["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"])
        guest.is_in(site.resident)
        guest.open(long_named.posts("/oauth2/device", scope="openid")["verification_uri_complete"])
        guest.press("Go on")
        guest.sees(f"Allow {name} access?")
        fits(guest.page)
        guest.press("Allow")
        guest.sees("Your device is connected")
        fits(guest.page)


def test_consent_is_denied(site, guest, application):
    guest.is_in(site.resident)
    guest.open(application.asks_for("openid email"))
    guest.reads("The application has access until you sign out here.")
    guest.press("Deny")
    assert "error=access_denied" in comes_back(guest, application)


def test_another_account_is_used(site, guest, application):
    other = guest.has_account("other@example.com")
    guest.is_in(site.resident)
    guest.open(application.asks_for("openid email"))
    guest.reads(site.resident)
    guest.press("Use another account")
    guest.fill(email_address=other, password=PASSWORD)
    guest.press("Sign in")
    guest.sees("Allow Field Notes access?")
    guest.reads(other)


def test_who_they_are_is_proved_again_where_the_application_wants_that(site, guest, application):
    guest.is_in(site.resident)
    guest.open(application.asks_for("openid", prompt="login"))
    dialog = guest.page.get_by_role("dialog", name="Is it you?")
    expect(dialog).to_be_visible()
    guest.page.keyboard.press("Escape")
    guest.sees("Not signed in there yet")
    guest.press("Go on")
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    guest.page.keyboard.press("Enter")
    guest.sees("Allow Field Notes access?")


def test_a_false_address_is_told_of_and_nobody_is_sent_there(guest, application):
    address = application.asks_for("openid")
    guest.open(address.replace("callback", "elsewhere"))
    guest.sees("This sign-in does not work")
    assert guest.page.url == f"{guest.site.url}/account/authorize"


def test_the_page_is_in_the_language_that_the_application_asks_for(guest, application):
    guest.open(application.asks_for("openid", ui_locales="de"))
    guest.sees("Anmelden")


def test_a_device_gets_access_by_its_code(site, guest, application):
    asked = application.posts("/oauth2/device", scope="openid email")
    guest.open("device")
    guest.sees("Sign in")
    guest.fill(email_address=site.resident, password=PASSWORD)
    guest.press("Sign in")
    guest.sees("Connect a device")
    guest.fill(code_on_the_device="BCDF-GHJK")
    guest.press("Go on")
    guest.warned("This code is wrong")
    guest.fill(code_on_the_device=asked["user_code"].lower().replace("-", " "))
    guest.press("Go on")
    guest.sees("Allow Field Notes access?")
    guest.reads(asked["user_code"])
    guest.press("Allow")
    guest.sees("Your device is connected")
    tokens = application.posts(
        "/oauth2/token",
        grant_type="urn:ietf:params:oauth:grant-type:device_code",
        device_code=asked["device_code"],
    )
    assert "id_token" in tokens


def test_a_code_that_came_with_the_address_is_confirmed_and_denied(site, guest, application):
    asked = application.posts("/oauth2/device", scope="openid")
    guest.open(asked["verification_uri_complete"])
    guest.fill(email_address=site.resident, password=PASSWORD)
    guest.press("Sign in")
    guest.sees("Connect a device")
    expect(guest.field("code on the device")).to_have_value(asked["user_code"])
    guest.reads("Does your device show this same code?")
    assert "user_code" not in guest.page.url
    guest.press("Go on")
    guest.press("Deny")
    guest.sees("The device gets nothing")
    guest.open(asked["verification_uri_complete"])
    guest.press("Go on")
    guest.warned("This code is wrong")


def test_who_signs_out_there_is_asked_whether_to_sign_out_here(site, guest, application):
    bye = f"{application.url}/bye?state=of%20the%20application"
    guest.is_in(site.resident)
    guest.open(application.signs_out())
    guest.sees("Sign out here as well?")
    guest.follow("Stay signed in")
    guest.sees("Profile")
    guest.open(application.signs_out())
    guest.press("Sign out")
    guest.page.wait_for_url(bye)
    guest.open("security")
    guest.sees("Sign in")
    guest.open(application.signs_out())
    guest.page.wait_for_url(bye)
    guest.open("signed-out")
    guest.sees("You are signed out")


def test_a_keyboard_is_enough_to_allow(site, guest, application):
    keys = guest.page.keyboard
    guest.open(application.asks_for("openid profile"))
    expect(guest.page.get_by_role("heading", name="Sign in")).to_be_focused()
    keys.press("Tab")
    keys.type(site.resident)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(guest.page.get_by_role("heading", name=re.compile("Field Notes"))).to_be_focused()
    keys.press("Tab")
    expect(guest.page.get_by_role("button", name="Use another account")).to_be_focused()
    keys.press("Tab")
    expect(guest.page.get_by_role("button", name="Allow")).to_be_focused()
    keys.press("Enter")
    comes_back(guest, application)


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_applications_send_people_to_is_accessible(site, arrive, application, language):
    guest = arrive(locale=language, viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    guest.may_go_to(application.url)
    guest.open("sign-in")
    guest.page.locator("#email").fill(site.resident)
    guest.page.locator("#password").fill(PASSWORD)
    guest.page.keyboard.press("Enter")
    expect(guest.page.get_by_role("navigation")).to_be_visible()
    asked = application.posts("/oauth2/device", scope=ALL)
    for address, part in (
        (application.asks_for(f"{ALL} notes.read"), '[data-press="allow"]'),
        (application.asks_for(ALL).replace("callback", "elsewhere"), '[data-text="reason"]'),
        (asked["verification_uri_complete"], "#user_code"),
        ("signed-out", '[data-press="out"]'),
        ("security", '[data-place="applications"]'),
    ):
        guest.open(address)
        expect(guest.page.locator(part)).to_be_visible()
        for scheme in ("light", "dark"):
            guest.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(guest.page) == []
        fits(guest.page)
