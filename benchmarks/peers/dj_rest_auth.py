"""dj-rest-auth, served by gunicorn: a token that is looked up in the database together with its person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.load import Call
from benchmarks.peers.peer import PASSWORD, PYTHON_ENVIRONMENT, Installed

if TYPE_CHECKING:
    from benchmarks.peers.load import Reply
    from benchmarks.peers.peer import Person


class DjRestAuth(Installed):
    name = "dj-rest-auth"
    folder = "dj_rest_auth"
    lock = "requirements.txt"
    commands = PYTHON_ENVIRONMENT
    program = (
        *("{place}/env/bin/gunicorn", "site_wsgi:application", "--chdir", "{app}", "--bind", "127.0.0.1:{port}"),
        *("--workers", "1", "--threads", "8", "--keep-alive", "3600"),
    )

    def register(self, person: Person) -> Call:
        fields = {"email": person.email, "password1": PASSWORD, "password2": PASSWORD}
        return Call("POST", "/auth/registration/", 201, lambda body: len(body["key"]) == 40, fields)

    def sign_in(self, person: Person) -> Call:
        fields = {"email": person.email, "password": PASSWORD}
        return Call("POST", "/auth/login/", 200, lambda body: len(body["key"]) == 40, fields)

    def me(self, person: Person, signed_in: Reply) -> Call:
        headers = {"Authorization": f"Token {signed_in.json()['key']}"}
        return Call("GET", "/auth/user/", 200, lambda body: body["email"] == person.email, headers=headers)
