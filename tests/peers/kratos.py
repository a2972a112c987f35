"""Ory Kratos with an empty database, where `kratos` is on the path: it is not installed for these tests, because to
build it takes longer than all of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError

import pyotp

from tests.peers.programs import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MIGRATE_SECONDS = 60
JSON = {"Content-Type": "application/json", "Accept": "application/json"}

EMAIL = {
    "type": "string",
    "format": "email",
    "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}, "verification": {"via": "email"}},
}
SCHEMA = {
    "$id": "https://example.com/person.json",
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"traits": {"type": "object", "properties": {"email": EMAIL}}},
}


class Kratos(NamedTuple):
    """The URLs of its two servers."""

    public: str
    admin: str

    def imported(self, batch: bytes) -> list[str]:
        """What became of each identity of a batch: `create`, or `error`."""
        answer = _sent("PATCH", f"{self.admin}/admin/identities", batch)
        return [identity["action"] for identity in answer["identities"]]

    def signed_in(self, email: str, password: str) -> bool:
        try:
            return bool(self._session(email, password))
        except HTTPError as error:
            if error.code != 400:
                raise
            return False

    def with_totp(self, email: str, password: str) -> str:
        """Have somebody take an authenticator as their second factor: its secret."""
        session = self._session(email, password)
        settings = _sent("GET", f"{self.public}/self-service/settings/api", session=session)
        shown = [node["attributes"] for node in settings["ui"]["nodes"]]
        secret: str = next(each["text"]["text"] for each in shown if each.get("id") == "totp_secret_key")
        body = {"method": "totp", "totp_code": pyotp.TOTP(secret).now()}
        _sent("POST", settings["ui"]["action"], body, session)
        return secret

    def _session(self, email: str, password: str) -> str:
        flow = _sent("GET", f"{self.public}/self-service/login/api")
        body = {"method": "password", "identifier": email, "password": password}
        return str(_sent("POST", flow["ui"]["action"], body)["session_token"])

    def listed(self, query: str) -> bytes:
        """The list of all identities."""
        return json.dumps(_sent("GET", f"{self.admin}/admin/identities?{query}")).encode()


def missing() -> str:
    """Why this machine cannot have one; empty where it can."""
    return "" if shutil.which("kratos") else "kratos is not on the path"


@contextmanager
def running(folder: Path) -> Iterator[Kratos]:
    """One that ends with the block, and keeps all that it has in the folder."""
    public, admin = free_port(), free_port()
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (folder / "kratos.json").write_text(json.dumps(_config(folder, public, admin)))
    options = ("-c", str(folder / "kratos.json"))
    migrate = ("kratos", "migrate", "sql", "-e", "--yes", *options)
    subprocess.run(migrate, capture_output=True, timeout=MIGRATE_SECONDS, check=True)
    with serving(("kratos", "serve", "--dev", *options), admin) as url:
        yield Kratos(f"http://127.0.0.1:{public}", url)


def _config(folder: Path, public: int, admin: int) -> dict[str, Any]:
    here = {"host": "127.0.0.1"}
    return {
        "dsn": f"sqlite://{folder}/db.sqlite?_fk=true",
        "serve": {
            "public": {**here, "port": public, "base_url": f"http://127.0.0.1:{public}/"},
            "admin": {**here, "port": admin},
        },
        "selfservice": {
            "default_browser_return_url": f"http://127.0.0.1:{public}/",
            "methods": {
                "password": {"enabled": True},
                "totp": {"enabled": True, "config": {"issuer": "example"}},
                "oidc": {"enabled": True, "config": {"providers": []}},
            },
        },
        "identity": {
            "default_schema_id": "default",
            "schemas": [{"id": "default", "url": f"file://{folder}/schema.json"}],
        },
        "courier": {"smtp": {"connection_uri": "smtp://127.0.0.1:1/"}},
        # What people sign in with is hashed anew: cheaply, and for passwords of any length.
        "hashers": {
            "algorithm": "argon2",
            "argon2": {"memory": "8MB", "iterations": 1, "parallelism": 1, "salt_length": 16, "key_length": 16},
        },
    }


def _sent(method: str, url: str, body: bytes | Mapping[str, str] | None = None, session: str = "") -> Any:
    data = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
    request = urllib.request.Request(url, data, JSON | {"X-Session-Token": session}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())
