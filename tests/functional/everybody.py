"""A stage in which there is somebody of every kind who can call a route, and a thing for every path to name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalicelib.core import clock
from chalicelib.core.http.declarations import FORM
from chalicelib.core.http.replies import JSON
from infra.tables import SPECS
from tests.builders import PASSWORD, a_user
from tests.functional.enrolled import App

if TYPE_CHECKING:
    from chalice.test import Client

    from chalicelib.core.http.declarations import Route
    from tests.cloudlike import Cloud

CANARY = "canary"
"""In whatever is the victim's, or made by administrators: where it turns up, that is shown."""

VICTIM = "01VICTIM"

TABLES = [spec.name for spec in SPECS if spec.name != "guards"]
"""All but the one that counts what was asked and refused."""


@dataclass(frozen=True)
class Asker:
    """Somebody who calls. `holds` says whether their token does, `recent` whether they signed in just now, and
    `second_factor` whether by two factors."""

    name: str
    authorization: str
    roles: frozenset[str] = frozenset()
    holds: bool = True
    person: bool = True
    recent: bool = True
    second_factor: bool = False


@dataclass
class World:
    """The stage, the app, and the app's declarations over functions that do nothing. `names` is what a path's
    parameters name here: the victim's, wherever it can be a person's."""

    cloud: Cloud
    real: Client
    probe: Client
    names: dict[str, str]
    askers: list[Asker] = field(default_factory=list)
    before: dict[str, list[Any]] = field(default_factory=dict)

    def path_of(self, route: Route) -> str:
        return re.sub(r"{(\w+)}", lambda parameter: self.names[parameter[1]], route.path)

    def asker(self, name: str) -> Asker:
        return next(asker for asker in self.askers if asker.name == name)

    def call(
        self, client: Client, method: str, path: str, authorization: str = "", body: bytes = b"", kind: str = JSON
    ) -> Any:
        """Call one of the two apps with a token, or without."""
        token = {"Authorization": authorization} if authorization else {}
        return client.http.request(method, path, headers={"Content-Type": kind, **token}, body=body)

    def do(self, method: str, path: str, authorization: str = "", **body: Any) -> Any:
        """Call the app, and expect it to work: the answer's JSON."""
        answer = self.call(self.real, method, path, authorization, json.dumps(body).encode())
        assert answer.status_code < 300, (method, path, answer.body)
        return json.loads(answer.body or b"null")

    def person(self, called: str, *roles: str, seconds_ago: int = 0, **fields: Any) -> str:
        """Make a person and have them sign in: what they send as `Authorization`."""
        email = f"{called}@people.example"
        a_user(email=email, password=PASSWORD, roles=list(roles), **fields)
        with clock.held(clock.now()):
            clock.tick(seconds=-seconds_ago)
            return f"Bearer {self.do('POST', '/sessions', email=email, password=PASSWORD)['access_token']}"

    def strong(self, called: str, *roles: str) -> str:
        """Make a person who has an authenticator app, and has just proved it: what they send as `Authorization`."""
        token = self.person(called, *roles)
        shown = App(self.do("POST", "/me/totp", token)["secret"])
        self.do("POST", "/me/totp/confirm", token, otp=shown.code())
        self.do("POST", "/sessions/current/step-up", token, otp=shown.code())
        return token

    def machine(self, admin: str, role: str, *, seconds_ago: int = 0) -> str:
        """Make a client and have it get a token: what the machine sends as `Authorization`."""
        made = self.do("POST", "/clients", admin, name=f"{CANARY} client", roles=[role])
        self.names["client_id"] = made["id"]
        form = {"grant_type": "client_credentials", "client_id": made["id"], "client_secret": made["secret"]}
        with clock.held(clock.now()):
            clock.tick(seconds=-seconds_ago)
            answer = self.call(self.real, "POST", "/oauth2/token", "", urlencode(form).encode(), FORM)
        return f"Bearer {answer.json_body['access_token']}"

    def rows(self) -> dict[str, list[Any]]:
        """What there is, from moto's memory: every case asks, and a scan costs more than its request."""
        return {table: self.cloud.kept(table) for table in TABLES}

    def changed(self) -> list[str]:
        """The tables of which any row is another than before."""
        return [table for table, rows in self.rows().items() if rows != self.before[table]]

    def fill(self) -> None:
        """Make everybody and everything."""
        strong = self.strong("strong", "admin")
        admin = self.person("admin", "admin")
        ended, disabled = self.person("ended"), self.person("disabled", id="01DISABLED")
        self.do("DELETE", "/sessions/current", ended)
        self.do("POST", "/users/01DISABLED/disable", admin)
        old = {"seconds_ago": 400}
        roles = ("support", "service", "custom")
        self.askers = [
            Asker("nobody", "", holds=False),
            Asker("a malformed token", "Bearer not.a.token", holds=False),
            Asker("another scheme", "Basic YTpi", holds=False),
            Asker("an expired token", self.person("expired", "admin", seconds_ago=700), holds=False),
            Asker("an ended session", ended, holds=False),
            Asker("a disabled person", disabled, holds=False),
            Asker("a person", self.person("plain")),
            Asker("a person of before", self.person("plain-before", **old), recent=False),
            Asker("an administrator", admin, frozenset({"admin"})),
            Asker("an administrator with two factors", strong, frozenset({"admin"}), second_factor=True),
            Asker(
                "an administrator of before",
                self.person("admin-before", "admin", **old),
                frozenset({"admin"}),
                recent=False,
            ),
            *(Asker(f"a person with {role}", self.person(role, role), frozenset({role})) for role in roles),
            *(
                Asker(f"a machine with {role}", self.machine(strong, role), frozenset({role}), person=False)
                for role in ("admin", *roles)
            ),
            Asker(
                "a machine with admin of before",
                self.machine(strong, "admin", **old),
                frozenset({"admin"}),
                person=False,
                recent=False,
            ),
        ]
        self._make_things(admin)
        self.before = self.rows()

    def _make_things(self, admin: str) -> None:
        victim = self.person(
            f"{CANARY}-victim",
            id=VICTIM,
            name=f"{CANARY} name",
            attributes={"note": f"{CANARY} attribute"},
            metadata={"plan": f"{CANARY} metadata"},
        )
        self.do("PUT", f"/me/items/{self.names['key']}", victim, item_value=f"{CANARY} value")
        (session,) = self.do("GET", "/sessions", victim)["items"]
        hook = self.do("POST", "/webhooks", admin, url="https://93.184.215.14/", description=f"{CANARY} hook")
        years = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
        replay = self.do("POST", "/events/replay", admin, **years)
        self.names |= {
            "user_id": VICTIM,
            "session_id": session["id"],
            "webhook_id": hook["id"],
            "job_id": replay["id"],
        }
