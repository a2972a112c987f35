"""What a cold start loads: every module is paid for by whoever waits for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from infra.read_model import CONNECTED
from infra.stage import Stage
from infra.template import environment
from tests.unit.appfile import ROOT, handlers

pytestmark = pytest.mark.slow

HEAVY = (
    *("bcrypt", "boto3", "cryptography", "email_validator", "fido2", "jinja2", "jwt", "nacl", "pydantic", "pyotp"),
    *("dateutil", "s3transfer", "urllib3"),
)
"""10 to 200 ms each, by measure (`python -m benchmarks imported`): only where they are used, when they are used."""

SET = {"PYDANTIC_DISABLE_PLUGINS": environment(Stage("prod", {}))["PYDANTIC_DISABLE_PLUGINS"]}
"""As functions have it."""

WITH_MODELS = {"on_items", "on_item_stream", "put_items"}
"""Handlers that load pydantic: for the models of items. Those of the read model load pg8000, which loads dateutil."""


def load(handler: str, modules: dict[str, list[str]]) -> dict[str, list[str]]:
    """What a fresh process loads that Lambda starts for `handler`; see `tests.unit.loading`."""
    variables = {**os.environ, **SET, "_HANDLER": handler, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.unit.loading", json.dumps(modules)]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def loaded():
    """What each handler loads in its first call, before it does anything."""
    return load("app.on_user_change", handlers())


def heavy(modules: list[str]) -> set[str]:
    return {name for name in HEAVY if name in modules}


def test_the_table_of_contents_loads_chalice_alone(loaded):
    ours = {name for name in loaded["app"] if name.startswith("chalicelib.")}
    assert ours == {"chalicelib.core", "chalicelib.core.names", "chalicelib.core.wiring"}
    assert {"boto3", "botocore", *HEAVY} & set(loaded["app"]) == set()


@pytest.mark.parametrize("handler", handlers())
def test_a_handler_loads_no_heavy_library(loaded, handler):
    if handler in CONNECTED:
        assert heavy(loaded[handler]) <= {"dateutil"}
        return
    assert heavy(loaded[handler]) == ({"pydantic"} if handler in WITH_MODELS else set())
    assert "pg8000" not in loaded[handler]


@pytest.mark.parametrize("handler", handlers())
def test_a_handler_loads_no_routes(loaded, handler):
    assert [name for name in loaded[handler] if name.endswith(".routes")] == []


def test_the_api_loads_its_routes_but_no_more():
    modules = load("app.app", {})["app"]
    assert "chalicelib.accounts.routes" in modules
    assert heavy(modules) == {"pydantic"}


@pytest.mark.parametrize("handler", ["export_segment", "finish_export"])
def test_an_export_loads_the_format_that_it_writes_alone(loaded, handler):
    formats = [name for name in loaded[handler] if name.startswith("chalicelib.exports.formats.")]
    assert formats == ["chalicelib.exports.formats.fields"]
