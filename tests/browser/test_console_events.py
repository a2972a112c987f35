"""Events in the console: watched as they happen, one of them followed through its consumers, and sent again, by mouse
and by the keyboard alone."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import expect

from tests.browser.console import HOSTILE, confirm, enter, fill, in_dialog, sees_badge, tab_to
from tests.cloud.people import register
from tests.cloud.receiver import receiving


def open_feed(site, visitor, email: str, query: str = "") -> None:
    enter(site, visitor, f"events{query}", email, "admin")
    visitor.sees("Events")


def step(visitor, title: str):
    """A step of the journey."""
    return visitor.page.locator(".timeline > li").filter(has_text=title)


def test_what_happens_appears_by_itself_and_is_followed_to_everybody(site, visitor):
    with receiving() as receiver:
        fields = {"url": receiver.url, "types": ["user.updated"]}
        webhook = site.deployed.strong_admin.call("POST", "/webhooks", fields).body
        person = register(site.deployed, "watched@example.com")
        user_id = person.call("GET", "/me").body["id"]
        open_feed(site, visitor, "feed-admin@example.com", f"?user={user_id}")
        expect(visitor.page.get_by_role("link", name="Registered")).to_be_visible()
        assert person.call("PATCH", "/me", {"name": "Watched"}).status == 200
        visitor.follow("Profile changed")
        visitor.sees("Profile changed")
        expect(step(visitor, "History")).to_contain_text("recorded")
        expect(step(visitor, receiver.url)).to_contain_text("delivered")
        expect(step(visitor, receiver.url)).to_contain_text("200")
        expect(visitor.page.get_by_role("link", name="Schema of user.updated")).to_have_attribute(
            "href", f"{site.url}/events/schemas/user.updated/1"
        )
        step(visitor, receiver.url).get_by_role("link", name="Delivery").click()
        sees_badge(visitor, "delivered")
        visitor.page.go_back()
        visitor.sees("Profile changed")
        visitor.page.get_by_role("link", name=user_id).click()
        visitor.sees("Watched")
        site.deployed.strong_admin.call("DELETE", f"/webhooks/{webhook['id']}")


def test_the_feed_is_paused_and_an_event_opened_by_the_keyboard_alone(site, visitor):
    user_id = register(site.deployed, "by-keys@watched.example").call("GET", "/me").body["id"]
    open_feed(site, visitor, "feed-keys@example.com", f"?user={user_id}&type=user.registered")
    expect(visitor.page.get_by_role("link", name="Registered")).to_be_visible()
    # The keyboard is taken to the heading once all of the page is there.
    expect(visitor.page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Pause")
    visitor.page.keyboard.press("Enter")
    visitor.reads("Paused")
    tab_to(visitor, "Registered")
    visitor.page.keyboard.press("Enter")
    visitor.sees("Registered")
    expect(step(visitor, "History")).to_contain_text("recorded")


def test_the_filters_are_in_the_address(site, visitor):
    open_feed(site, visitor, "feed-filters@example.com")
    visitor.page.get_by_label("Type").select_option("user.deleted")
    visitor.page.get_by_label("Person").fill("nobody-at-all")
    visitor.reads("Nothing happened in this time")
    visitor.page.reload()
    expect(visitor.page.get_by_label("Type")).to_have_value("user.deleted")
    expect(visitor.page.get_by_label("Person")).to_have_value("nobody-at-all")


def test_what_an_event_holds_is_shown_as_text_and_runs_nothing(site, visitor):
    person = register(site.deployed, "hostile@watched.example")
    user_id = person.call("GET", "/me").body["id"]
    assert person.call("PATCH", "/me", {"name": HOSTILE, "attributes": {HOSTILE: HOSTILE}}).status == 200
    open_feed(site, visitor, "feed-hostile@example.com", f"?user={user_id}")
    visitor.follow("Profile changed")
    visitor.reads("onerror=")
    assert visitor.page.locator("img[src=x], main script").count() == 0
    assert visitor.page.locator('a[href^="javascript:" i]').count() == 0
    assert visitor.page.title() != "ran"
    strange = "?event=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&subject=%3Cscript%3E&time=javascript:alert(1)"
    visitor.open(f"{site.url}/console/events{strange}")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    assert visitor.page.locator("img[src=x], main script").count() == 0


def test_events_are_sent_again_after_a_look_at_how_many_they_are(site, visitor):
    register(site.deployed, "again@watched.example")
    open_feed(site, visitor, "feed-replays@example.com", "?tab=replays")
    visitor.page.get_by_role("button", name="Replay").click()
    now = dt.datetime.now()  # noqa: DTZ005 - as the browser's clock on the wall
    begin, end = (f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in (now - dt.timedelta(hours=1), now))
    fill(visitor, **{"from": begin, "until": end})
    in_dialog(visitor).get_by_label("Every event").uncheck()
    in_dialog(visitor).get_by_text("user", exact=True).click()
    in_dialog(visitor).get_by_label("Registered").check()
    expect(in_dialog(visitor).get_by_role("status")).to_contain_text("event")
    confirm(visitor, "Send again")
    sees_badge(visitor, "finished")
    expect(visitor.page.get_by_role("table").get_by_text("user.registered").first).to_be_visible()


def test_support_is_not_let_in(site, visitor):
    enter(site, visitor, "events", "feed-support@example.com", "support")
    visitor.sees("This is not for you")
    expect(visitor.page.get_by_role("navigation").get_by_role("link", name="Events")).to_have_count(0)
