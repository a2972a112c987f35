"""Second factors: enrolled on the page, and used to sign in and to prove oneself again."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import ClassVar

import pyotp
import pytest
import zxingcpp
from playwright.sync_api import expect

from tests.cloud.people import PASSWORD


def test_an_authenticator_app_and_recovery_codes(site, visitor):
    email = visitor.has_account("totp@example.com")
    visitor.is_in(email)
    visitor.follow("Security")
    visitor.press("Set up an app")
    app = pyotp.parse_uri(scanned(visitor))
    assert app.name == email
    visitor.fill(code_that_the_app_shows="000000")
    visitor.press("Turn it on")
    visitor.warned("is not the code of this moment")
    used = time.time()
    visitor.fill(code_that_the_app_shows=app.at(used))
    visitor.press("Turn it on")
    visitor.told("The authenticator app is on")
    visitor.press("Make new recovery codes")
    shown = visitor.page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_text_contents()
    visitor.sign_out()

    visitor.sign_in(email)
    visitor.sees("Second step")
    visitor.fill(code_from_the_app=app.at(used))
    visitor.press("Go on")
    visitor.warned("This code is wrong, or was used already.")
    visitor.fill(code_from_the_app=app.at(used + 30))
    visitor.press("Go on")
    visitor.sees("Profile")
    visitor.sign_out()

    visitor.sign_in(email)
    visitor.sees("Second step")
    visitor.page.get_by_text("Use a recovery code").click()
    visitor.fill(recovery_code=codes[0])
    visitor.page.keyboard.press("Enter")
    visitor.sees("Profile")

    visitor.follow("Security")
    visitor.reads("9 left")
    visitor.has_been_in_for_long()
    remove = visitor.page.get_by_role("button", name="Remove", exact=True)
    remove.click()
    dialog = visitor.page.get_by_role("dialog", name="Is it you?")
    expect(dialog).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(remove).to_be_focused()
    remove.click()
    visitor.page.get_by_text("Use a recovery code").click()
    visitor.fill(recovery_code=codes[0])
    visitor.page.keyboard.press("Enter")
    visitor.warned("That is not right.")
    visitor.fill(recovery_code=codes[1])
    visitor.page.keyboard.press("Enter")
    visitor.told("The authenticator app is removed.")
    visitor.sign_out()
    visitor.is_in(email)


def scanned(visitor):
    """What a phone reads from the picture on the page."""
    picture = visitor.page.get_by_role("img", name="QR code for the authenticator app")
    size = int(picture.get_attribute("viewBox").split()[-1])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+),(\d+)h1", picture.locator("path").get_attribute("d"))}
    return read(dark, size)


def read(dark, size, scale=4):
    """The text of a QR code, by its dark modules."""
    pixels = bytes(
        0 if (x // scale, y // scale) in dark else 255 for y in range(size * scale) for x in range(size * scale)
    )
    (code,) = zxingcpp.read_barcodes(memoryview(pixels).cast("B", shape=[size * scale, size * scale]))
    return code.text


def test_qr_codes_of_every_size_can_be_read(visitor):
    visitor.open("sign-in")
    visitor.sees("Sign in")
    module = visitor.page.locator('link[href$="style.css"]').evaluate("link => new URL('qr.js', link.href).href")
    for length in (1, 14, 15, 26, 62, 106, 122, 213, 251, 362, 450, 560, 666):
        text = ("otpauth://totp/Rollcall:ada%40example.com?secret=" + "JBSWY3DPEHPK3PXP" * 50)[:length]
        rows = visitor.page.evaluate(
            "async ([module, text]) => (await import(module)).modules(text)", [module, text]
        )
        dark = {(x + 4, y + 4) for y, row in enumerate(rows) for x, on in enumerate(row) if on}
        assert read(dark, len(rows) + 8) == text


class Authenticator:
    """Chromium's own virtual authenticator, which verifies its user (WebAuthn, section 11)."""

    OPTIONS: ClassVar = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": False,
    }

    def __init__(self, visitor):
        self._session = visitor.context.new_cdp_session(visitor.page)
        self._session.send("WebAuthn.enable")
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": self.OPTIONS})
        self._id = {"authenticatorId": added["authenticatorId"]}

    @contextmanager
    def touched(self):
        """Its owner agrees to whatever is asked of it meanwhile, also to sign in where a name is filled in."""
        self._touches(True)
        yield
        self._touches(False)

    def _touches(self, enabled):
        self._session.send("WebAuthn.setAutomaticPresenceSimulation", {**self._id, "enabled": enabled})

    @property
    def credentials(self):
        return self._session.send("WebAuthn.getCredentials", self._id)["credentials"]


@pytest.fixture
def authenticator(visitor):
    return Authenticator(visitor)


def test_a_passkey_is_made_used_and_removed(visitor, authenticator):
    email = visitor.has_account("passkey@example.com")
    visitor.is_in(email)
    visitor.follow("Security")
    with authenticator.touched():
        visitor.fill(name_for_a_new_passkey="My laptop")
        visitor.press("Add a passkey")
        visitor.told("The passkey “My laptop” is added.")
        (credential,) = authenticator.credentials
        assert credential["rpId"] == "localhost"
        visitor.press("Add a passkey")
        visitor.warned("This device has a passkey for this account already.")
    visitor.sign_out()

    visitor.press("Sign in with a passkey")
    with authenticator.touched():
        visitor.sees("Profile")
    visitor.sign_out()

    visitor.sign_in(email)
    visitor.sees("Second step")
    visitor.press("Use a passkey")
    with authenticator.touched():
        visitor.sees("Profile")

    visitor.follow("Security")
    visitor.reads("last used")
    visitor.has_been_in_for_long()
    visitor.press("Remove the passkey My laptop")
    visitor.press("Use a passkey")
    with authenticator.touched():
        visitor.told("The passkey “My laptop” is removed.")
    visitor.sign_out()
    visitor.press("Sign in with a passkey")
    with authenticator.touched():
        visitor.warned("This passkey is not known here.")
    visitor.is_in(email, PASSWORD)


def test_a_passkey_is_offered_where_an_address_is_filled_in(visitor, authenticator):
    visitor.is_in(visitor.has_account("autofill@example.com"))
    visitor.follow("Security")
    with authenticator.touched():
        visitor.fill(name_for_a_new_passkey="My laptop")
        visitor.press("Add a passkey")
        visitor.told("The passkey “My laptop” is added.")
    visitor.sign_out()
    with authenticator.touched():
        visitor.open("sign-in")
        visitor.sees("Profile")
