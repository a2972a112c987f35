"""Keycloak as an identity provider, with a realm `customers` in which Ada has an account, and Grace, who has to choose
another password.

Maven fetches its distribution, whose digest is held to, into a folder below `build/`; each use unpacks its own copy.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

from tests.peers.installing import BUILD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSION = "26.7.3"
SHA256 = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
JAVA = 17
"""The oldest major version that it runs on."""

FETCH_SECONDS = 600
START_SECONDS = 600
"""Half a minute where nothing else runs, and several on a busy machine."""

QUICK_START = "-XX:TieredStopAtLevel=1"
"""It lives for a few requests: to optimise its code takes longer than they do."""

PASSWORD = "a long enough password"
"""Of Ada, and of the server's administrator."""
ADMINISTRATOR = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD}


@cache
def missing() -> str:
    """Why this machine cannot have it, in one sentence; empty where it can. Fetches it where that was not done."""
    if not (shutil.which("java") and shutil.which("mvn")):
        return "Java or Maven is not installed"
    version = subprocess.run(("java", "-version"), capture_output=True, text=True, check=False).stderr
    major = version.partition('"')[2].partition(".")[0]
    if not major.isdigit() or int(major) < JAVA:
        return f"Java is {major or 'broken'}, and Keycloak needs {JAVA} or newer"
    return _fetched()


def _fetched() -> str:
    archive = _archive()
    if not archive.exists():
        fetch = (
            *("mvn", "-q", "-B", COPY, f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"),
            *("-Dmdep.useBaseVersion=true", f"-DoutputDirectory={archive.parent}"),
        )
        try:
            done = subprocess.run(fetch, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"Maven did not fetch Keycloak within {FETCH_SECONDS} seconds"
        if done.returncode or not archive.exists():
            return "Maven could not fetch Keycloak"
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return "" if digest == SHA256 else "what Maven fetched is not Keycloak as it was published"


def unpacked(folder: Path) -> Path:
    """Its own folder, unpacked into this one."""
    with zipfile.ZipFile(_archive()) as archive:
        archive.extractall(folder)
    home = folder / f"keycloak-{VERSION}"
    (home / "bin" / "kc.sh").chmod(0o755)
    return home


def start(folder: Path, client: dict[str, Any]) -> str:
    """Start one that ends with this process, whose realm has this client: the realm's issuer."""
    home = unpacked(folder)
    imports = home / "data" / "import"
    imports.mkdir(parents=True)
    (imports / "realm.json").write_text(json.dumps(_realm(client)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "keycloak.log").open("wb") as log:
        process = subprocess.Popen(
            (
                *(str(home / "bin" / "kc.sh"), "start-dev", "--import-realm"),
                *("--http-host", "127.0.0.1", "--http-port", str(port)),
            ),
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **ADMINISTRATOR, "JAVA_OPTS_APPEND": QUICK_START},
            start_new_session=True,
        )
    atexit.register(_stop, process)
    issuer = f"http://127.0.0.1:{port}/realms/customers"
    _wait(f"{issuer}/.well-known/openid-configuration", process)
    return issuer


def signed_in(issuer: str, client: Mapping[str, str], **form: str) -> bool:
    """Whether somebody gets a token with this form by the password grant."""
    request = {"grant_type": "password", "scope": "openid", **client, **form}
    try:
        return bool(_sent(f"{issuer}/protocol/openid-connect/token", urlencode(request).encode()))
    except HTTPError as error:
        if error.code not in {400, 401}:
            raise
        return False


def administered(issuer: str, path: str, body: bytes | None = None) -> Any:
    """What the server's administrator is answered for the realm of an issuer, to a GET, or a POST of this body."""
    server, _, realm = issuer.partition("/realms/")
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": PASSWORD}
    answer = _sent(f"{server}/realms/master/protocol/openid-connect/token", urlencode(form).encode())
    headers = {"Authorization": f"Bearer {answer['access_token']}", "Content-Type": "application/json"}
    return _sent(f"{server}/admin/realms/{realm}{path}", body, headers)


def _sent(url: str, body: bytes | None, headers: dict[str, str] | None = None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    raise RuntimeError("Keycloak did not start")


def _realm(client: dict[str, Any]) -> dict[str, Any]:
    ada = {
        "username": "ada",
        "email": "ada@customer.example",
        "emailVerified": True,
        "firstName": "Ada",
        "lastName": "Lovelace",
        "enabled": True,
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }
    named = {"username": "grace", "email": "grace@customer.example", "firstName": "Grace", "lastName": "Hopper"}
    grace = {**ada, **named, "requiredActions": ["UPDATE_PASSWORD"]}
    users = [ada, grace]
    return {"realm": "customers", "enabled": True, "sslRequired": "none", "users": users, "clients": [client]}


def _archive() -> Path:
    return BUILD / f"keycloak-{VERSION}" / f"keycloak-quarkus-dist-{VERSION}.zip"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
