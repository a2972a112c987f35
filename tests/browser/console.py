"""Whoever works in the console: administrators and support, in front of a browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pyotp
from playwright.sync_api import expect

from tests.cloud.people import register

if TYPE_CHECKING:
    from tests.browser.visitor import Site, Visitor

HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>javascript:x"
"""Text of others that would run, if it ever became HTML, a script or a link."""

FOCUSED = """() => {
  const on = document.activeElement;
  return on.ariaLabel ?? on.labels?.[0]?.textContent ?? on.textContent;
}"""


def enter(site: Site, visitor: Visitor, part: str, email: str, *roles: str) -> None:
    """Have a person with these roles sign in just now, and open a part of the console."""
    user_id = register(site.deployed, email).call("GET", "/me").body["id"]
    assert site.deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": list(roles)}).status == 200
    visitor.is_in(email)
    visitor.open(f"{site.url}/console/{part}".rstrip("/"))


def enter_strongly(site: Site, visitor: Visitor, part: str, email: str) -> None:
    """The same as an administrator who has just proved two factors."""
    person, moment = register(site.deployed, email), time.time()
    app = pyotp.TOTP(person.call("POST", "/me/totp").body["secret"])
    assert person.call("POST", "/me/totp/confirm", {"otp": app.at(moment)}).status == 204
    user_id = person.call("GET", "/me").body["id"]
    assert site.deployed.strong_admin.call("PUT", f"/users/{user_id}/roles", {"roles": ["admin"]}).status == 200
    visitor.sign_in(email)
    visitor.sees("Second step")
    visitor.fill(code_from_the_app=app.at(moment + 30))
    visitor.press("Go on")
    visitor.sees("Profile")
    visitor.open(f"{site.url}/console/{part}".rstrip("/"))


def in_dialog(visitor: Visitor) -> Any:
    """The open dialog."""
    return visitor.page.locator("dialog[open]")


def fill(visitor: Visitor, **fields: str) -> None:
    """Fill fields of the open dialog in, by their labels in lower case with underscores."""
    for label, text in fields.items():
        called = re.compile(f"^{re.escape(label.replace('_', ' '))}$", re.IGNORECASE)
        in_dialog(visitor).get_by_label(called).locator("visible=true").fill(text)


def confirm(visitor: Visitor, button: str) -> None:
    """Press a button of the open dialog, and wait until that dialog is gone."""
    heading = in_dialog(visitor).get_by_role("heading").inner_text()
    in_dialog(visitor).get_by_role("button", name=button, exact=True).click()
    expect(in_dialog(visitor).get_by_role("heading", name=heading, exact=True)).to_have_count(0)


def take_secret(visitor: Visitor) -> str:
    """Read the secret that is shown once, and close its dialog."""
    expect(in_dialog(visitor).get_by_role("heading", name="Secret", exact=True)).to_be_visible()
    secret = str(in_dialog(visitor).locator("pre").inner_text())
    confirm(visitor, "I have kept it")
    return secret


def tab_to(visitor: Visitor, name: str, *, at_most: int = 60) -> None:
    """Press the tab key until what is called so has the keyboard."""
    for _ in range(at_most):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(FOCUSED).strip() == name:
            return
    raise AssertionError(f"no {name} within {at_most} tabs")


def sees_text_alone(visitor: Visitor) -> None:
    """See that HOSTILE text is there as text, and that nothing of it became an element or ran."""
    visitor.reads(HOSTILE)
    assert visitor.page.locator("img[src=x], main script").count() == 0
    assert visitor.page.locator('a[href^="javascript:" i]').count() == 0
    assert visitor.page.title() != "ran"


def sees_badge(visitor: Visitor, text: str) -> None:
    expect(
        visitor.page.locator("main .badge").get_by_text(re.compile(rf"^{re.escape(text)}$")).first
    ).to_be_visible()
