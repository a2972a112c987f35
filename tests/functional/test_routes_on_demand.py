"""A packaged app, whose routes load when they are called, serves what the same app serves that loads them at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from chalice import Blueprint, Chalice

from chalicelib.core.http.blueprints import TABLE
from tests.environment import ENVIRONMENT
from tests.functional import every_route
from tests.unit.appfile import ROOT
from tools.route_table import table_of

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:9"
"""Where no AWS answers. A route that calls it without a token says so in either app."""

SAME = {"PYTHONHASHSEED": "0"}
"""Sets are in one order in every process."""


def served(folder, **environment):
    """What `every_route` reports of the app in that folder."""
    process = subprocess.run(
        [sys.executable, str(Path(every_route.__file__))],
        cwd=folder,
        env={
            **os.environ,
            **ENVIRONMENT,
            "PYTHONPATH": str(folder),
            "AWS_ENDPOINT_URL": NOWHERE,
            **SAME,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.fixture(scope="module")
def at_once():
    return served(ROOT)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder with the app and its table, as a package has them."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copy(ROOT / "app.py", folder)
    shutil.copytree(ROOT / "chalicelib", folder / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    table = folder / TABLE.relative_to(ROOT)
    subprocess.run([sys.executable, "-m", "tools.route_table", str(table)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="module")
def on_demand(package):
    return served(package)


def test_every_path_has_its_methods_in_the_same_order(at_once, on_demand):
    assert on_demand["paths"] == at_once["paths"]
    assert len(on_demand["paths"]) > 60


def test_every_request_is_answered_alike(at_once, on_demand):
    assert on_demand["answers"] == at_once["answers"]
    assert len(on_demand["answers"]) > 200
    assert on_demand["answers"]["GET /health"]["statusCode"] == 200
    assert on_demand["answers"]["GET /me"]["statusCode"] == 401
    assert on_demand["answers"]["TRACE /me"]["statusCode"] == 405
    assert on_demand["answers"]["OPTIONS /me"]["headers"]["Access-Control-Allow-Origin"] == every_route.ORIGIN


def test_every_route_is_declared_alike(at_once, on_demand):
    assert on_demand["routes"] == at_once["routes"]


def test_a_module_loads_when_a_route_of_it_is_called(at_once, on_demand):
    assert on_demand["loaded"] == {"importing": [], "preflights": [], "GET /health": ["chalicelib.about.routes"]}
    assert "chalicelib.accounts.routes" in at_once["loaded"]["importing"]


def test_the_edge_alone_needs_no_client_of_aws_and_no_cryptography(on_demand):
    of_pydantic = ["annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"]
    assert on_demand["libraries"] == sorted(["chalice", *of_pydantic])


@pytest.mark.parametrize("kind", ["provisioned-concurrency", "snap-start"])
def test_all_modules_load_at_once_where_lambda_prepares_processes(package, at_once, kind):
    prepared = served(package, AWS_LAMBDA_INITIALIZATION_TYPE=kind)
    assert {"cryptography", "jwt"} <= set(prepared.pop("libraries"))
    assert prepared == {name: found for name, found in at_once.items() if name != "libraries"}


@pytest.fixture
def stale(package):
    """Gives the package a table without a method of `/health`."""
    table = package / TABLE.relative_to(ROOT)
    text = table.read_text("utf-8")
    table.write_text(text.replace('"/health":["GET","HEAD"]', '"/health":["GET"]'), "utf-8")
    yield
    table.write_text(text, "utf-8")


@pytest.mark.usefixtures("stale")
def test_a_table_of_other_sources_is_an_error_of_whatever_it_is_wrong_about(package):
    done = subprocess.run(
        [sys.executable, "-c", "import app, every_route as e; print(app.app(e.event('GET', '/health'), None))"],
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": f"{package}:{Path(every_route.__file__).parent}"},
        capture_output=True,
        text=True,
        check=True,
        cwd=package,
    )
    assert '"error":"StaleTableError"' in done.stdout
    assert "'statusCode': 500" in done.stdout


def test_a_route_that_says_more_to_chalice_is_in_no_table():
    routes = Blueprint(__name__)
    app = Chalice("tested", env={})

    def view():
        raise AssertionError

    view.declaration = None
    routes.route("/somewhere", methods=["POST"])(view)
    app.register_blueprint(routes)
    with pytest.raises(ValueError, match="view: a route says its path and methods"):
        table_of(app)
