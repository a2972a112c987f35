"""How the app is declared, and refused, by the command of Chalice that loads it."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import SimpleNamespace

import click
import pytest
from chalice import Chalice

from chalicelib.core import wiring

HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def loading(monkeypatch):
    """Loads the app as a command of Chalice does, in a stage of that runtime."""

    def load(command, wanted, **factory):
        monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
        monkeypatch.setenv("RUNTIME", wanted)
        with click.Context(click.Command(command), info_name=command, obj={"factory": SimpleNamespace(**factory)}):
            wiring.require_runtime()

    return load


@pytest.mark.parametrize("command", ["package", "deploy"])
def test_libraries_for_another_python_are_refused(loading, command):
    with pytest.raises(
        click.UsageError, match=f"for {HERE}, and this stage runs on python3.99: use `make package`"
    ):
        loading(command, "python3.99")


@pytest.mark.parametrize("command", ["package", "deploy"])
def test_those_of_the_stage_are_taken(loading, command):
    loading(command, HERE)
    loading(command, "python3.99", runtime="python3.99")


@pytest.mark.parametrize("command", ["local", "delete", "url"])
def test_commands_that_package_nothing_go_on(loading, command):
    loading(command, "python3.99")


def test_without_a_command_of_chalice_nobody_asks(monkeypatch):
    monkeypatch.setenv("RUNTIME", "python3.99")
    monkeypatch.delenv("AWS_CHALICE_CLI_MODE", raising=False)
    wiring.require_runtime()


UPLOADED = {"Records": [{"s3": {"bucket": {"name": "uploads"}, "object": {"key": "imports/a+b"}}}]}


@pytest.mark.parametrize("command", ["deploy", "delete", "local", "package", ""])
def test_an_upload_is_an_s3_event_for_who_wires_it_and_a_pure_function_elsewhere(monkeypatch, command):
    app, taken = Chalice("tested", env={}), []
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    with click.Context(click.Command(command), info_name=command) if command else nullcontext():

        @wiring.on_s3_object_created(app, bucket="uploads")
        def on_upload(event):
            taken.append(event)

    on_upload(UPLOADED, None)
    assert taken == [UPLOADED]
    events = [(found.handler_string, found.bucket, found.events) for found in app.event_sources]
    functions = [(found.handler_string, found.name) for found in app.pure_lambda_functions]
    if command in {"deploy", "delete", "local"}:
        assert (events, functions) == ([("app.on_upload", "uploads", ["s3:ObjectCreated:*"])], [])
    else:
        assert (events, functions) == ([], [("app.on_upload", "on_upload")])
