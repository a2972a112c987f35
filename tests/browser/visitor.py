"""Somebody in front of a browser: finds fields, buttons and links by what they are called, as people do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from chalicelib.sessions import cookies
from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Request

    from tests.browser.elsewhere import Provider
    from tests.cloud.stage import DeployedStage

REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
"""Chromium's own note of an answer that the page asked for and understands."""

WATCH = """
  addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective));
"""


@dataclass
class Site:
    """The stage, and where its pages are."""

    deployed: DeployedStage
    url: str

    @cached_property
    def resident(self) -> str:
        """The address of somebody who has an account, for tests that change nothing that others rely on."""
        register(self.deployed, "resident@example.com", name="Resident", age=40)
        return "resident@example.com"

    def link_to(self, email: str, page: str, other_than: str = "") -> str:
        """The link to one of the pages in the newest mail to an address, waited for."""

        def look() -> str:
            found = re.findall(
                rf"{re.escape(self.url)}/account/{page}#token=\S+", "".join(self.deployed.mails_to(email)[-1:])
            )
            return found[0] if found and found[0] != other_than else ""

        return str(eventually(look, f"a mail to {email} with a link to {page}"))


class Visitor:
    """One browser profile with one page. `provoked` is in what its test makes the browser complain of; `elsewhere` are
    the origins that it may go to beside ours, whose pages are not ours to judge."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context = site, context
        self._wrongs: list[str] = []
        self.provoked = ""
        self.elsewhere: list[str] = []
        context.add_init_script(WATCH)
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._wrongs.append(f"error: {error}"))
        self.page.on("request", self._request)

    @property
    def wrongs(self) -> list[str]:
        """What its pages did that none may do."""
        return [wrong for wrong in self._wrongs if not self.provoked or self.provoked not in wrong.lower()]

    def open(self, page: str = "") -> None:
        """Load one of the pages anew, by its name or by a whole address."""
        address = page if page.startswith("http") else f"{self.site.url}/account{page and f'/{page}'}"
        # A link with another fragment alone would not load anything.
        self.page.goto("about:blank")
        self.page.goto(address)

    def sees(self, heading: str) -> None:
        """Wait for a page, by its heading."""
        expect(self.page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()

    def reads(self, text: str) -> None:
        """Wait for a text."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def told(self, news: str) -> None:
        """Wait for the line for news to say something."""
        expect(self.page.locator("#news")).to_contain_text(news)

    def warned(self, problem: str) -> None:
        """Wait for a complaint, and see that the keyboard is there."""
        alert = self.page.get_by_role("alert").filter(has_text=problem)
        expect(alert).to_be_visible()
        expect(alert).to_be_focused()

    def fill(self, **fields: str) -> None:
        """Fill fields in, by their labels in lower case with underscores."""
        for label, text in fields.items():
            self.field(label.replace("_", " ")).fill(text)

    def field(self, label: str) -> Any:
        return self.page.get_by_label(re.compile(f"^{label}", re.IGNORECASE)).locator("visible=true")

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).locator("visible=true").click()

    def follow(self, link: str) -> None:
        self.page.get_by_role("link", name=link, exact=True).click()

    def has_account(self, email: str, **fields: object) -> str:
        """Get an account without looking at a page, and give its address."""
        register(self.site.deployed, email, **fields)
        return email

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Send the form for signing in, whatever comes of it."""
        self.open("sign-in")
        self.sees("Sign in")
        self.fill(email_address=email, password=password)
        self.press("Sign in")

    def is_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in with a password alone."""
        self.sign_in(email, password)
        self.sees("Profile")

    def sign_out(self) -> None:
        self.press("Sign out")
        self.sees("Sign in")

    def may_go_to(self, origin: str) -> None:
        """Let it go to pages of one other origin, and those ask for nothing further."""
        self.elsewhere.append(f"{origin}/")
        ours = (f"{self.site.url}/", *self.elsewhere)
        nothing = {"status": 200, "content_type": "text/css", "body": ""}
        self.page.route(
            lambda url: not url.startswith(ours) and self.page.url.startswith(f"{origin}/"),
            lambda route: route.fulfill(**nothing),
        )

    def signs_in_at(self, provider: Provider, subject: str) -> None:
        """Sign in with an account at a provider, whose page is open."""
        self.page.wait_for_url(f"{provider.url}/**")
        self.page.get_by_placeholder("sub").fill(subject)
        self.page.get_by_role("button", name="Authorize", exact=True).click()

    def has_been_in_for_long(self) -> None:
        """Let the last proof of who this is be longer ago than five minutes."""
        from tools import cloud

        (cookie,) = (each["value"] for each in self.context.cookies() if each["name"] == cookies.SESSION)
        cloud.client("dynamodb").update_item(
            TableName=self.site.deployed.stage.names.of("sessions"),
            Key={"id": {"S": cookie.partition(".")[0]}},
            UpdateExpression="SET authenticated_at = authenticated_at - :long",
            ExpressionAttributeValues={":long": {"N": "301"}},
        )

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.match(message.text):
            self._wrongs.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if self.page.url.startswith(tuple(self.elsewhere)):
            return
        if not request.url.startswith((f"{self.site.url}/", "data:", "blob:", "about:", *self.elsewhere)):
            self._wrongs.append(f"request: {request.url}")
