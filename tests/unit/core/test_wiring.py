"""Chalice's own commands stop where they would package for another Python than the stage's."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import click
import pytest

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
