"""What the HTTP edge costs a request: `GET /health` of the whole app, log line and all, against a Chalice hello; and
the check of an access token, against what it may take."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING

from chalice import Chalice

from benchmarks import null_aws
from benchmarks.gateway import event
from benchmarks.measuring import Measured, medians, microseconds

if TYPE_CHECKING:
    from chalicelib.tokens.signing_keys import Algorithm

TIMES = 1000
TOKEN_MICROSECONDS = 120.0
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "ES256")


def measure() -> list[Measured]:
    from app import app

    health, hello = event("GET", "/health"), _hello()
    # The log line of each request is part of what is measured, and of no interest here.
    with null_aws.running(), open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        runs = {
            "health": partial(microseconds, lambda: app(health, None), TIMES),
            "hello": partial(microseconds, lambda: hello(health, None), TIMES),
            **{alg: partial(microseconds, partial(_check, token), TIMES) for alg, token in _tokens().items()},
        }
        found = medians(runs, rounds=9, seconds=20)
    checked = {f"a token checked, {alg}": found[alg] for alg in ALGORITHMS}
    return [
        Measured("GET /health", found["health"], found["hello"], "us", 4),
        *(Measured(what, value, TOKEN_MICROSECONDS, "us", 1) for what, value in checked.items()),
    ]


def _hello() -> Chalice:
    app = Chalice("hello", env={})

    @app.route("/health")
    def health() -> dict[str, str]:
        return {"hello": "world"}

    return app


def _check(token: str) -> None:
    from chalicelib.tokens import access_tokens

    access_tokens.verify(token)


def _tokens() -> dict[str, str]:
    """A token by each algorithm, in a stage that has keys of both."""
    from chalicelib.core import clock
    from chalicelib.core.aws import clients
    from chalicelib.core.settings import settings
    from chalicelib.tokens import access_tokens, signing_keys
    from tests.builders import a_person

    keys = {alg: signing_keys.generate(alg) for alg in ALGORITHMS}
    tokens: dict[str, str] = {}
    for alg, key in keys.items():
        secret = {"made_at": clock.timestamp(), "current": key, "previous": list(keys.values())}
        clients.client("secretsmanager").put_secret_value(
            SecretId=settings().names.of("signing-key"), SecretString=json.dumps(secret)
        )
        clients.clear()
        tokens[alg] = access_tokens.issue(a_person(id="U1"), "S1")
    return tokens
