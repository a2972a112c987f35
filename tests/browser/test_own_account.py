"""What a person does with their account: devices, password, address, a copy of their data, and the end of it."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.cloud.people import PASSWORD

OTHER_PASSWORD = "another long enough phrase"


def test_devices_are_listed_and_signed_out(site, visitor, arrive):
    email = site.resident
    phone = arrive(user_agent="Mozilla/5.0 (Linux; Android 16; Pixel) Gecko/140.0 Firefox/140.0")
    visitor.is_in(email)
    phone.is_in(email)
    visitor.follow("Devices")
    expect(visitor.page.get_by_text("this one").locator("visible=true")).to_have_count(1)
    visitor.press("Sign out Firefox on Android")
    visitor.told("Firefox on Android is signed out.")
    phone.follow("Devices")
    phone.sees("Sign in")
    phone.told("You have been signed out.")

    phone.is_in(email)
    visitor.press("Sign out everywhere")
    visitor.told("You are signed out everywhere.")
    phone.page.reload()
    phone.sees("Sign in")


def test_everything_is_signed_out_before_the_list_is_there(site, visitor):
    visitor.is_in(site.resident)
    visitor.page.route("**/sessions", lambda route: None if route.request.method == "GET" else route.fallback())
    visitor.follow("Devices")
    visitor.sees("Devices")
    visitor.press("Sign out everywhere")
    visitor.told("You are signed out everywhere.")


def test_signing_out_in_one_tab_signs_out_in_the_other(site, visitor):
    visitor.is_in(site.resident)
    other = visitor.context.new_page()
    other.goto(f"{visitor.site.url}/account/devices")
    expect(other.get_by_role("heading", name="Devices")).to_be_visible()
    visitor.sign_out()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_password_and_address_are_changed_after_a_step_up(site, visitor):
    email, new = visitor.has_account("changes@example.com"), "changed@example.com"
    visitor.is_in(email)
    visitor.has_been_in_for_long()
    visitor.follow("Security")
    visitor.fill(present_password=PASSWORD, new_password=OTHER_PASSWORD)
    visitor.press("Change the password")
    dialog = visitor.page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password", exact=True).fill("not the password at all")
    dialog.get_by_role("button", name="Go on").click()
    visitor.warned("That is not right.")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    visitor.told("Your password is changed")

    visitor.fill(new_email_address=new)
    visitor.press("Mail me a link")
    visitor.told(f"If {new} can be used")
    link = site.link_to(new, "email")
    visitor.sign_out()
    visitor.open(link)
    visitor.sees("Sign in")
    visitor.fill(email_address=email, password=OTHER_PASSWORD)
    visitor.press("Sign in")
    visitor.sees("Confirm your new address")
    visitor.press("Confirm the new address")
    visitor.told("Your address is changed.")
    visitor.reads(new)
    visitor.sign_out()
    visitor.is_in(new, OTHER_PASSWORD)


def test_a_profile_takes_nothing_before_it_is_there(visitor):
    """What somebody typed before would be written over by what then comes."""
    visitor.is_in(visitor.has_account("quick@example.com", name="Quick"))
    expect(visitor.field("name")).to_have_value("Quick")
    held = []
    visitor.page.route("**/me", lambda route: held.append(route))
    with visitor.page.expect_request("**/me"):
        visitor.open()
    visitor.sees("Profile")
    expect(visitor.field("name")).to_be_disabled()
    held[-1].continue_()
    expect(visitor.field("name")).to_have_value("Quick")
    visitor.field("name").fill("Quicker")


def test_data_are_downloaded(site, visitor):
    visitor.is_in(site.resident)
    visitor.follow("Your data")
    with visitor.page.expect_download() as download:
        visitor.press("Download my data")
    assert download.value.suggested_filename == "my-account.json"
    assert site.resident in json.dumps(json.loads(Path(download.value.path()).read_text()))


def test_data_that_are_too_much_for_the_page_are_told_of(site, visitor):
    """Above 4 MB the API answers with a link to elsewhere, which the page's policy would not let it follow."""
    visitor.is_in(site.resident)
    visitor.follow("Your data")
    link = {"status": 303, "headers": {"Location": "https://elsewhere.example/data"}}
    visitor.page.route("**/me/export", lambda route: route.fulfill(**link))
    visitor.press("Download my data")
    visitor.warned("it can be had through the API")


def test_an_account_is_deleted(visitor):
    email = visitor.has_account("leaving@example.com")
    visitor.is_in(email)
    visitor.follow("Your data")
    visitor.press("Delete the account")
    visitor.warned("Please check what you entered.")
    visitor.page.get_by_label("Delete my account and all of my data").check()
    visitor.press("Delete the account")
    visitor.sees("Your account is deleted")
    visitor.reads("Gone at once")
    expect(visitor.page.get_by_role("navigation")).to_be_hidden()
    visitor.sign_in(email)
    visitor.warned("The email address or the password is wrong.")
