"""The pages of another product: its name, its colours, its terms, and nothing of Rollcall's own."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.branded import BRAND, EMAIL
from tests.browser.test_pages import OWN, violations
from tests.browser.visitor import Site, Visitor
from tests.cloud.conftest import free_port
from tests.cloud.people import PASSWORD
from tests.cloud.stage import eventually
from tests.unit.appfile import ROOT

ACCENTS = {"light": "rgb(176, 0, 32)", "dark": "rgb(255, 179, 179)"}


@pytest.fixture(scope="module")
def kranich():
    port = free_port()
    url = f"http://localhost:{port}"

    def answers():
        try:
            return urllib.request.urlopen(f"{url}/account", timeout=5).status == 200
        except OSError:
            return False

    with subprocess.Popen(
        [sys.executable, "-m", "tests.browser.branded", str(port)], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as server:
        try:
            eventually(answers, "the pages of another product")
            yield Site(None, url)
        finally:
            server.terminate()


@pytest.fixture
def customer(kranich, browser):
    """Makes visitors of these pages; what the pages did wrong is told at the end."""
    customers = []

    def arrive(**options):
        customers.append(Visitor(kranich, browser.new_context(**options)))
        return customers[-1]

    yield arrive
    for each in customers:
        each.context.close()
    assert [wrong for each in customers for wrong in each.wrongs] == []


def is_kranich(visitor, heading):
    visitor.sees(heading)
    expect(visitor.page).to_have_title(f"{heading} – {BRAND['PRODUCT_NAME']}")
    assert "Rollcall" not in visitor.page.evaluate("document.documentElement.outerHTML")
    assert violations(visitor.page) == []


@pytest.mark.parametrize("scheme", ACCENTS)
def test_every_page_has_its_name_and_its_colours(customer, scheme):
    phone = {"viewport": {"width": 360, "height": 740}, "reduced_motion": "reduce"}
    visitor = customer(color_scheme=scheme, **phone)
    visitor.open("sign-in")
    is_kranich(visitor, "Sign in")
    button = visitor.page.get_by_role("button", name="Sign in", exact=True)
    expect(button).to_have_css("background-color", ACCENTS[scheme])
    expect(visitor.page.get_by_role("link", name="Privacy")).to_have_attribute("href", BRAND["PRIVACY_URL"])
    expect(visitor.page.get_by_role("link", name="Help")).to_have_attribute("href", f"mailto:{BRAND['SUPPORT']}")
    visitor.sign_in(EMAIL)
    for page, heading in OWN.items():
        visitor.sees("Profile")
        visitor.open(page)
        is_kranich(visitor, heading)
        visitor.open()


def test_whoever_registers_agrees_to_its_terms(customer):
    visitor = customer()
    visitor.open("register")
    is_kranich(visitor, "Create an account")
    link = visitor.page.get_by_role("link", name="read them")
    expect(link).to_have_attribute("href", BRAND["TERMS_URL"])
    visitor.fill(email_address="grace@example.com", password=PASSWORD)
    visitor.press("Create an account")
    visitor.warned("has to be checked")
    visitor.page.get_by_label("I agree to the terms").check()
    visitor.press("Create an account")
    visitor.sees("Profile")
