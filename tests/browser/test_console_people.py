"""People in the console: found, looked at, helped, and removed, by mouse and by the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.console import (
    HOSTILE,
    confirm,
    enter,
    enter_strongly,
    fill,
    in_dialog,
    sees_badge,
    tab_to,
)
from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually


def account(site, email, **fields):
    """Somebody who is signed in once: their API, and their id."""
    person = register(site.deployed, email, **fields)
    return person, person.call("GET", "/me").body["id"]


def look_for(visitor, text):
    visitor.page.get_by_label("Address or name").fill(text)


def test_somebody_is_found_while_one_types_and_the_address_says_so(site, visitor):
    account(site, "wilhelmina.found@example.com", name="Wilhelmina Found")
    enter(site, visitor, "people", "finder@example.com", "support")
    visitor.sees("People")
    look_for(visitor, "W")
    visitor.reads("Go on typing")
    look_for(visitor, "wilhelm")
    expect(visitor.page.get_by_role("link", name="Wilhelmina Found")).to_be_visible()
    assert "q=wilhelm" in visitor.page.url
    look_for(visitor, "wilhelmina.found@example.com")
    expect(visitor.page.get_by_role("link", name="Wilhelmina Found")).to_be_visible()
    look_for(visitor, "nobody.at.all@example.com")
    visitor.reads("Nobody found")
    visitor.page.reload()
    expect(visitor.page.get_by_label("Address or name")).to_have_value("nobody.at.all@example.com")


def test_an_administrator_helps_somebody(site, visitor):
    person, user_id = account(site, "helped@example.com", name="Helga Helped")
    enter(site, visitor, f"people/{user_id}", "helper@example.com", "admin")
    visitor.sees("Helga Helped")

    visitor.press("Edit")
    fill(visitor, name="Helga H.", **{"attributes,_the_person's_own": '{"team": "green"}'})
    confirm(visitor, "Save")
    visitor.sees("Helga H.")
    assert person.call("GET", "/me").body["attributes"] == {"team": "green"}
    visitor.press("Undo")
    visitor.sees("Helga Helped")
    assert person.call("GET", "/me").body["attributes"] == {}

    visitor.press("Disable")
    confirm(visitor, "Disable")
    sees_badge(visitor, "disabled")
    assert person.call("GET", "/me").status == 401
    visitor.press("Undo")
    sees_badge(visitor, "active")

    visitor.press("Roles")
    fill(visitor, roles="support editor")
    confirm(visitor, "Save")
    sees_badge(visitor, "editor")
    visitor.press("Undo")
    expect(visitor.page.locator(".badge", has_text="editor")).to_have_count(0)

    site.deployed.anyone.signed_in("helped@example.com", PASSWORD)
    visitor.follow("Access")
    visitor.press("End all sessions")
    confirm(visitor, "End all sessions")
    visitor.reads("This person is signed in nowhere.")

    visitor.press("Send a password link")
    confirm(visitor, "Send a password link")
    visitor.told("A link is on its way.")
    visitor.follow("Mail")
    expect(visitor.page.get_by_text("password_reset").first).to_be_visible()

    def timeline():
        visitor.page.reload()
        visitor.sees("Helga Helped")
        found = visitor.page.locator(".timeline").inner_text()
        return "Roles changed" in found and "Disabled" in found

    visitor.follow("Timeline")
    eventually(timeline, "the timeline to have what was done")
    entry = visitor.page.locator(".timeline > li", has_text="Profile changed").last
    expect(entry).to_contain_text("Helga Helped → Helga H.")
    assert entry.locator("time").get_attribute("title").endswith(" UTC")


def test_somebody_is_removed_with_a_receipt(site, visitor):
    _, user_id = account(site, "removed@example.com", name="Remo Removed")
    enter(site, visitor, f"people/{user_id}", "remover@example.com", "admin")
    visitor.sees("Remo Removed")
    visitor.press("Delete")
    in_dialog(visitor).get_by_label("Type removed@example.com to go on").fill("somebody else")
    in_dialog(visitor).get_by_role("button", name="Delete").click()
    visitor.warned("This is not what is asked for.")
    in_dialog(visitor).get_by_label("Type removed@example.com to go on").fill("removed@example.com")
    confirm(visitor, "Delete")
    visitor.sees("People")
    expect(visitor.page.get_by_role("heading", name="Erasure")).to_be_visible()
    sees_badge(visitor, "erased")
    assert site.deployed.strong_admin.call("GET", f"/users/{user_id}").status == 404


def test_what_is_done_with_several_says_for_whom_it_failed(site, visitor):
    for number in (1, 2):
        account(site, f"several.{number}@example.com", name=f"Severine Several {number}")
    enter_strongly(site, visitor, "people?q=severine", "several-admin@example.com")
    visitor.page.get_by_label("Choose Severine Several 1").check()
    visitor.page.get_by_label("Choose Severine Several 2").check()
    visitor.reads("2 chosen")
    visitor.press("Disable")
    confirm(visitor, "Disable")
    visitor.told("Disable: done for 2.")
    expect(visitor.page.locator("tbody .badge", has_text="disabled")).to_have_count(2)
    # One of them is gone before the next is done.
    (gone,) = site.deployed.strong_admin.call("GET", "/users?email=several.1@example.com").body["items"]
    assert site.deployed.strong_admin.call("DELETE", f"/users/{gone['id']}").status == 202
    visitor.page.get_by_label("Choose Severine Several 1").check()
    visitor.page.get_by_label("Choose Severine Several 2").check()
    visitor.press("Enable")
    in_dialog(visitor).get_by_role("button", name="Enable", exact=True).click()
    expect(in_dialog(visitor).get_by_role("heading", name="Failed for 1 person")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    visitor.told("Enable: done for 1.")


def test_a_person_is_disabled_by_the_keyboard_alone(site, visitor):
    _, user_id = account(site, "kay.keys@example.com", name="Kay Keys")
    enter(site, visitor, f"people/{user_id}", "keys-admin@example.com", "admin")
    visitor.sees("Kay Keys")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Disable")
    visitor.page.keyboard.press("Enter")
    expect(in_dialog(visitor)).to_be_visible()
    tab_to(visitor, "Disable")
    visitor.page.keyboard.press("Enter")
    sees_badge(visitor, "disabled")
    tab_to(visitor, "Undo")
    visitor.page.keyboard.press("Enter")
    sees_badge(visitor, "active")


def test_what_people_wrote_of_themselves_is_text(site, arrive):
    visitor = arrive(user_agent=f"Mozilla {HOSTILE}")
    person, user_id = account(site, "hostile@example.com", name="Ordinary")
    assert person.call("PATCH", "/me", {"attributes": {"page": HOSTILE}}).status == 200
    assert person.call("PUT", "/me/items/theme", {"item_value": HOSTILE}).status in {200, 201}
    agent = {"User_Agent": HOSTILE}
    site.deployed.anyone.call("POST", "/sessions", {"email": "hostile@example.com", "password": PASSWORD}, **agent)
    enter(site, visitor, f"people/{user_id}", "hostile-admin@example.com", "admin")
    for tab in ("", "?tab=timeline", "?tab=access", "?tab=items"):
        visitor.open(f"{site.url}/console/people/{user_id}{tab}")
        visitor.sees("Ordinary")
        for details in visitor.page.locator("details").all():
            details.evaluate("element => element.open = true")
        if tab in {"", "?tab=items"}:
            expect(visitor.page.get_by_text("onerror=").first).to_be_visible()
        assert visitor.page.locator("img[src=x], main script").count() == 0
        assert visitor.page.title() != "ran"
    visitor.open(f"{site.url}/console/people?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&role=%22%3E%3Cscript%3E")
    visitor.sees("People")
    assert visitor.page.locator("img[src=x], main script").count() == 0


def test_support_sees_a_person_and_changes_nothing(site, visitor):
    _, user_id = account(site, "seen@example.com", name="Sina Seen")
    enter(site, visitor, f"people/{user_id}", "supporter@example.com", "support")
    visitor.sees("Sina Seen")
    offered = [button.inner_text() for button in visitor.page.locator("main button:visible").all()]
    assert {text for text in offered if text != "Copy"} == {"Send a password link"}
    assert visitor.page.get_by_role("link", name="Items").count() == 0
    visitor.follow("Access")
    visitor.reads("Sessions")
    assert visitor.page.get_by_role("button", name="End all sessions").count() == 0
    visitor.press("Send a password link")
    confirm(visitor, "Send a password link")
    visitor.told("A link is on its way.")
