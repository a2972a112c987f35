"""The console as a whole: for everybody, light enough, of no use to an attacker, and steady when things change."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from chalicelib.web.routes import CONSOLE
from tests.browser.console import enter, tab_to
from tests.browser.test_pages import fits, violations_by_scheme

TITLES = {
    "": "Overview",
    "people": "People",
    "imports": "Imports and exports",
    "events": "Events",
    "webhooks": "Webhooks",
    "applications": "Applications",
    "operations": "Operations",
    "operations?tab=alarms": "Operations",
    "operations?tab=dead-letters": "Operations",
    "operations?tab=keys": "Operations",
    "settings": "Settings",
}
ELSEWHERE = {"questions"}
"""What this stage does not have: `test_console_questions`."""
FOR_SUPPORT = {"", "people", "operations"}
MOST_BYTES = 120 * 1024
"""Of a page, with everything that it loads to show itself."""
LOADED_BYTES = """
  [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)
"""


def test_every_part_has_its_title():
    assert {part.partition("?")[0] for part in TITLES} == CONSOLE - ELSEWHERE | {""}


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_accessible_fits_and_is_light(site, arrive, width):
    visitor = arrive(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    enter(site, visitor, "", f"all-{width}@example.com", "admin")
    for part, title in TITLES.items():
        visitor.open(f"{site.url}/console/{part}".rstrip("/"))
        visitor.sees(title)
        visitor.page.wait_for_load_state("networkidle")
        # What a page that follows something loads afterwards is not its weight.
        assert 10_000 < visitor.page.evaluate(LOADED_BYTES) < MOST_BYTES, part
        fits(visitor.page)
        assert violations_by_scheme(visitor.page) == [], part


def test_no_page_asks_for_more_than_it_shows(site, visitor):
    """However many there are: what the API gives by pages is asked for by how many are shown."""
    paths = site.deployed.anyone.call("GET", "/openapi.json").body["paths"]
    paged = {
        re.compile(re.sub(r"\{.+?\}", "[^/]+", path))
        for path, methods in paths.items()
        if any(each.get("name") == "limit" for each in methods.get("get", {}).get("parameters", []))
    }
    enter(site, visitor, "", "all-pages@example.com", "admin")
    user_id = site.deployed.strong_admin.call("GET", "/users?email=all-pages@example.com").body["items"][0]["id"]
    asked = []
    visitor.page.on("request", lambda request: asked.append(urlsplit(request.url)))
    tabs = [f"people/{user_id}?tab={tab}" for tab in ("profile", "timeline", "access", "mail", "items")]
    for part in [*TITLES, *tabs, "imports?tab=exports", "applications?tab=connections"]:
        visitor.open(f"{site.url}/console/{part}".rstrip("/"))
        visitor.page.wait_for_load_state("networkidle")
    lists = [address for address in asked if any(path.fullmatch(address.path) for path in paged)]
    assert len({address.path for address in lists}) > 8
    assert [
        address for address in lists if not 0 < int(parse_qs(address.query).get("limit", ["0"])[0]) <= 50
    ] == []


def test_support_sees_what_is_theirs(site, visitor):
    enter(site, visitor, "", "all-support@example.com", "support")
    visitor.sees("Overview")
    links = visitor.page.get_by_role("navigation", name="Console").get_by_role("link")
    assert set(links.all_inner_texts()) == {TITLES[part] for part in FOR_SUPPORT}
    visitor.open(f"{site.url}/console/questions")
    visitor.sees("There is nothing here")
    for part in sorted(CONSOLE - FOR_SUPPORT - ELSEWHERE):
        visitor.open(f"{site.url}/console/{part}")
        visitor.sees("This is not for you")


def test_whoever_has_no_role_sees_nothing(site, visitor):
    visitor.is_in(site.resident)
    visitor.open(f"{site.url}/console/people")
    visitor.sees("This is not for you")
    expect(visitor.page.get_by_role("navigation", name="Console")).to_be_hidden()


def test_one_comes_back_to_where_one_wanted(site, visitor):
    email = "comes-back@example.com"
    enter(site, visitor, "", email, "support")
    visitor.sees("Overview")
    visitor.press("Sign out")
    visitor.sees("Sign in")
    visitor.open(f"{site.url}/console/people?q=nobody.there@example.com")
    visitor.sees("Sign in")
    visitor.fill(email_address=email, password="correct horse battery")
    visitor.press("Sign in")
    visitor.sees("People")
    assert visitor.page.url == f"{site.url}/console/people?q=nobody.there@example.com"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "@elsewhere.example",
        "/../account",
        ".elsewhere.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_for_the_console_leads_nowhere_else(site, arrive, elsewhere):
    visitor = arrive()
    enter(site, visitor, "", f"led-{abs(hash(elsewhere)) % 10**8}@example.com", "support")
    visitor.sees("Overview")
    visitor.open(f"{site.url}/account/console#to={elsewhere}")
    visitor.page.wait_for_url(f"{site.url}/console**")


def test_a_second_window_survives_the_end_of_the_session_and_goes_on(site, visitor):
    email = "two-windows@example.com"
    enter(site, visitor, "people", email, "support")
    visitor.sees("People")
    other = visitor.context.new_page()
    other.goto(f"{site.url}/console/operations")
    expect(other.get_by_role("heading", level=1, name="Operations")).to_be_visible()
    other.get_by_role("button", name="Sign out").click()
    visitor.sees("You are signed out")
    assert visitor.page.url == f"{site.url}/console/people"
    other.get_by_label("Email address").fill(email)
    other.get_by_label("Password", exact=True).fill("correct horse battery")
    other.get_by_role("button", name="Sign in", exact=True).click()
    visitor.sees("People")


def test_a_session_that_ends_elsewhere_is_noticed_with_the_next_request(site, visitor):
    enter(site, visitor, "people", "ended@example.com", "support")
    visitor.sees("People")
    (person,) = site.deployed.strong_admin.call("GET", "/users?email=ended@example.com").body["items"]
    assert site.deployed.strong_admin.call("DELETE", f"/users/{person['id']}/sessions").status == 204
    visitor.follow("Operations")
    visitor.sees("You are signed out")


def test_a_page_of_an_earlier_deployment_goes_on(site, visitor):
    """Its scripts ask for files of a version that is gone, and get the present ones."""
    enter(site, visitor, "people", "earlier@example.com", "support")
    visitor.sees("People")
    visitor.page.route(
        "**/assets/*/console/operations.js",
        lambda route: route.continue_(url=f"{site.url}/assets/0123456789abcdef/console/operations.js"),
    )
    visitor.follow("Operations")
    visitor.sees("Operations")


def test_the_overview_shows_what_happened_and_each_part_is_a_link(site, visitor):
    enter(site, visitor, "", "overview-admin@example.com", "admin")
    visitor.sees("Overview")
    part = visitor.page.locator("svg.map a", has_text="users").first
    expect(part).to_be_visible()
    assert "last hour" in part.get_attribute("aria-label").lower()
    visitor.page.get_by_text("The numbers").first.click()
    expect(visitor.page.get_by_role("row", name="on_history").first).to_be_visible()
    visitor.page.mouse.wheel(0, 2000)
    expect(visitor.page.locator("canvas").first).to_be_visible()
    visitor.follow("24 hours")
    assert visitor.page.url.endswith("?range=day")
    visitor.sees("Overview")
    part.click()
    visitor.sees("People")


def test_the_parts_are_walked_by_the_keyboard_alone(site, visitor):
    enter(site, visitor, "", "walker@example.com", "admin")
    visitor.sees("Overview")
    visitor.page.keyboard.press("Shift+Tab")
    tab_to(visitor, "Operations")
    visitor.page.keyboard.press("Enter")
    visitor.sees("Operations")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(visitor, "Alarms")
    visitor.page.keyboard.press("Enter")
    visitor.reads("api-5xx")
