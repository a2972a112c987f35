"""Becoming a person, and signing in without a second factor."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.cloud.people import PASSWORD

OTHER_PASSWORD = "another long enough phrase"


def test_somebody_registers_confirms_and_stays_in(site, visitor):
    email = "ada@example.com"
    visitor.open()
    visitor.sees("Sign in")
    visitor.follow("Create one")
    visitor.fill(name="Ada Lovelace", email_address=email, password="Ada_Lovelace_1815")
    visitor.reads("Is made of your own name or address.")
    visitor.fill(password="too short")
    visitor.reads("Needs at least 15 characters.")
    visitor.press("Create an account")
    visitor.warned("must have at least 15 characters")
    expect(visitor.field("password")).to_have_attribute("aria-invalid", "true")
    expect(visitor.field("password")).to_have_accessible_description(re.compile("at least 15 characters"))
    visitor.fill(password=PASSWORD)
    visitor.press("Create an account")
    visitor.sees("Look into your mailbox")

    link = site.link_to(email, "confirm")
    visitor.open(link)
    visitor.sees("Confirm your address")
    assert visitor.page.url == f"{site.url}/account/confirm"
    visitor.fill(password="not what was chosen then")
    visitor.press("Confirm")
    visitor.warned("is not the one that you registered with")
    visitor.fill(password=PASSWORD)
    visitor.press("Confirm")
    visitor.sees("Profile")
    expect(visitor.field("name")).to_have_value("Ada Lovelace")

    visitor.page.reload()
    visitor.sees("Profile")
    assert keeps(visitor) == {"rollcall.signed-in": "yes"}
    assert visitor.page.evaluate("document.cookie") == "__Host-locale=en"
    visitor.sign_out()
    assert visitor.page.evaluate("document.cookie") == ""
    visitor.page.reload()
    visitor.sees("Sign in")

    visitor.open(link)
    visitor.fill(password=PASSWORD)
    visitor.press("Confirm")
    visitor.warned("not good any more")


def keeps(visitor):
    """What a script of the page could read back later."""
    stored = visitor.page.evaluate("[{...localStorage}, {...sessionStorage}]")
    return stored[0] | stored[1]


def test_a_profile_is_changed(site, visitor):
    visitor.is_in(site.resident)
    expect(visitor.field("age")).to_have_value("40")
    visitor.fill(name="Grace Hopper", date_of_birth="1980-01-02", language="not a language")
    visitor.press("Save")
    visitor.warned("Language")
    visitor.fill(language="en")
    visitor.press("Save")
    visitor.told("Your profile is saved.")
    visitor.page.reload()
    expect(visitor.field("name")).to_have_value("Grace Hopper")
    expect(visitor.field("date of birth")).to_have_value("1980-01-02")
    expect(visitor.field("age")).not_to_have_value("40")
    visitor.fill(name="")
    visitor.press("Save")
    visitor.told("Your profile is saved.")
    visitor.page.reload()
    expect(visitor.field("language")).to_have_value("en")
    expect(visitor.field("name")).to_have_value("")


def test_a_forgotten_password_is_chosen_anew(site, visitor):
    email = visitor.has_account("forgot@example.com")
    visitor.sign_in(email, "not the password at all")
    visitor.warned("The email address or the password is wrong.")
    visitor.follow("Forgot your password?")
    visitor.sees("Choose a new password")
    visitor.fill(email_address=email)
    visitor.press("Mail me a link")
    visitor.sees("Look into your mailbox")
    visitor.open(site.link_to(email, "reset"))
    visitor.fill(new_password=OTHER_PASSWORD)
    visitor.press("Set the password")
    visitor.told("Your new password is set.")
    visitor.is_in(email, OTHER_PASSWORD)


def test_a_mailed_code_signs_in_by_hand_and_by_its_link(site, visitor):
    email = visitor.has_account("code@example.com")
    visitor.open("code")
    visitor.fill(email_address=email)
    visitor.press("Mail me a code")
    link = site.link_to(email, "code")
    visitor.fill(code_from_the_mail="00000000")
    visitor.press("Sign in")
    visitor.warned("This code is wrong")
    visitor.fill(code_from_the_mail=short_code(site, email))
    visitor.press("Sign in")
    visitor.sees("Profile")
    visitor.sign_out()

    visitor.open(link)
    visitor.press("Sign in")
    visitor.warned("This code is wrong, or not good any more.")
    visitor.open("code")
    visitor.fill(email_address=email)
    visitor.press("Mail me a code")
    visitor.reads("a code is on its way there")
    of_a_tracker = "?utm_source=mail&fbclid=x"
    visitor.open(site.link_to(email, "code", other_than=link).replace("#", f"{of_a_tracker}#") + of_a_tracker)
    visitor.press("Sign in")
    visitor.sees("Profile")


def short_code(site, email):
    found = re.search(r"^Code: (\S+)$", site.deployed.mail_to(email, containing="/account/code"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_an_invitation_is_accepted(site, visitor):
    email = "invited@example.com"
    invited = site.deployed.admin.call("POST", "/users/invite", {"email": email, "name": "Invited"})
    assert invited.status == 201, invited.body
    visitor.open(site.link_to(email, "invitation"))
    visitor.sees("Accept your invitation")
    visitor.fill(password=PASSWORD)
    visitor.press("Accept")
    visitor.sees("Profile")
    expect(visitor.field("name")).to_have_value("Invited")
