"""The API of a stage, as whoever is signed in calls it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from rollcall_cli.exits import Failure, NotFound, NotSignedIn, Unreachable
from rollcall_cli.http import Request, Response, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rollcall_cli.http import Send

AGENT = "rollcall-cli"
TRIES = 3
"""Of a reading request that the stage could not answer just now."""

LONGEST_WAIT = 10
"""Seconds that the program waits by itself where it is asked to; above it, the person is asked to come again."""


class Caller(Protocol):
    """Whose token a request carries."""

    def token(self) -> str:
        """An access token. Raises NotSignedIn where there is none to be had."""

    def renewed(self, stale: str) -> str:
        """Another one than this, which the API refused. Raises NotSignedIn."""

    def prove(self, stale: str) -> str:
        """Prove again who is calling, and an access token for which that counts. Raises NotSignedIn."""


class Nobody:
    """Who calls what is open to anyone."""

    def token(self) -> str:
        return ""

    def renewed(self, stale: str) -> str:  # noqa: ARG002 - a Caller's
        raise NotSignedIn("not signed in", "rollcall login")

    prove = renewed


class Api:
    """The API at a URL. `sleep` waits some seconds."""

    def __init__(
        self, url: str, send: Send, caller: Caller | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.url = url.rstrip("/")
        self.send = send
        self._caller: Caller = caller or Nobody()
        self._sleep = sleep

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, headers=headers)

    def listed(self, path: str, *, most: int | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, over as many of its pages as it takes, `most` at most."""
        left = most
        cursor: str | None = None
        while left is None or left > 0:
            limit = 200 if left is None else min(200, left)
            answer = self.get(path, **query, limit=limit, cursor=cursor)
            items = answer["items"] if left is None else answer["items"][:left]
            yield from items
            left = None if left is None else left - len(items)
            cursor = answer["next"]
            if not cursor:
                return

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON answer to a request; of a redirect, its `Location`. Header names have underscores.

        A token that has ended is renewed, and a proof that is missing is asked for, once each. Raises NotSignedIn,
        NotFound, Unreachable, or Failure with the API's problem."""
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        target = f"{self.url}{path}{'?' + urlencode(asked, doseq=True) if asked else ''}"
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        token = self._caller.token()
        remedies = {"invalid-token": self._caller.renewed, "step-up-required": self._caller.prove}
        while True:
            response = self._tried(Request(method, target, {**sent, **self._headers(token)}, data))
            if response.status < 300:
                return response.json()
            if response.status in {302, 303}:
                return response.headers["location"]
            problem = problem_of(response)
            remedy = remedies.pop(str(problem.get("type")), None)
            if response.status != 401 or remedy is None:
                raise failure(response, self.url)
            token = remedy(token)

    def _headers(self, token: str) -> dict[str, str]:
        return {"User-Agent": AGENT, **({"Authorization": f"Bearer {token}"} if token else {})}

    def _tried(self, request: Request) -> Response:
        """The response, after as many tries as a reading request may have."""
        for attempt in range(1, TRIES + 1):
            try:
                response = self.send(request)
            except Unreachable as error:
                if is_loopback(self.url):
                    raise Unreachable(error.message, "rollcall up starts the local stage") from error
                raise
            wait = int(response.headers.get("retry-after", "1"))
            busy = response.status in {429, 502, 503, 504}
            if request.method != "GET" or not busy or attempt == TRIES or wait > LONGEST_WAIT:
                return response
            self._sleep(wait)
        raise AssertionError("unreachable")


def segment(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="")


def problem_of(response: Response) -> dict[str, Any]:
    """The problem document (RFC 9457) of a response; empty where it has none."""
    document = response.json()
    return document if isinstance(document, dict) else {}


def failure(response: Response, url: str) -> Failure:
    """The error of a response that is none we wanted, with what to do about it."""
    problem = problem_of(response)
    status = response.status
    told = str(problem.get("detail") or problem.get("title") or f"{url} answered {status}")
    if problem.get("errors"):
        told = "; ".join(f"{error['field']}: {error['message']}" for error in problem["errors"])
    if status == 401:
        return NotSignedIn(told, _hint_of_401(problem, url), problem)
    if status in {404, 410}:
        return NotFound(told, "", problem)
    if status == 403:
        return Failure(told, "rollcall whoami shows who is signed in, and with which roles", problem)
    if status == 429:
        return Failure(told, f"try again in {response.headers.get('retry-after', '60')} s", problem)
    if status >= 500:
        request_id = response.headers.get("x-request-id", "")
        hint = f"the log of the stage has it under request {request_id}" if request_id else ""
        return Unreachable(told, hint, problem)
    return Failure(told, "", problem)


def _hint_of_401(problem: Mapping[str, Any], url: str) -> str:
    if problem.get("type") == "step-up-required":
        return f"it wants a second factor: set one up at {url}/account, then rollcall login"
    return "rollcall login"
