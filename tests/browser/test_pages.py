"""The pages themselves: for everybody, with a keyboard alone, under any prefix, and of no use to an attacker."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from chalicelib.web.routes import ACCOUNT
from tests.cloud.people import PASSWORD
from tools import cloudformation

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Each element that is right would be told of too, with how to find it.
    "resultTypes": ["violations"],
}
CAME_BACK = {"connected", "link"}
"""Nobody comes to these but from a provider: others are told that they have to begin anew."""
OWN = {"": "Profile", "security": "Sign-in and security", "devices": "Devices", "data": "Your data"}


def violations(page):
    """What axe finds wrong, by rule and element."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]


def violations_by_scheme(page):
    """The same of a page in light and in dark colours, by scheme too."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [(scheme, *violation) for violation in violations(page)]
    return found


@pytest.mark.parametrize(
    ("scheme", "language"), [("light", "en"), ("dark", "en"), ("light", "de"), ("dark", "de")]
)
def test_pages_for_strangers_are_accessible(arrive, scheme, language):
    phone = {"viewport": {"width": 360, "height": 740}, "reduced_motion": "reduce"}
    visitor = arrive(color_scheme=scheme, locale=language, **phone)
    for page in sorted(ACCOUNT - OWN.keys() - {"email"}):
        visitor.open(page)
        focused = (
            visitor.page.get_by_role("alert")
            if page in CAME_BACK
            else visitor.page.get_by_role("heading", level=1)
        )
        expect(focused).to_be_focused()
        fits(visitor.page)
        assert violations(visitor.page) == []
    visitor.open("register")
    visitor.field({"en": "password", "de": "passwort"}[language]).fill("too short")
    visitor.press({"en": "Show password", "de": "Anzeigen des Passworts"}[language])
    visitor.press({"en": "Create an account", "de": "Konto anlegen"}[language])
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    assert violations(visitor.page) == []


def test_pages_of_one_s_own_are_accessible(site, arrive):
    visitor = arrive(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    visitor.is_in(site.resident)
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for page, heading in OWN.items():
            visitor.open(page)
            visitor.sees(heading)
            if page == "security":
                visitor.press("Set up an app")
                expect(visitor.page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
            fits(visitor.page)
            assert violations(visitor.page) == []
    visitor.has_been_in_for_long()
    visitor.open("security")
    visitor.press("Set up an app")
    expect(visitor.page.get_by_role("dialog")).to_be_visible()
    assert violations(visitor.page) == []


def fits(page):
    """A page is as wide as its window: nobody scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_keyboard_is_enough(site, visitor):
    keys = visitor.page.keyboard
    visitor.open()
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_focused()
    keys.press("Tab")
    keys.type(site.resident)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(visitor.page.get_by_role("heading", name="Profile")).to_be_focused()
    keys.press("Shift+Tab")
    expect(visitor.page.get_by_role("link", name="Your data")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert visitor.page.evaluate(outline) == "solid"
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(visitor.page.get_by_role("heading", name="Devices")).to_be_focused()
    expect(visitor.page.get_by_role("link", name="Devices")).to_have_attribute("aria-current", "page")
    visitor.page.go_back()
    visitor.sees("Profile")
    for _ in range(20):
        keys.press("Shift+Tab")
        if visitor.page.evaluate("document.activeElement.id") == "sign-out":
            break
    keys.press("Enter")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_focused()


def test_what_one_types_can_be_looked_at(visitor):
    visitor.open("sign-in")
    visitor.sees("Sign in")
    field = visitor.field("password")
    button = visitor.page.get_by_role("button", name="Show password", exact=True)
    field.fill("violet otter")
    expect(button).to_have_attribute("aria-pressed", "false")
    field.press("Tab")
    expect(button).to_be_focused()
    button.press("Space")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("violet otter")
    field.press("Enter")
    expect(field).to_have_attribute("type", "password")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_what_is_wrong_leads_to_its_field(visitor):
    visitor.open("register")
    visitor.press("Create an account")
    visitor.page.get_by_role("alert").get_by_role("link", name="Email address").click()
    expect(visitor.field("email address")).to_be_focused()
    assert visitor.page.url.endswith("/account/register")


def test_a_password_never_gets_into_an_address(visitor):
    """Also where the scripts did not load, and the browser would send the form by itself."""
    visitor.provoked = "form-action"
    visitor.open("sign-in")
    visitor.sees("Sign in")
    visitor.page.evaluate("() => { const form = document.forms[0]; form.replaceWith(form.cloneNode(true)) }")
    visitor.fill(email_address="somebody@example.com", password="in the address bar")
    with visitor.page.expect_console_message(lambda message: "form-action" in message.text):
        visitor.page.evaluate("document.forms[0].requestSubmit()")
    assert visitor.page.url == f"{visitor.site.url}/account/sign-in"


@pytest.mark.parametrize(
    "mistake",
    [
        "document.body.innerHTML = '<img src=x>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.createElement('script').src = 'https://elsewhere.example/x.js'",
        "document.createElement('script').text = 'window.broken = 1'",
        "trustedTypes.createPolicy('ours', {})",
    ],
)
def test_the_browser_refuses_what_a_mistake_in_a_script_could_do(visitor, mistake):
    visitor.provoked = "trusted"
    visitor.open("sign-in")
    visitor.sees("Sign in")
    tried = f"() => {{ try {{ {mistake} }} catch (error) {{ return error.name }} }}"
    assert visitor.page.evaluate(tried) == "TypeError"


ASK_FOR_PASSKEY = """
navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16), rpId: "localhost" } }).catch(({ name }) => name)
"""


def test_the_pages_work_behind_the_gateway_s_prefix(site, visitor):
    """Where the stage's name is the beginning of every path."""
    deployed = site.deployed
    api_id = cloudformation.outputs(deployed.stage.names.api)["RestAPIId"]
    address = f"http://{api_id}.execute-api.localhost:{deployed.running.port}/api/account"
    visitor.provoked = address.removesuffix("/account")
    visitor.open(f"{address}/register")
    visitor.sees("Create an account")
    with visitor.page.expect_response("**/sessions/passkey/options"):
        visitor.follow("Sign in")
    visitor.sees("Sign in")
    assert visitor.page.url == f"{address}/sign-in"
    # Passkeys are for the stage's own address: the browser refuses the page's offer, before it refuses this.
    assert visitor.page.evaluate(ASK_FOR_PASSKEY) == "SecurityError"
