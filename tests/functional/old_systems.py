"""An old system on this machine, which has people with passwords that Rollcall has no hashes of."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from tests.builders import a_person
from tests.environment import REGION
from tests.functional.receivers import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.accounts.rows import Person
    from tests.cloudlike import Cloud
    from tests.functional.receivers import Received

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"


def keep_secret(aws: Cloud, text: str) -> None:
    """Store the secret by which the stage proves itself to the old system."""
    secrets = aws.session.client("secretsmanager", region_name=REGION)
    secrets.create_secret(Name=settings().names.of("migration"), SecretString=text)


def waiting(email: str, **fields: Any) -> Person:
    """Somebody who was imported without a password, and has not been here yet."""
    person = a_person(source="import", email=email, **fields)
    person["awaited"], person["legacy_hash"] = True, accounts.ELSEWHERE
    clients.database().transact(accounts.people().creating(person, None))
    return person


class Endpoint:
    """An endpoint after the contract: whose password is which, and what it says of them."""

    def __init__(self, receiver: Receiver) -> None:
        self.passwords: dict[str, str] = {}
        self.person: dict[str, Any] = {}
        self.factors: list[str] = []
        self.receiver = receiver
        receiver.status, receiver.answering = 200, self._answer

    def questions(self) -> list[dict[str, Any]]:
        return [json.loads(received.body) for received in self.receiver.received]

    def _answer(self, received: Received) -> None:
        asked = json.loads(received.body)
        if self.passwords.get(asked["email"]) != asked["password"]:
            answer: dict[str, Any] = {"valid": False}
        else:
            answer = {"valid": True, "person": self.person, "second_factors": self.factors}
        self.receiver.body = json.dumps(answer).encode()


@contextmanager
def asked_first(url: str, **members: Any) -> Iterator[None]:
    """The stage asks the old system of this address."""
    with settings.held(migration=json.dumps({"url": url, **members}), outbound_allow_http=True):
        yield


@contextmanager
def endpoint(aws: Cloud, **members: Any) -> Iterator[Endpoint]:
    """The stage asks an endpoint of its owner."""
    keep_secret(aws, SECRET)
    with receiving() as receiver, asked_first(receiver.url, kind="endpoint", **members):
        yield Endpoint(receiver)
