"""`chalice local` against the local cloud, running as the API function's own role: IAM is enforced there too."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.stage import LOCAL_REGION, ROOT, Stage
from tools import cloud
from tools.console import Problem
from tools.package import chalice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.localcloud import LocalCloud

READY_SECONDS = 30
STOP_SECONDS = 5


@contextmanager
def serving(stage: Stage, running: LocalCloud, port: int, folder: Path) -> Iterator[Path]:
    """Serve the API on a port of loopback while the block runs; gives the path of its log.

    Raises Problem where it does not come up.
    """
    log = folder / "api.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": running.endpoint,
        "AWS_REGION": LOCAL_REGION,
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_CONFIG_FILE": str(_profile(stage, folder)),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PROFILE": "api",
        "PYTHONUNBUFFERED": "1",
    }
    command = [chalice(), "local", "--stage", stage.name, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_ready(process, port, log)
        yield log
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(STOP_SECONDS)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _profile(stage: Stage, folder: Path) -> Path:
    """An AWS configuration whose profile `api` assumes the API function's role, renewed by botocore itself."""
    function = cloud.client("lambda").get_function_configuration(FunctionName=stage.names.api)
    path = folder / "aws-config"
    path.write_text(
        f"[profile api]\nrole_arn = {function['Role']}\nsource_profile = root\n"
        "[profile root]\naws_access_key_id = test\naws_secret_access_key = test\n",
        "utf-8",
    )
    return path


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Problem(f"`chalice local` did not come up; its log says:\n{log.read_text('utf-8', 'replace')[-2000:]}")
