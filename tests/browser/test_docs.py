"""The docs of the API in a browser: each route can be tried there, and is shown as code that runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import fits, violations_by_scheme

ADA = 'ada\'s "quote" $HOME `id` \\ é'


def docs(visitor):
    visitor.page.goto(f"{visitor.site.url}/docs")
    return visitor.page


def opened(page, method, path):
    place = page.locator(f'details.try[data-method="{method}"][data-path="{path}"]')
    place.locator("summary").click()
    return place


def test_a_route_is_tried_where_it_is_described(visitor):
    page = docs(visitor)
    place = opened(page, "GET", "/health")
    place.get_by_role("button", name="Send").click()
    expect(place.locator("[data-status]")).to_have_text("200 OK")
    expect(place.locator("[data-answer]")).to_contain_text('"status": "ok"')
    expect(place.locator("[data-headers]")).to_contain_text("x-request-id")


def test_it_is_tried_with_the_session_of_the_browser(site, visitor):
    visitor.is_in(site.resident)
    page = docs(visitor)
    page.get_by_role("button", name="Use my session").click()
    expect(page.get_by_role("status")).to_contain_text("token of your session")
    place = opened(page, "GET", "/me")
    place.get_by_role("button", name="Send").click()
    expect(place.locator("[data-answer]")).to_contain_text(site.resident)
    token = page.get_by_label("Access token").input_value()
    assert token not in place.locator("[data-code]").inner_text()


def test_a_keyboard_is_enough_and_nothing_is_sent_before(visitor):
    page = docs(visitor)
    page.get_by_role("button", name="Use my session").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nobody is signed in")
    summary = page.locator('details.try[data-method="GET"][data-path="/me"] summary')
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != "Send":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator('details.try[data-path="/me"] [data-status]').first).to_have_text("401 Unauthorized")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_docs_are_accessible(arrive, width):
    page = docs(arrive(viewport={"width": width, "height": 800}, reduced_motion="reduce"))
    opened(page, "POST", "/users")
    fits(page)
    assert violations_by_scheme(page) == []


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_a_request_runs_as_it_is_shown(site, visitor, language):
    """Whatever was filled in: nothing of it means anything to a shell or a parser."""
    runner = {
        "curl": ["bash", "-c"],
        "Python": [sys.executable, "-c"],
        "JavaScript": ["node", "--input-type=module", "-e"],
    }
    command = runner[language]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    page = docs(visitor)
    place = opened(page, "POST", "/sessions/refresh")
    place.get_by_label("Body").fill('{"refresh_token": "' + ADA.replace("\\", "\\\\").replace('"', '\\"') + '"}')
    place.get_by_role("button", name=language, exact=True).click()
    code = place.locator("[data-code]").inner_text()
    ran = subprocess.run(
        [*command, code], capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "TOKEN": "x"}
    )
    assert "invalid-token" in ran.stdout or "401" in ran.stdout, ran.stdout
