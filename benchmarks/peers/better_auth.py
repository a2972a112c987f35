"""better-auth on Node.js: a session cookie, whose session and person are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.load import Call
from benchmarks.peers.peer import PASSWORD, Installed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.peers.load import Reply
    from benchmarks.peers.peer import Person


class BetterAuth(Installed):
    name = "better-auth"
    folder = "better_auth"
    lock = "package-lock.json"
    # better-sqlite3 fetches its compiled part when it is installed, or compiles it.
    commands = (("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"),)
    program = ("node", "{place}/server.mjs")

    def environment(self) -> Mapping[str, str]:
        return {"NODE_ENV": "production"}

    def register(self, person: Person) -> Call:
        fields = {"email": person.email, "password": PASSWORD, "name": "Ada"}
        return Call(
            "POST", "/api/auth/sign-up/email", 200, lambda body: body["user"]["email"] == person.email, fields
        )

    def sign_in(self, person: Person) -> Call:
        fields = {"email": person.email, "password": PASSWORD}
        return Call(
            "POST", "/api/auth/sign-in/email", 200, lambda body: body["user"]["email"] == person.email, fields
        )

    def me(self, person: Person, signed_in: Reply) -> Call:
        headers = {"Cookie": signed_in.headers["set-cookie"].partition(";")[0]}
        return Call(
            *("GET", "/api/auth/get-session", 200, lambda body: body["user"]["email"] == person.email),
            headers=headers,
        )
