"""What a stranger learns about five kinds of address from the answers of a deployed stage: their bytes and their times.

How well times tell two kinds apart is the area under the ROC curve (AUC), the chance that a time of the one is above a
time of the other: 0.5 says nothing, 0 or 1 all. Kinds take turns in random order, so that what slows the machine slows
all of them.
"""

from __future__ import annotations

import dataclasses
import http.client
import itertools
import json
import os
import random
import time
from bisect import bisect_left, bisect_right
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.core.ids import digest_of
from chalicelib.passwords.schemes import argon2
from tests.cloud.people import PASSWORD, register
from tests.cloud.stage import eventually
from tools import cloud

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from infra.stage import Stage
    from tests.cloud.stage import DeployedStage

KINDS = ("unknown", "waiting", "taken", "disabled", "imported")

UNLIMITED = {
    "FREE_PASSWORD_ATTEMPTS": "1000000",
    "REGISTRATIONS_PER_HOUR": "1000000",
    "SIGN_INS_PER_HOUR": "1000000",
    "SIGN_INS_AT_ONCE": "1000000",
    "SIGN_INS_AT_ONCE_IN_ALL": "1000000",
}

ROUNDS_AT_ONCE = 80
"""Then failures are forgotten: after a hundred in a row, which no setting raises, passwords are not hashed any more."""

OLD_PASSWORD = "a password from before"
OLD_COST = 11
"""Of bcrypt: a tenth of a second, eight times one of our own hashes. The floor follows from it."""

CHANGING = {
    "date",
    "x-amz-apigw-id",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-request-id",
}
"""Headers that differ from each request to the next."""

ROUTES: dict[str, tuple[str, dict[str, Any]]] = {
    "POST /users": ("/users", {"password": PASSWORD, "name": "Ada"}),
    "POST /users/resend-confirmation": ("/users/resend-confirmation", {}),
    "POST /password-resets": ("/password-resets", {}),
    "POST /sessions/email": ("/sessions/email", {}),
    "POST /sessions": ("/sessions", {"password": "not the password of anybody"}),
    "POST /sessions, in two forms": ("/sessions", {"password": "not the pass\u00e9 of anybody"}),
    "POST /sessions/email/confirm": ("/sessions/email/confirm", {"code": "AAAAAAAA"}),
}
FLOORED = ("POST /sessions", "POST /sessions, in two forms", "POST /sessions/email/confirm")
"""Routes whose answers wait for the floor."""


def unlimited(stage: Stage) -> Stage:
    """The stage with limits that nothing here meets."""
    # The environment decides for the app that is packaged whether there is a Kinesis stream; see tests/environment.py.
    kinesis = {"KINESIS_ITEMS": os.environ.get("KINESIS_ITEMS", "off")}
    return dataclasses.replace(stage, settings={**stage.settings, **UNLIMITED, **kinesis})


@dataclass
class Told:
    """What one route told: each kind's times in seconds, and its answers less what changes with each request."""

    times: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    answers: dict[str, set[bytes]] = field(default_factory=lambda: {kind: set() for kind in KINDS})

    @property
    def differing_bytes(self) -> int:
        """Bytes by which any two answers differ."""
        answers = sorted(set().union(*self.answers.values()))
        return sum(_difference(one, other) for one, other in itertools.pairwise(answers))

    def add(self, more: Told) -> None:
        """Count what was told later too."""
        for kind in KINDS:
            self.times[kind] += more.times[kind]
            self.answers[kind] |= more.answers[kind]

    def auc(self, kind: str) -> float:
        """How well times tell that kind of address from unknown ones."""
        return auc(self.times[kind], self.times["unknown"])


class Strangers:
    """Asks a stage about its addresses. Making one makes the addresses: it takes some seconds."""

    def __init__(self, deployed: DeployedStage, *, foreign: bool = True) -> None:
        """With `foreign` the imported person has a hash of bcrypt, else one like our own."""
        self._anyone, self._stage = deployed.anyone, deployed.stage
        self._fresh = itertools.count()
        _make_people(deployed, _bcrypt() if foreign else _own())

    def measure(self, route: str, rounds: int, workers: int = 1) -> Told:
        """Ask for each kind of address once in each of so many rounds, by so many at once."""
        told = Told()
        with ThreadPoolExecutor(workers) as pool:
            for done in range(0, rounds, ROUNDS_AT_ONCE):
                self._forget_failures()
                # First what a process does once, for each that will be there, and what is done for the first failure.
                _all([pool.submit(self._round, route, Told()) for _ in range(workers)])
                _all([pool.submit(self._round, route, told) for _ in range(min(rounds - done, ROUNDS_AT_ONCE))])
        return told

    def _forget_failures(self) -> None:
        """As a day without one does."""
        table = self._stage.names.of("guards")
        for kind in KINDS:
            cloud.client("dynamodb").delete_item(
                TableName=table, Key={"id": {"S": f"attempts#{digest_of(of(kind))}"}}
            )

    def _round(self, route: str, told: Told) -> None:
        for kind in random.sample(KINDS, len(KINDS)):
            seconds, answer = self._ask(route, kind)
            told.times[kind].append(seconds)
            told.answers[kind].add(answer)

    def _ask(self, route: str, kind: str) -> tuple[float, bytes]:
        path, body = ROUTES[route]
        # Registering makes a waiting address of an unknown one, so each is asked about once.
        email = (
            f"new{next(self._fresh):05}@example.com" if (route, kind) == ("POST /users", "unknown") else of(kind)
        )
        sent = json.dumps({"email": email, **body})
        url = urlsplit(self._anyone.url)
        with closing(http.client.HTTPConnection(url.netloc, timeout=60)) as connection:
            connection.connect()
            started = time.perf_counter()
            connection.request("POST", url.path + path, sent, {"Content-Type": "application/json"})
            response = connection.getresponse()
            got = response.read()
            seconds = time.perf_counter() - started
        headers = sorted(
            f"{name}: {value}" for name, value in response.getheaders() if name.lower() not in CHANGING
        )
        return seconds, "\n".join([str(response.status), *headers, ""]).encode() + got


def _all(done: Sequence[Future[None]]) -> None:
    for each in done:
        each.result()


def of(kind: str) -> str:
    """The address of a kind; all are of one length."""
    return f"{kind:x<8}@example.com"


def auc(ones: Sequence[float], others: Sequence[float]) -> float:
    """The chance that one of the first is above one of the second; equal ones count half (Mann and Whitney's U)."""
    ordered = sorted(others)
    above = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in ones)
    return above / (2 * len(ones) * len(others))


def _difference(one: bytes, other: bytes) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _bcrypt() -> str:
    import bcrypt

    return bcrypt.hashpw(OLD_PASSWORD.encode(), bcrypt.gensalt(OLD_COST)).decode()


def _own() -> str:
    """Of the parameters that a stage has by default."""
    return argon2.new_hash(OLD_PASSWORD.encode(), memory=19456, passes=2, lanes=1)


def _make_people(deployed: DeployedStage, old: str) -> None:
    row = {"email": of("imported"), "name": "Ada", "password_hash": old}
    deployed.drop("imports/old.json", json.dumps([row]).encode())
    assert deployed.anyone.call("POST", "/users", {"email": of("waiting"), "password": PASSWORD}).status == 202
    deployed.mail_to(of("waiting"), containing="Code: ")
    register(deployed, of("taken"))
    person = register(deployed, of("disabled")).call("GET", "/me").body["id"]
    assert deployed.admin.call("POST", f"/users/{person}/disable").status < 300
    found = f"/users?email={of('imported')}"
    eventually(lambda: deployed.admin.call("GET", found).body["items"], "the import")
