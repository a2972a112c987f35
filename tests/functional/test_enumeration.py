"""No answer and no work tells a stranger whose address it is: nobody's, a waiting, taken, disabled or imported one."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import accounts, passwords
from chalicelib.core.aws import clients, telemetry
from tests.builders import PASSWORD, a_person, a_user
from tests.functional.apps import declared
from tests.functional.visitors import Visitor, mailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

WRONG = "not the password of anybody"
KINDS = ("unknown", "waiting", "taken", "disabled", "imported")

LEGACY_HASH = "$2b$04$abcdefghijklmnopqrstuuVJKsFRBPfyDi.2vDLDeljV84Mca5WiG"


def address(kind: str) -> str:
    return f"{kind:x<8}@example.com"


@pytest.fixture
def everybody(aws):
    """One address of each kind."""
    Visitor().call("POST", "/users", {"email": address("waiting"), "password": PASSWORD})
    a_user(email=address("taken"), password=PASSWORD)
    a_user(email=address("disabled"), password=PASSWORD, status="disabled")
    imported = a_person(email=address("imported"), source="import")
    clients.database().transact(accounts.people().creating(imported, LEGACY_HASH))
    mailed(aws)
    return aws


ROUTES: dict[str, tuple[str, dict[str, Any]]] = {
    "registering": ("/users", {"password": PASSWORD, "name": "Ada"}),
    "asking again": ("/users/resend-confirmation", {}),
    "resetting": ("/password-resets", {}),
    "asking for a code": ("/sessions/email", {}),
    "signing in with a wrong password": ("/sessions", {"password": WRONG}),
    "signing in with a wrong password, typed oddly": (
        "/sessions",
        {"password": "re\u0301sume\u0301 of nobody here"},
    ),
    "signing in with a wrong password and a factor": ("/sessions", {"password": WRONG, "otp": "123456"}),
    "signing in with a wrong code": ("/sessions/email/confirm", {"code": "AAAAAAAA"}),
    "signing in with a wrong code and a factor": (
        "/sessions/email/confirm",
        {"code": "AAAAAAAA", "otp": "123456"},
    ),
}
"""Every route that takes an address of strangers; a test below finds those that are missing."""


def bytes_of(visitor: Visitor, kind: str, route: str) -> bytes:
    """All of an answer but the id of its request."""
    path, body = ROUTES[route]
    answer = visitor.call("POST", path, {"email": address(kind), **body})
    headers = sorted((name, value) for name, value in answer.headers.items() if name.lower() != "x-request-id")
    return json.dumps([answer.status, headers, answer.body]).encode()


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_every_address_is_answered_with_the_same_bytes(everybody, route):
    answers = {bytes_of(Visitor(), kind, route) for kind in KINDS}
    assert len(answers) == 1


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_every_address_costs_the_same_aws_calls(everybody, route):
    assert_same_calls(route)


def assert_same_calls(route: str) -> None:
    visitor = Visitor()
    bytes_of(visitor, "other", route)  # what a process does once
    calls = {}
    for kind in KINDS:
        with telemetry.recording() as recorded:
            bytes_of(visitor, kind, route)
        calls[kind] = [(call.operation, call.parameters.get("TableName")) for call in recorded.calls]
    assert calls == dict.fromkeys(KINDS, calls["unknown"])
    assert calls["unknown"]


@pytest.mark.slow
@pytest.mark.parametrize("route", ["registering", "signing in with a wrong password"])
def test_every_address_costs_one_hash(everybody, route):
    for kind in KINDS:
        with hashes_counted() as computed:
            bytes_of(Visitor(), kind, route)
        assert len(computed) == 1, kind


@pytest.mark.slow
def test_a_code_that_was_asked_for_is_guessed_at_in_the_same_work_and_words(everybody):
    visitor = Visitor()
    for kind in KINDS:
        bytes_of(visitor, kind, "asking for a code")
    mailed(everybody)
    assert_same_calls("signing in with a wrong code")
    assert len({bytes_of(visitor, kind, "signing in with a wrong code") for kind in KINDS}) == 1


def test_the_right_password_of_a_disabled_person_is_answered_like_a_wrong_one(everybody):
    right = Visitor().call("POST", "/sessions", {"email": address("disabled"), "password": PASSWORD})
    wrong = Visitor().call("POST", "/sessions", {"email": address("unknown"), "password": PASSWORD})
    assert (right.status, right.body) == (wrong.status, wrong.body)
    assert right.status == 401


@pytest.mark.slow
def test_guessing_on_is_delayed_for_every_address_alike(everybody):
    answers = {
        kind: [bytes_of(Visitor(), kind, "signing in with a wrong password") for _ in range(7)] for kind in KINDS
    }
    assert set(map(str, answers.values())) == {str(answers["unknown"])}
    assert answers["unknown"][0] != answers["unknown"][-1]


def test_every_route_that_takes_an_address_of_strangers_is_here():
    from chalicelib.accounts.routes import accounts as of_accounts
    from chalicelib.core.http.declarations import ANYONE
    from chalicelib.factors.routes import factors as of_factors
    from chalicelib.sessions.routes import sessions as of_sessions

    taking = {
        route.path
        for route in declared(of_accounts, of_factors, of_sessions)
        if route.declaration.who is ANYONE and "email" in getattr(route.declaration.body, "model_fields", {})
    }
    assert taking == {path for path, _ in ROUTES.values()}


HASHING = str(Path(passwords.__file__).parent)


@contextmanager
def hashes_counted() -> Iterator[list[str]]:
    """The computations of password hashes in the block, made or verified, by the interpreter's own account of calls."""
    computed: list[str] = []

    def seen(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(HASHING):
            return
        file = Path(code.co_filename).relative_to(HASHING)
        made = code is passwords.hashed.__code__
        verified = file.parent.name == "schemes" and file.name != "__init__.py" and code.co_name == "fits"
        if made or verified:
            computed.append(code.co_name)

    sys.setprofile(seen)
    try:
        yield computed
    finally:
        sys.setprofile(None)
