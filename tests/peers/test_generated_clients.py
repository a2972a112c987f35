"""Clients that generators make of the OpenAPI document pass their languages' type checkers, and work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.core.settings import settings
from infra.stage import ROOT
from tests.builders import PASSWORD
from tests.peers import installing
from tests.serving import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.peers]

SOURCES = Path(__file__).parent / "generated_clients"
PYTHON_LOCK = ROOT / "requirements" / "generators.txt"
NODE_LOCK = SOURCES / "package-lock.json"
RUN_SECONDS = 300
EMAIL = "ada@maths.example"


@pytest.fixture
def url(aws: Any) -> Iterator[str]:
    """An empty stage's app, where who registers is in at once."""
    with listening() as url, settings.held(public_url=url, email_verification="optional"):
        yield url


@pytest.fixture
def document(url: str, tmp_path: Path) -> Path:
    from app import app
    from chalicelib.about.openapi import document
    from chalicelib.core.http.declarations import routes_of

    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(routes_of(app), url)))
    return path


def run(folder: Path, *command: str | Path) -> str:
    """What a command prints. Its complaint is the test's."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=RUN_SECONDS, check=False, env=environment
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def test_a_python_client_passes_mypy_and_reads_who_has_signed_in(url, document, tmp_path):
    pip = ("env/bin/pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check")
    why = installing.install(
        "generators", PYTHON_LOCK, [], (sys.executable, "-m", "venv", "env"), (*pip, "-r", PYTHON_LOCK.name)
    )
    if why:
        pytest.skip(why)
    tools = installing.folder_of("generators", PYTHON_LOCK) / "env" / "bin"
    options = ("--meta", "none", "--output-path", "client", "--fail-on-warning")
    (tmp_path / "settings.yml").write_text("post_hooks: []\n")
    run(
        tmp_path,
        tools / "openapi-python-client",
        "generate",
        "--path",
        document,
        *options,
        "--config",
        "settings.yml",
    )
    shutil.copy(SOURCES / "program.py.in", tmp_path / "program.py")
    checked = ("--config-file=", "--strict", "--python-executable", tools / "python", "client", "program.py")
    run(tmp_path, sys.executable, "-m", "mypy", *checked)
    me = json.loads(run(tmp_path, tools / "python", "program.py", url, EMAIL, PASSWORD))
    assert (me["email"], me["name"], me["email_verified"]) == (EMAIL, None, False)


def test_types_of_typescript_let_somebody_register_with_address_and_password_alone(url, document, tmp_path):
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js or npm is not installed")
    why = installing.install("openapi-typescript", NODE_LOCK, [SOURCES / "package.json"], installing.NPM)
    if why:
        pytest.skip(why)
    modules = installing.folder_of("openapi-typescript", NODE_LOCK) / "node_modules"
    for name in ("package.json", "program.ts", "tsconfig.json"):
        shutil.copy(SOURCES / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(modules)
    run(tmp_path, "node_modules/.bin/openapi-typescript", document, "-o", "schema.d.ts")
    run(tmp_path, "node_modules/.bin/tsc", "-p", ".")
    me = json.loads(run(tmp_path, "node", "program.js", url, EMAIL, PASSWORD))
    assert (me["email"], me["name"], me["email_verified"]) == (EMAIL, None, False)
