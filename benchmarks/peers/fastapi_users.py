"""FastAPI-Users, served by uvicorn: a JWT that is checked by itself, then the person is read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from benchmarks.peers.load import Call
from benchmarks.peers.peer import PASSWORD, PYTHON_ENVIRONMENT, Installed

if TYPE_CHECKING:
    from benchmarks.peers.load import Reply
    from benchmarks.peers.peer import Person


class FastApiUsers(Installed):
    name = "FastAPI-Users"
    folder = "fastapi_users"
    lock = "requirements.txt"
    commands = PYTHON_ENVIRONMENT
    program = (
        *("{place}/env/bin/uvicorn", "app:app", "--app-dir", "{app}", "--port", "{port}"),
        *("--no-access-log", "--timeout-keep-alive", "3600"),
    )

    def register(self, person: Person) -> Call:
        fields = {"email": person.email, "password": PASSWORD}
        return Call("POST", "/auth/register", 201, lambda body: body["email"] == person.email, fields)

    def sign_in(self, person: Person) -> Call:
        form = urlencode({"username": person.email, "password": PASSWORD})
        return Call("POST", "/auth/jwt/login", 200, lambda body: body["access_token"].count(".") == 2, form=form)

    def me(self, person: Person, signed_in: Reply) -> Call:
        headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        return Call("GET", "/users/me", 200, lambda body: body["email"] == person.email, headers=headers)
