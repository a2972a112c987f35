"""A demo life beside `make run` (`DEMO=1`): people sign up, sign in, fail, change things and leave, for as long as it
runs, so that the console has something to show. Everything goes through the public API, as anybody's would."""

from __future__ import annotations

import json
import random
import re
import threading
import urllib.error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.stage import ROOT
from tools import mailbox
from tools.api import Api

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = {"REGISTRATIONS_PER_HOUR": "100000", "SIGN_INS_PER_HOUR": "1000000"}
"""Everybody comes from one IP address here, so the limits for strangers would end this life soon."""

MOST_PEOPLE = 300
PAUSE_SECONDS = 0.7
"""Between two acts, on average: slow enough for a laptop, fast enough to watch."""

MAIL_SECONDS = 20.0
PASSWORD = "correct horse battery"
EXAMPLE = ROOT / "examples" / "user-info.json"


@dataclass
class Somebody:
    """One of the people, and the API as they are signed in, if they are."""

    email: str
    api: Api | None = None


class Life:
    """What people do, one act after the other. Chance decides who does what."""

    def __init__(self, api: Api, mails: str) -> None:
        self._api, self._mails = api, mails
        self._chance = random.Random()
        self._people: list[Somebody] = []
        rows: list[dict[str, Any]] = json.loads(EXAMPLE.read_text("utf-8"))
        self._names = [row["name"] for row in rows if isinstance(row.get("name"), str)]

    def act(self) -> None:
        """Let somebody do something. Those who have no account yet come first."""
        if len(self._people) < 5 or (len(self._people) < MOST_PEOPLE and self._chance.random() < 0.3):
            return self._register()
        acts: list[tuple[Callable[[Somebody], None], int]] = [
            (self._sign_in, 40),
            (self._mistype, 12),
            (self._keep_an_item, 16),
            (self._rename, 12),
            (self._forget_the_password, 4),
            (self._sign_out, 10),
            (self._leave, 1),
        ]
        (act,) = self._chance.choices([act for act, _ in acts], [weight for _, weight in acts])
        return act(self._chance.choice(self._people))

    def _register(self) -> None:
        email = f"demo.{self._chance.getrandbits(32):08x}@example.com"
        person = {"email": email, "name": self._chance.choice(self._names), "age": self._chance.randint(16, 80)}
        self._api.call("POST", "/users", {**person, "password": PASSWORD})
        mail = mailbox.wait_for(self._mails, email, MAIL_SECONDS)
        code = re.search(r"^Code: (\S+)", mailbox.text_of(mail), re.M) if mail else None
        if code and self._chance.random() < 0.9:
            confirmation = {"token": code[1], "password": PASSWORD}
            if self._api.call("POST", "/users/confirm", confirmation).status == 201:
                self._people.append(Somebody(email))

    def _sign_in(self, somebody: Somebody) -> None:
        somebody.api = self._api.signed_in(somebody.email, PASSWORD)

    def _mistype(self, somebody: Somebody) -> None:
        self._api.call("POST", "/sessions", {"email": somebody.email, "password": "incorrect horse"})

    def _keep_an_item(self, somebody: Somebody) -> None:
        value = {"dark": self._chance.random() < 0.5, "zoom": self._chance.randint(80, 150)}
        self._as(somebody).call("PUT", "/me/items/theme", {"item_value": value})

    def _rename(self, somebody: Somebody) -> None:
        self._as(somebody).call("PATCH", "/me", {"name": self._chance.choice(self._names)})

    def _forget_the_password(self, somebody: Somebody) -> None:
        self._api.call("POST", "/password-resets", {"email": somebody.email})

    def _sign_out(self, somebody: Somebody) -> None:
        self._as(somebody).call("DELETE", "/sessions/current")
        somebody.api = None

    def _leave(self, somebody: Somebody) -> None:
        somebody.api = None
        if self._as(somebody).call("DELETE", "/me").status == 202:
            self._people.remove(somebody)

    def _as(self, somebody: Somebody) -> Api:
        """The API as this person calls it. A token is good for ten minutes: an old one is replaced as it is met."""
        if somebody.api is None or somebody.api.call("GET", "/me").status == 401:
            self._sign_in(somebody)
        assert somebody.api is not None
        return somebody.api


def start(api: str, mails: str) -> threading.Event:
    """Begin a life at the API `api`, whose mails the local cloud at `mails` has, in a thread of its own. It ends when
    the event is set. What goes wrong is of no matter to it: the next act is another one."""
    over = threading.Event()
    life = Life(Api(api), mails)

    def live() -> None:
        while not over.wait(random.expovariate(1 / PAUSE_SECONDS)):
            try:
                life.act()
            except (OSError, AssertionError, urllib.error.URLError):
                continue

    threading.Thread(target=live, daemon=True).start()
    return over
