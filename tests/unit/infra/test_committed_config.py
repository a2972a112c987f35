"""Chalice's committed configuration is what is rendered, and enough for Chalice's own commands in a fresh checkout."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from infra import render
from infra import stage as stages
from tests.cloud.checkout import copy_checkout
from tools import chalice_for

CHALICE = str(Path(sys.executable).parent / "chalice")


def test_the_committed_file_is_what_is_rendered():
    assert json.loads(render.CONFIG.read_text("utf-8")) == render.committed_config()


def test_it_knows_no_account_and_no_place():
    text = render.CONFIG.read_text("utf-8")
    assert [word for word in ("arn:", str(render.ROOT), "STREAM_ARN") if word in text] == []
    stages = json.loads(text)["stages"]
    assert [name for name in stages if "ACCOUNT_ID" in stages[name]["environment_variables"]] == ["local"]


@pytest.fixture
def checkout(tmp_path):
    """Without libraries, which would need a network."""
    made = copy_checkout(tmp_path)
    (made / "requirements.txt").write_text("", "utf-8")
    return made


def environment() -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **keys}


def chalice(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHALICE, *arguments], cwd=checkout, env=environment(), capture_output=True, text=True, timeout=120
    )


@pytest.mark.slow
def test_a_fresh_checkout_packages(checkout, tmp_path):
    done = chalice(checkout, "package", "--stage", "dev", str(tmp_path / "out"))
    assert done.returncode == 0, done.stdout + done.stderr
    functions = json.loads((tmp_path / "out" / "sam.json").read_text("utf-8"))["Resources"]
    assert functions["OnUpload"]["Properties"]["Handler"] == "app.on_upload"


@pytest.mark.slow
def test_a_plain_deployment_is_told_what_to_run(checkout):
    done = chalice(checkout, "deploy", "--stage", "dev")
    assert done.returncode == 2
    assert "make deploy STAGE=dev" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_fresh_checkout_serves(checkout):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [CHALICE, "local", "--no-autoreload", "--stage", "local", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=checkout, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert answer(port, process) == 200
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_what_is_rendered_for_a_stage_is_served_in_place_of_it(checkout):
    """As `make run PORT=…` does: issuer and links say the port."""
    url = "http://localhost:9000"
    write = f"""
from infra import render, stage
local = stage.load("local")
render.render(stage.Stage(local.name, {{**local.settings, "PUBLIC_URL": "{url}"}}, emulated=True))
"""
    subprocess.run([sys.executable, "-c", write], cwd=checkout, env=environment(), check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = chalice_for.local(stages.load("local"), port)
    process = subprocess.Popen(
        command,
        cwd=checkout,
        env={**environment(), "AWS_REGION": "us-east-1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert answer(port, process) == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=20) as found:
            assert json.load(found)["servers"] == [{"url": url}]
    finally:
        process.kill()
        process.communicate()


def answer(port: int, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as found:
                return int(found.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.2)
    return 0
