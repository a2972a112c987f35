"""Questions in the console, of a stage that has a read model: found by a filter, kept as a segment, counted."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.questioned import ADMIN, SUPPORT
from tests.browser.test_pages import fits, violations_by_scheme
from tests.browser.visitor import Site, Visitor
from tests.cloud.conftest import free_port
from tests.cloud.stage import eventually
from tests.postgresql import world
from tests.unit.appfile import ROOT
from tools import postgresql


@pytest.fixture(scope="module")
def questioned():
    if why := postgresql.missing():
        pytest.skip(why)
    port = free_port()
    url = f"http://localhost:{port}"

    def answers():
        try:
            return urllib.request.urlopen(f"{url}/account", timeout=5).status == 200
        except OSError:
            return False

    command = [sys.executable, "-m", "tests.browser.questioned", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        try:
            eventually(answers, "a stage with a read model")
            yield Site(None, url)
        finally:
            server.send_signal(signal.SIGINT)  # it stops its database then


@pytest.fixture
def enter(questioned, browser):
    """Has somebody sign in at the time of the small stage, and open a part of the console."""
    visitors = []

    def enter(email, part, **options):
        visitor = Visitor(questioned, browser.new_context(reduced_motion="reduce", **options))
        visitors.append(visitor)
        visitor.page.clock.set_fixed_time(world.NOW)
        visitor.open("sign-in")
        visitor.sign_in(email)
        visitor.sees("Profile")
        visitor.open(f"{questioned.url}/console/{part}")
        return visitor

    yield enter
    for each in visitors:
        each.context.close()
    assert [wrong for each in visitors for wrong in each.wrongs] == []


def test_people_are_found_by_a_filter_and_what_is_wrong_with_it_is_shown_where_it_is(enter):
    visitor = enter(SUPPORT, "questions")
    visitor.sees("Questions")
    field = visitor.page.get_by_label("Filter")
    field.fill("age > 30 and attributes.plan = pro and email_domain = acme.example")
    field.press("Enter")
    visitor.reads("2 people")
    expect(visitor.page.get_by_role("link", name="Bo de Vries")).to_be_visible()
    assert "q=age" in visitor.page.url
    expect(visitor.page.get_by_role("button", name="Save as a segment")).to_have_count(0)
    field.fill("age > 30 and plann = pro")
    field.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_contain_text("character 14")
    expect(field).to_be_focused()
    assert field.evaluate("(input) => input.value.slice(input.selectionStart)") == "plann = pro"
    assert violations_by_scheme(visitor.page) == []
    visitor.page.reload()
    expect(field).to_have_value("age > 30 and plann = pro")


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_counted_is_drawn_for_everybody(enter, width):
    visitor = enter(SUPPORT, "questions?tab=views", viewport={"width": width, "height": 900})
    visitor.reads("Who came back")
    visitor.reads("From arriving to signing in")
    expect(visitor.page.get_by_role("table", name="Who came back").locator("tbody tr")).to_have_count(12)
    fits(visitor.page)
    assert violations_by_scheme(visitor.page) == []
    visitor.page.get_by_label("Came back: of those who arrived").select_option("imports")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/console/questions?tab=views&came=imports")
    visitor.follow("26 weeks")
    expect(visitor.page.get_by_role("table", name="Who came back").locator("tbody tr")).to_have_count(18)


def test_an_administrator_keeps_a_filter_as_a_segment(enter):
    visitor = enter(ADMIN, "questions?q=last_sign_in_at+%3C+-30d")
    visitor.press("Save as a segment")
    dialog = visitor.page.locator("dialog[open]")
    dialog.get_by_label("Name").fill("Away")
    dialog.get_by_role("button", name="Add a segment").click()
    visitor.sees("Away")
    expect(visitor.page.get_by_role("table", name="People in it").locator("tbody tr").first).to_be_visible()
    fits(visitor.page)
    assert violations_by_scheme(visitor.page) == []
