"""An identity provider on this machine that does what real ones do, and any answer of which can be bent."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from chalicelib.core import clock, ids
from tests.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answered = tuple[int, dict[str, str], Any]
"""The status, headers and body of an answer."""

CLIENT_ID, CLIENT_SECRET = "rollcall-at-provider", "s3cret: of+ours/"

ALICE = {"sub": "alice-1", "email": "alice@corp.example", "email_verified": True, "name": "Alice Adams"}
"""Whom a provider signs in unless a test says another."""


@cache
def key_of(algorithm: str, number: int = 0) -> Any:
    """A private key; another for another number."""
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm[:2] == "ES":
        return ec.generate_private_key(ec.SECP384R1() if algorithm == "ES384" else ec.SECP256R1())
    return rsa.generate_private_key(65537, 1024 if number < 0 else 2048)


def jwk_of(private: Any, algorithm: str, kid: str | None) -> dict[str, Any]:
    """The public half of a key, as it is published."""
    public = get_default_algorithms()[algorithm].to_jwk(private.public_key(), as_dict=True)
    return {**public, "alg": algorithm, "use": "sig", **({"kid": kid} if kid else {})}


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Code:
    """An authorization code, and what it was given for."""

    query: dict[str, str]
    person: dict[str, Any]
    used: bool = False


@dataclass
class Provider:
    """Signs people in as `person` says. `claims`, `header` and `discovery` replace members (None takes one away),
    `answers` replaces whole answers by path: a status, headers and a body, or what makes them."""

    url: str = ""
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    person: dict[str, Any] = field(default_factory=lambda: dict(ALICE))
    algorithm: str = "ES256"
    number: int = 0
    kid: str | None = "k0"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, Any]] | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    fits: Callable[[str], bool] | None = None
    """Whether a client secret is right, where it is no fixed one."""
    has_id_token: bool = True
    in_id_token: bool = True
    """Whether the ID token has the claims of the person, or the userinfo endpoint alone."""
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Of every answer."""

    def authorize(self, location: str, **person: Any) -> dict[str, str]:
        """What the provider sends back after it has signed somebody in: the parameters of the callback."""
        query = dict(parse_qsl(urlsplit(location).query))
        assert location.startswith(f"{self.url}/authorize?"), location
        assert query["client_id"] == self.client_id
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = ids.new_secret()
        self.codes[code] = Code(query, {**self.person, **person})
        return {"code": code, "state": query["state"], "iss": self.url}

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked.path == path for asked in self.asked)

    def rotate(self) -> None:
        """Sign by another key from now on, and publish it alone."""
        self.number += 1
        self.kid = f"k{self.number}"

    def keys(self) -> list[dict[str, Any]]:
        if self.published is not None:
            return self.published
        return [jwk_of(key_of(self.algorithm, self.number), self.algorithm, self.kid)]

    def document(self) -> dict[str, Any]:
        endpoints = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        named = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in endpoints.items()}
        whole: dict[str, Any] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **named}
        whole |= {"authorization_response_iss_parameter_supported": True, **self.discovery}
        return {name: value for name, value in whole.items() if value is not None}

    def id_token(self, code: Code, access_token: str) -> str:
        now = clock.epoch()
        digest = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.url,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": code.query.get("nonce"),
            "sub": code.person["sub"],
            **({"at_hash": ids.base64url(digest)} if self.algorithm[2:] == "256" else {}),
            **(code.person if self.in_id_token else {}),
            **self.claims,
        }
        return self.signed({name: value for name, value in claims.items() if value is not None})

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"kid": self.kid, **self.header}
        present = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(claims, key_of(self.algorithm, self.number), self.algorithm, present)

    def answer(self, asked: Asked) -> Answered:
        bent = self.answers.get(asked.path)
        if bent is not None:
            answer: Answered = bent(asked) if callable(bent) else bent
            return answer
        routes: dict[str, Callable[[Asked], Answered]] = {
            "/.well-known/openid-configuration": lambda _: (200, {}, self.document()),
            "/keys": lambda _: (200, {}, {"keys": self.keys()}),
            "/token": self._token,
            "/userinfo": self._userinfo,
        }
        if asked.path not in routes:
            return 404, {}, {"error": "not_found"}
        return routes[asked.path](asked)

    def _token(self, asked: Asked) -> Answered:
        client_id, secret = self._client_of(asked)
        if client_id != self.client_id or not (self.fits(secret) if self.fits else secret == self.client_secret):
            return 401, {}, {"error": "invalid_client"}
        code = self.codes.get(asked.form.get("code", ""))
        challenge = ids.base64url(hashlib.sha256(asked.form.get("code_verifier", "").encode()).digest())
        if code is None or code.used or code.query["code_challenge"] != challenge:
            return 400, {}, {"error": "invalid_grant"}
        if code.query["redirect_uri"] != asked.form.get("redirect_uri"):
            return 400, {}, {"error": "invalid_grant"}
        code.used = True
        access_token = ids.new_secret()
        self.tokens[access_token] = code.person
        tokens = {"access_token": access_token, "token_type": "Bearer", "expires_in": 300}
        return (
            200,
            {},
            {**tokens, **({"id_token": self.id_token(code, access_token)} if self.has_id_token else {})},
        )

    def _client_of(self, asked: Asked) -> tuple[str, str]:
        scheme, _, encoded = asked.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
            return unquote_plus(client_id), unquote_plus(secret)
        return asked.form.get("client_id", ""), asked.form.get("client_secret", "")

    def _userinfo(self, asked: Asked) -> Answered:
        person = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        return (200, {}, person) if person else (401, {}, {"error": "invalid_token"})


@contextmanager
def providing(**members: Any) -> Iterator[Provider]:
    """A provider on a free port of loopback."""
    provider = Provider(**members)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, urlsplit(self.path).path, headers, dict(parse_qsl(body)))
            provider.asked.append(asked)
            status, further, content = provider.answer(asked)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **provider.headers, **further}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST  # noqa: N815 - named by `http.server`

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    with served(server):
        yield provider


def callback_of(connection_id: str, parameters: dict[str, str]) -> str:
    """The path that the provider sends a browser back to."""
    return f"/sessions/connections/{connection_id}/callback?{urlencode(parameters)}"
