"""The pages of another product: its name, its colours, its terms, and nothing of Rollcall's own."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.branded import BRAND, CONNECTION, EMAIL
from tests.browser.elsewhere import providing
from tests.browser.test_pages import OWN, fits, violations
from tests.browser.visitor import Site, Visitor
from tests.cloud.conftest import free_port
from tests.cloud.people import PASSWORD
from tests.cloud.stage import eventually
from tests.unit.appfile import ROOT

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""The provider runs in this process, by names of its library that are to go."""

ACCENTS = {"light": "rgb(176, 0, 32)", "dark": "rgb(255, 179, 179)"}
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def provider():
    with providing() as running:
        yield running


@pytest.fixture(scope="module")
def kranich(provider):
    port = free_port()
    url = f"http://localhost:{port}"

    def answers():
        try:
            return urllib.request.urlopen(f"{url}/account", timeout=5).status == 200
        except OSError:
            return False

    with subprocess.Popen(
        [sys.executable, "-m", "tests.browser.branded", str(port), provider.url],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
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


@pytest.mark.parametrize(
    ("language", "title", "create", "read", "unchecked"),
    [
        ("en", "Create an account?", "Create an account", "read them", "I agree to the terms: has to be checked"),
        (
            "de",
            "Konto anlegen?",
            "Konto anlegen",
            "lesen",
            "Ich stimme den Nutzungsbedingungen zu: muss angekreuzt sein",
        ),
    ],
)
def test_who_comes_from_elsewhere_agrees_to_its_terms_before_there_is_an_account(
    customer, provider, language, title, create, read, unchecked
):
    """By keyboard alone, and in the language that the first page was asked for in."""
    email = f"{language}.{'very-long-' * 5}name@kranich.example"
    subject = provider.knows(f"new-{language}", email=email, email_verified=True)
    visitor = customer(reduced_motion="reduce")
    visitor.may_go_to(provider.url)
    keys, page = visitor.page.keyboard, visitor.page
    visitor.open(f"sign-in?ui_locales={language}")
    has_a_sign(page.get_by_role("button", name=CONNECTION))
    page.get_by_role("button", name=CONNECTION).click()
    visitor.signs_in_at(provider, subject)
    visitor.sees(title)
    visitor.reads(email)
    expect(page.get_by_role("heading", name=title)).to_be_focused()
    agreement, terms = page.get_by_role("checkbox"), page.get_by_role("link", name=read)
    expect(terms).to_have_attribute("href", BRAND["TERMS_URL"])
    is_fine_everywhere(visitor, title)

    keys.press("Tab")
    expect(agreement).to_be_focused()
    keys.press("Enter")
    visitor.warned(unchecked)
    expect(agreement).to_have_attribute("aria-invalid", "true")
    is_fine_everywhere(visitor, title)
    agreement.focus()
    keys.press("Space")
    keys.press("Tab")
    expect(terms).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("button", name=create, exact=True)).to_be_focused()
    keys.press("Enter")
    visitor.sees({"en": "Profile", "de": "Profil"}[language])
    visitor.reads(email)
    visitor.press({"en": "Sign out", "de": "Abmelden"}[language])

    page.get_by_role("button", name=CONNECTION).click()
    visitor.signs_in_at(provider, subject)
    visitor.sees({"en": "Profile", "de": "Profil"}[language])


def has_a_sign(button):
    """That of the provider, loaded, and silent."""
    sign = button.locator("img")
    expect(sign).to_have_attribute("alt", "")
    expect(sign).to_have_js_property("naturalWidth", 24)
    expect(button).to_have_accessible_name(re.compile(f"{CONNECTION}$"))


def is_fine_everywhere(visitor, heading):
    """On a phone and at a desk, in both colour schemes."""
    for size in SIZES.values():
        visitor.page.set_viewport_size(size)
        for scheme in ACCENTS:
            visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            is_kranich(visitor, heading)
        fits(visitor.page)
