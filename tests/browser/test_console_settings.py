"""What the stage is set to, in the console: found by mouse and by the keyboard alone, and nothing secret."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.console import HOSTILE, enter, sees_text_alone, tab_to


def rows(visitor):
    return visitor.page.locator("tbody tr")


def test_a_setting_is_found_with_what_it_is_for_and_where_it_is_set(site, visitor):
    enter(site, visitor, "settings", "settings-admin@example.com", "admin")
    visitor.sees("Settings")
    visitor.fill(name="PUBLIC_URL")
    row = rows(visitor).filter(has_text="PUBLIC_URL").first
    expect(row).to_contain_text(site.url)
    expect(row).to_contain_text("stages.json")
    visitor.fill(name="")
    visitor.page.get_by_label("Set in").select_option("default")
    expect(rows(visitor).filter(has_text="PUBLIC_URL")).to_have_count(0)
    assert "source=default" in visitor.page.url
    visitor.page.reload()
    expect(visitor.page.get_by_label("Set in")).to_have_value("default")
    expect(rows(visitor).filter(has_text="HISTORY_DAYS")).to_have_count(1)


def test_a_setting_is_found_by_the_keyboard_alone(site, visitor):
    enter(site, visitor, "settings", "settings-keys@example.com", "admin")
    visitor.sees("Settings")
    tab_to(visitor, "Name, value or purpose")
    visitor.page.keyboard.type("history days")
    expect(rows(visitor)).not_to_have_count(0)
    expect(rows(visitor).first).to_contain_text("HISTORY_DAYS")
    visitor.page.keyboard.type(" nowhere")
    visitor.reads("No such setting")


def test_text_of_settings_is_shown_as_text_and_secrets_are_not(site, visitor):
    setting = {"value": HOSTILE, "default": HOSTILE, "is_secret": False, "is_set": True, "set_in": "stages"}
    hidden = {**setting, "name": "HIDDEN", "value": None, "default": None, "is_secret": True, "purpose": "none"}
    answer = {"items": [{**setting, "name": "<b>BOLD</b>", "purpose": HOSTILE}, hidden], "next": None}
    enter(site, visitor, "people", "settings-hostile@example.com", "admin")
    visitor.page.route(
        f"{site.url}/settings",
        lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(answer)),
    )
    visitor.follow("Settings")
    visitor.sees("Settings")
    sees_text_alone(visitor)
    expect(rows(visitor).filter(has_text="HIDDEN").locator(".badge").first).to_have_text("set")


def test_support_is_offered_no_settings(site, visitor):
    enter(site, visitor, "settings", "settings-support@example.com", "support")
    visitor.sees("This is not for you")
    expect(visitor.page.get_by_role("link", name="Settings", exact=True)).to_have_count(0)
