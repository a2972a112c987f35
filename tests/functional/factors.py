"""Somebody with second factors: through the routes, read anew from the table at each request as in a real session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyotp

from chalicelib import accounts, factors
from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated
from chalicelib.factors.routes import factors as routes
from tests.authenticator import Authenticator
from tests.builders import a_user
from tests.functional.apps import ApiClient
from tests.functional.serial import one_call_at_a_time

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person
    from chalicelib.core.http.requests import Caller
    from tests.cloudlike import Cloud


class Owner(ApiClient):
    """A person who has just signed in, and minds their factors."""

    def __init__(self, user_id: str) -> None:
        super().__init__(routes)
        self.id = user_id
        self.secret = ""
        self.authenticator = Authenticator()
        self.sign_in(user_id)

    @property
    def person(self) -> Person:
        return accounts.people().get(self.id)

    def enrol_totp(self) -> str:
        """Enrol one-time codes, and move the clock on so that the next code is a fresh one."""
        answer = self.call("POST", "/me/totp")
        assert answer.status == 201, answer
        self.secret = answer.body["secret"]
        assert self.call("POST", "/me/totp/confirm", {"otp": self.code()}).status == 204
        clock.tick(seconds=30)
        return self.secret

    def code(self, steps: int = 0) -> str:
        """The code that their app shows now, or some steps before or after."""
        return pyotp.TOTP(self.secret).at(clock.epoch(), counter_offset=steps)

    def enrol_passkey(self, name: str = "Laptop", **lies: Any) -> str:
        """Register a passkey of a new authenticator, which is theirs from now on: the passkey's id."""
        self.authenticator = Authenticator()
        response = self.authenticator.create(self.options(), **lies)
        answer = self.call("POST", "/me/passkeys", {"name": name, "response": response})
        assert answer.status == 201, answer
        return str(answer.body["id"])

    def options(self) -> dict[str, Any]:
        answer = self.call("POST", "/me/passkeys/options")
        assert answer.status == 200, answer
        return dict(answer.body)

    def recovery_codes(self) -> list[str]:
        answer = self.call("POST", "/me/recovery-codes")
        assert answer.status == 201, answer
        return list(answer.body["recovery_codes"])

    def _authenticate(self, token: str) -> Caller:
        return replace(super()._authenticate(token), user=self.person)


def record(cloud: Cloud, user_id: str = "U1") -> dict[str, Any]:
    """What is kept of a person's factors; empty where nothing is."""
    return next((row for row in cloud.rows("credentials") if row["id"] == f"factors#{user_id}"), {})


def proves(owner: Owner, **proof: Any) -> bool:
    """Whether that proves the owner's second factor now."""
    try:
        factors.verify(owner.person, factors.PresentedFactor(**proof))
    except Unauthenticated:
        return False
    return True


def one_of_many(owner: Owner, **proof: Any) -> int:
    """How many of a dozen get in who bring the same proof at once."""
    with one_call_at_a_time(), ThreadPoolExecutor(12) as threads:
        return list(threads.map(lambda _: proves(owner, **proof), range(12))).count(True)


def an_owner(user_id: str = "U1", **fields: Any) -> Owner:
    """Somebody who is in the tables, with an address of their own."""
    a_user(id=user_id, **{"email": f"{user_id.lower()}@maths.example", **fields})
    return Owner(user_id)
