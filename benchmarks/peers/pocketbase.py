"""PocketBase, in Go: a JWT whose person is read, then read again as the record that is asked for. Its passwords are
hashed by bcrypt, of cost 10, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.load import Call
from benchmarks.peers.peer import PASSWORD, Installed

if TYPE_CHECKING:
    from benchmarks.peers.load import Reply
    from benchmarks.peers.peer import Person

USERS = "/api/collections/users"


class PocketBase(Installed):
    name = "PocketBase"
    folder = "pocketbase"
    lock = "go.sum"
    # Any Go since 1.21 fetches this one; of an older one it says what is wrong.
    commands = (("env", "GOTOOLCHAIN=go1.27.3", "go", "build", "-mod=readonly", "-o", "pocketbase", "."),)
    program = ("{place}/pocketbase", "serve", "--http", "127.0.0.1:{port}", "--dir", "{data}/pocketbase")

    def register(self, person: Person) -> Call:
        fields = {
            "email": person.email,
            "emailVisibility": True,
            "password": PASSWORD,
            "passwordConfirm": PASSWORD,
            "name": "Ada",
        }
        return Call("POST", f"{USERS}/records", 200, lambda body: body["email"] == person.email, fields)

    def sign_in(self, person: Person) -> Call:
        fields = {"identity": person.email, "password": PASSWORD}
        return Call("POST", f"{USERS}/auth-with-password", 200, lambda body: body["token"].count(".") == 2, fields)

    def me(self, person: Person, signed_in: Reply) -> Call:
        found = signed_in.json()
        headers = {"Authorization": found["token"]}
        path = f"{USERS}/records/{found['record']['id']}"
        return Call("GET", path, 200, lambda body: body["email"] == person.email, headers=headers)
