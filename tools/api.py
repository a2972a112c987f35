"""Calls the HTTP API as any client does, for `make run` and the cloud tests: JSON in, JSON out."""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 130
ATTEMPTS = 8


@dataclass(frozen=True)
class Answer:
    """A response; `body` is its JSON value, or its text where it is not JSON."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Api:
    """The API at `url`, called with `token`. `host` replaces the Host header: the local cloud tells its APIs apart by
    names under `localhost`, which Python does not resolve."""

    url: str
    token: str = ""
    host: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request. Header names have underscores (`Idempotency_Key`). A body of bytes is sent as it is."""
        request = urllib.request.Request(self.url + path, method=method)
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if self.host:
            request.add_header("Host", self.host)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        for attempt in range(ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                    return _answer(response.status, dict(response.headers), response.read())
            except urllib.error.HTTPError as error:
                with error:
                    return _answer(error.code, dict(error.headers), error.read())
            except urllib.error.URLError as error:
                # Nothing was sent yet: `chalice local` restarts itself when a file changes.
                if not isinstance(error.reason, ConnectionRefusedError) or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    def signed_in(self, email: str, password: str) -> Api:
        """Sign in, and return the same API with the person's token. Raises AssertionError where signing in fails."""
        answer = self.call("POST", "/sessions", {"email": email, "password": password})
        if answer.status not in {200, 201}:
            raise AssertionError(f"signing in failed: {answer.status} {answer.body}")
        return Api(self.url, answer.body["access_token"], self.host)


def _answer(status: int, headers: dict[str, str], raw: bytes) -> Answer:
    text = raw.decode("utf-8", "replace")
    try:
        return Answer(status, headers, json.loads(text))
    except ValueError:
        return Answer(status, headers, text)
