"""Somebody with an account, in a browser without scripts, over HTTP: does what our pages do."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.builders import PASSWORD


@dataclass
class Person:
    """Who is signed in at `issuer`, where the app is served."""

    issuer: str
    email: str
    cookies: dict[str, str] = field(default_factory=dict)
    access_token: str = ""

    def register(self) -> Person:
        """Get an account, where a stage lets people in at once, and sign in."""
        self.call("POST", "/users", {"email": self.email, "password": PASSWORD, "name": "Ada"})
        _, _, session = self.call(
            "POST", "/sessions", {"email": self.email, "password": PASSWORD, "browser": True}
        )
        self.access_token = session["access_token"]
        return self

    def go(self, url: str, *, allow: bool = True) -> str:
        """Open what an application leads to, answer its question if there is one, and return where that leads."""
        status, headers, problem = self.call("GET", url.removeprefix(self.issuer))
        assert status == 303, (status, problem)
        if not headers["Location"].startswith(f"{self.issuer}/account/authorize#request="):
            return headers["Location"]
        request = dict(parse_qsl(urlsplit(headers["Location"]).fragment))["request"]
        status, _, answer = self.call("POST", "/oauth2/consent", {"request": request, "allow": allow})
        assert status == 200, answer
        return str(answer["redirect"])

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, http.client.HTTPMessage, Any]:
        """The status, the headers and the JSON of an answer."""
        headers = {"Origin": self.issuer, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if self.access_token:
            headers["Authorization"] = f"Bearer {self.access_token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(urlsplit(self.issuer).netloc, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.coded_value
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None
        finally:
            connection.close()
