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

from tests.peers.programs import free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        flow = _sent("GET", f"{self.public}/self-service/login/api")
        body = {"method": "password", "identifier": email, "password": password}
        try:
            return bool(_sent("POST", flow["ui"]["action"], json.dumps(body).encode()))
        except HTTPError as error:
            if error.code != 400:
                raise
            return False


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
            "methods": {"password": {"enabled": True}, "oidc": {"enabled": True, "config": {"providers": []}}},
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


def _sent(method: str, url: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(url, body, JSON, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())
