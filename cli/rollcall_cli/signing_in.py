"""How a person or a script comes to a token.

A person signs in with their password or a mailed code, and their second factor, and is asked for a proof where the API
wants a fresh one. What is kept opens nothing lasting: every lasting change wants such a proof. A script has a client's
secret in its environment, from which a token is made whenever one is needed; nothing of it is written down.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from rollcall_cli.api import AGENT, failure, problem_of
from rollcall_cli.exits import NotSignedIn
from rollcall_cli.http import Request, is_loopback
from rollcall_cli.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from rollcall_cli.http import Response, Send
    from rollcall_cli.terminal import Terminal
    from rollcall_cli.tokens import TokenFile

ATTEMPTS = 3
"""Times that a wrong code or password may be typed again."""


class Person:
    """The person whose tokens are kept. `local_password`, an address and a password, gives new
    ones without a question: beside `make run` alone."""

    def __init__(
        self,
        api: str,
        send: Send,
        file: TokenFile,
        terminal: Terminal,
        local_password: tuple[str, str] | None = None,
    ) -> None:
        self._api, self._send, self._file, self._terminal = api, send, file, terminal
        self._local = local_password

    def token(self) -> str:
        tokens = self._kept()
        if tokens and tokens.is_fresh:
            return tokens.access_token
        return self.renewed(tokens.access_token if tokens else "")

    def renewed(self, stale: str) -> str:
        with self._file.locked():
            tokens = self._kept()
            if tokens and tokens.access_token != stale and tokens.is_fresh:
                return tokens.access_token
            if tokens and tokens.refresh_token:
                response = self._posted("/sessions/refresh", {"refresh_token": tokens.refresh_token})
                if response.status == 200:
                    return self._keep(tokens, response.json())
                if response.status != 401:
                    raise failure(response, self._api)
        if self._local:
            return sign_in(self, *self._local)
        hint = (
            "rollcall login; beside a stage of rollcall up none is needed"
            if is_loopback(self._api)
            else "rollcall login"
        )
        raise NotSignedIn(f"not signed in at {self._api}", hint)

    def prove(self, stale: str) -> str:
        """Step up: the session and its tokens stay the same."""
        if not self._local and not self._terminal.interactive:
            raise NotSignedIn(
                "this wants a fresh proof of who you are, and nobody is here to give one",
                "run it in a terminal, or as a client: ROLLCALL_CLIENT_ID and ROLLCALL_CLIENT_SECRET",
            )
        response = self._stepped_up(stale, {})
        for _ in range(ATTEMPTS):
            if response.status == 204:
                return stale
            response = self._stepped_up(stale, self._typed_proof(response))
        if response.status == 204:
            return stale
        raise failure(response, self._api)

    def _typed_proof(self, response: Response) -> dict[str, str]:
        """What the person types, as the answer to the try before asks for it."""
        problem = problem_of(response)
        if problem.get("type") == "factor-required":
            return typed_factor(self._terminal, problem, self._api)
        if response.status == 422 and self._local:
            return {"password": self._local[1]}
        if response.status == 422:
            self._terminal.say("This wants a fresh proof of who you are.")
        elif response.status == 401:
            self._terminal.say(str(problem.get("detail")), style="red")
            if "factor" in str(problem.get("detail")):
                return typed_factor(self._terminal, {"factors": ["totp"]}, self._api)
        else:
            raise failure(response, self._api)
        return {"password": self._terminal.ask("Password", hidden=True)}

    def _stepped_up(self, token: str, proof: dict[str, str]) -> Response:
        return self._posted("/sessions/current/step-up", proof, Authorization=f"Bearer {token}")

    def begin(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Sign in by this route, asking for a second factor where there is one. Raises NotSignedIn or Failure."""
        tokens = self._kept() or Tokens(self._api)
        sent = {**body, **({"device": tokens.device} if tokens.device else {})}
        response = self._posted(path, sent)
        for _ in range(ATTEMPTS):
            problem = problem_of(response)
            if response.status == 201:
                break
            if problem.get("type") != "factor-required":
                raise failure(response, self._api)
            again = self._posted(path, {**sent, **typed_factor(self._terminal, problem, self._api)})
            if again.status == 401:
                self._terminal.say(str(problem_of(again).get("detail")), style="red")
            else:
                response = again
        if response.status != 201:
            raise failure(response, self._api)
        answer: dict[str, Any] = response.json()
        with self._file.locked():
            self._keep(replace(tokens, email=str(body.get("email", ""))), answer)
        return answer

    def post(self, path: str, body: dict[str, Any]) -> None:
        """Send what needs no token. Raises Failure where it is refused."""
        response = self._posted(path, body)
        if response.status >= 300:
            raise failure(response, self._api)

    def _keep(self, tokens: Tokens, answer: dict[str, Any]) -> str:
        self._file.write(
            replace(
                tokens,
                access_token=answer["access_token"],
                refresh_token=answer.get("refresh_token") or tokens.refresh_token,
                expires_at=int(time.time()) + int(answer["expires_in"]),
                device=answer.get("device") or tokens.device,
            )
        )
        return str(answer["access_token"])

    def _kept(self) -> Tokens | None:
        """The tokens of this very API: those of another go nowhere."""
        tokens = self._file.read()
        return tokens if tokens and tokens.api == self._api else None

    def _posted(self, path: str, body: dict[str, Any], **headers: str) -> Response:
        return post_json(self._send, f"{self._api}{path}", body, **headers)


def sign_in(person: Person, email: str, password: str) -> str:
    """Sign in with a password: the access token. Raises NotSignedIn, Failure."""
    return str(person.begin("/sessions", {"email": email, "password": password})["access_token"])


def sign_in_by_mail(person: Person, email: str, ask: Callable[[], str]) -> str:
    """Have a code mailed, which is good for this program alone, and sign in with it: the access token."""
    asker = secrets.token_urlsafe(32)
    person.post("/sessions/email", {"email": email, "asker": asker})
    body = {"email": email, "code": ask(), "asker": asker}
    return str(person.begin("/sessions/email/confirm", body)["access_token"])


def typed_factor(terminal: Terminal, problem: dict[str, Any], api: str) -> dict[str, str]:
    """The second factor that the person types. Raises NotSignedIn where a terminal can take none of theirs."""
    factors = problem.get("factors") or []
    if factors and not {"totp", "recovery_code"} & set(factors):
        raise NotSignedIn(
            "this account has passkeys alone, which a terminal cannot use",
            f"set up an authenticator app at {api}/account",
        )
    typed = terminal.ask("Code of your authenticator app, or a recovery code")
    return {"otp": typed} if typed.isdigit() else {"recovery_code": typed}


class Client:
    """A machine's client. Its token is made anew in each call of the program: it is young, and is kept nowhere."""

    def __init__(self, api: str, send: Send, client_id: str, secret: str) -> None:
        self._api, self._send = api, send
        # RFC 6749, section 2.3.1: both are form-encoded first.
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        self._pair = base64.b64encode(pair.encode()).decode()
        self._token = ""

    def token(self) -> str:
        return self._token or self.renewed("")

    def renewed(self, stale: str) -> str:  # noqa: ARG002 - a Caller's
        headers = {
            "Authorization": f"Basic {self._pair}",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": AGENT,
        }
        form = urlencode({"grant_type": "client_credentials"}).encode()
        response = self._send(Request("POST", f"{self._api}/oauth2/token", headers, form))
        if response.status != 200:
            told = problem_of(response).get("error_description") or f"answered {response.status}"
            raise NotSignedIn(
                f"the client got no token: {told}", "look at ROLLCALL_CLIENT_ID and ROLLCALL_CLIENT_SECRET"
            )
        self._token = str(response.json()["access_token"])
        return self._token

    prove = renewed
    """The secret is a machine's proof."""


def post_json(send: Send, url: str, body: dict[str, Any], **headers: str) -> Response:
    """Send a JSON document, with no token but one among the headers."""
    sent = {"Content-Type": "application/json", "User-Agent": AGENT, **headers}
    return send(Request("POST", url, sent, json.dumps(body).encode()))
