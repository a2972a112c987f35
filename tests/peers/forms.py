"""A browser without scripts: it keeps cookies, follows redirects and sends the forms of pages that others have made."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

REDIRECTS = frozenset({301, 302, 303, 307, 308})
STEPS = 20
"""Redirects in a row, after which somebody is going round in circles."""


@dataclass
class Form:
    """A form as its page has it: the fields with their values, hidden ones too."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What a URL shows: `url` is where redirects led to."""

    url: str
    status: int
    text: str

    def forms(self) -> list[Form]:
        """The forms of the page, in their order."""
        reader = _Forms(self.url)
        reader.feed(self.text)
        return reader.forms


class FormBrowser:
    """Goes where links, redirects and forms lead on this machine, and stops where they lead `home`: a page there is
    asked for by the test."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._cookies: dict[str, dict[str, str]] = {}

    def open(self, url: str) -> Page:
        """Open a URL. With a status of 0, the page that redirects led to is at `home` and was not asked for."""
        return self._go("GET", url, None)

    def send(self, page: Page, form: Form, fields: Mapping[str, str]) -> Page:
        """Send a form of a page with these fields filled in."""
        values = {**form.fields, **fields}
        target = urljoin(page.url, form.action)
        if form.method == "get":
            return self._go("GET", f"{target}?{urlencode(values)}", None)
        return self._go("POST", target, urlencode(values).encode())

    def _go(self, method: str, url: str, body: bytes | None) -> Page:
        for _ in range(STEPS):
            if url.startswith(self._home):
                return Page(url, 0, "")
            status, location, text = self._exchange(method, url, body)
            if status not in REDIRECTS:
                return Page(url, status, text)
            url, method, body = urljoin(url, location), "GET", None
        raise AssertionError(f"redirects without an end, the last to {url}")

    def _exchange(self, method: str, url: str, body: bytes | None) -> tuple[int, str, str]:
        parts = urlsplit(url)
        jar = self._cookies.setdefault(parts.netloc, {})
        headers = {"Accept": "text/html", "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        try:
            connection.request(
                method, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers
            )
            response = connection.getresponse()
            for line in response.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(line).items():
                    jar[name] = morsel.coded_value
            return response.status, response.headers.get("Location", ""), response.read().decode()
        finally:
            connection.close()


class _Forms(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("action") or self._url, attributes.get("method", "get").lower()))
        elif tag in {"input", "button"} and self.forms and "name" in attributes:
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
