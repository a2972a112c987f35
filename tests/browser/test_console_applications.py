"""Applications and providers in the console, by mouse and by the keyboard alone."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.browser.console import (
    HOSTILE,
    confirm,
    enter,
    enter_strongly,
    fill,
    in_dialog,
    sees_badge,
    sees_text_alone,
    tab_to,
    take_secret,
)
from tests.browser.elsewhere import providing

FORM = "application/x-www-form-urlencoded"


def test_an_application_from_registering_to_removal(site, visitor):
    enter(site, visitor, "applications", "apps-admin@example.com", "admin")
    visitor.sees("Applications")
    visitor.page.get_by_role("button", name="Register an application").first.click()
    fill(visitor, name="Shop", redirect_uris="ftp://shop.example/callback")
    in_dialog(visitor).get_by_role("button", name="Register an application").click()
    visitor.warned("Redirect URIs: must be https addresses")
    fill(visitor, redirect_uris="https://shop.example/callback\nhttps://shop.example/other")
    in_dialog(visitor).get_by_text("More settings").click()
    fill(visitor, seconds_of_an_access_token="600")
    confirm(visitor, "Register an application")
    secret = take_secret(visitor)
    visitor.sees("Shop")
    visitor.reads("https://shop.example/other")
    client_id = visitor.page.url.rpartition("/")[2]
    registered = site.deployed.strong_admin.call("GET", f"/clients/{client_id}").body
    assert registered["redirect_uris"] == ["https://shop.example/callback", "https://shop.example/other"]
    assert (registered["type"], registered["access_token_seconds"]) == ("confidential", 600)
    assert secret not in visitor.page.content()

    visitor.press("Edit")
    fill(visitor, name="Market")
    confirm(visitor, "Save")
    visitor.sees("Market")
    visitor.press("Undo")
    visitor.sees("Shop")
    visitor.press("New secret")
    in_dialog(visitor).get_by_label("The secret before it").select_option("is good for another hour")
    confirm(visitor, "New secret")
    assert take_secret(visitor) != secret
    visitor.reads("The secret before it is good until")
    visitor.follow("Told of sign-outs")
    visitor.reads("The application has no back-channel logout URI")
    visitor.press("Remove")
    confirm(visitor, "Remove")
    visitor.told("Shop is removed.")
    assert site.deployed.strong_admin.call("GET", f"/clients/{client_id}").status == 404


def test_a_service_is_registered_by_the_keyboard_alone(site, visitor):
    enter(site, visitor, "applications", "apps-keys@example.com", "admin")
    visitor.sees("Applications")
    keyboard = visitor.page.keyboard
    tab_to(visitor, "Register an application")
    keyboard.press("Enter")
    expect(in_dialog(visitor).get_by_label("What it is")).to_be_focused()
    keyboard.type("Service")
    tab_to(visitor, "Name")
    keyboard.type("Nightly")
    tab_to(visitor, "Roles")
    keyboard.type("service")
    keyboard.press("Enter")
    visitor.reads("It is shown this once.")
    secret = in_dialog(visitor).locator("pre").inner_text()
    tab_to(visitor, "I have kept it")
    keyboard.press("Enter")
    visitor.sees("Nightly")
    client_id = visitor.page.url.rpartition("/")[2]
    form = urlencode(
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    ).encode()
    answer = site.deployed.anyone.call("POST", "/oauth2/token", form, Content_Type=FORM)
    assert answer.body["token_type"] == "Bearer"


def test_a_provider_from_adding_to_removal(site, visitor):
    enter_strongly(site, visitor, "applications?tab=connections", "apps-strong@example.com")
    visitor.sees("Applications")
    with providing() as provider:
        visitor.page.get_by_role("button", name="Add a provider").first.click()
        in_dialog(visitor).get_by_label("Provider").select_option("OpenID Connect")
        fill(visitor, id="desk", name="Desk", issuer=provider.url, client_id="rollcall", secret="s3cret-of-desk")
        expect(in_dialog(visitor)).to_contain_text(f"{site.url}/sessions/connections/desk/callback")
        fill(visitor, trusted_domains="desk.example")
        confirm(visitor, "Add a provider")
        visitor.sees("Desk")
        assert "s3cret-of-desk" not in visitor.page.content()
        visitor.press("Test")
        sees_badge(visitor, "works")
        visitor.reads(f"{provider.url}/oauth2/token")
    visitor.press("Test")
    sees_badge(visitor, "does not work")
    visitor.press("Edit")
    fill(visitor, trusted_domains="desk.example other.example")
    confirm(visitor, "Save")
    sees_badge(visitor, "other.example")
    assert site.deployed.strong_admin.call("GET", "/connections/desk").body["client_id"] == "rollcall"
    visitor.press("Disable")
    confirm(visitor, "Disable")
    visitor.told("Desk is disabled.")
    sees_badge(visitor, "off")
    visitor.press("Undo")
    visitor.told("Desk is enabled.")
    sees_badge(visitor, "on")
    visitor.press("Remove")
    confirm(visitor, "Remove")
    visitor.told("Desk is removed.")


def test_text_of_others_is_shown_as_text(site, visitor):
    admin = site.deployed.strong_admin
    client = {"name": HOSTILE, "type": "public", "redirect_uris": ["com.example.hostile:/callback"]}
    made = admin.call("POST", "/clients", client).body
    connection = {
        "id": "hostile",
        "kind": "github",
        "name": HOSTILE,
        "client_id": "<script>",
        "client_secret": "x",
    }
    assert admin.call("POST", "/connections", connection).status == 201
    enter(site, visitor, "applications", "apps-hostile@example.com", "admin")
    for address in ("", f"/{made['id']}", "?tab=connections", "/hostile?kind=connection"):
        visitor.open(f"{site.url}/console/applications{address}")
        sees_text_alone(visitor)
    assert admin.call("DELETE", "/connections/hostile").status == 204


def test_support_is_offered_no_applications(site, visitor):
    enter(site, visitor, "applications", "apps-support@example.com", "support")
    visitor.sees("This is not for you")
    expect(visitor.page.get_by_role("link", name="Applications", exact=True)).to_have_count(0)
