"""Starts and stops the local cloud: MiniStack on loopback, with IAM enforced, in an environment of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.stage import LOCAL_CLOUD, LOCAL_REGION, ROOT
from tools.console import Problem

if TYPE_CHECKING:
    from pathlib import Path

RUN = ROOT / ".run"
"""Where `make run` keeps its logs and state."""

HEALTH = "/_ministack/health"
ENDPOINT = "endpoint"
"""The file in its folder that says where a running one is."""

READY_SECONDS = 30
STOP_SECONDS = 10


@dataclass
class LocalCloud:
    """A running local cloud."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    scratch: Path
    """Where it unpacks functions (`tools.emulator`), and leaves them behind."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def variables(self, access_key: str = "test") -> dict[str, str]:
        """The environment that points any AWS SDK here; the access key `test` is root."""
        return _variables(self.endpoint, access_key)

    def stop(self) -> None:
        """Stop it and every function that it runs, wait until they are gone, and remove what they unpacked."""
        _signal_group(self.process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        _signal_group(self.process, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        shutil.rmtree(self.scratch, ignore_errors=True)
        (self.log.parent / ENDPOINT).unlink(missing_ok=True)


def variables_of(folder: Path) -> dict[str, str]:
    """The environment that points any AWS SDK at the local cloud that was started in that folder, as root. Raises
    Problem where none runs."""
    try:
        endpoint = (folder / ENDPOINT).read_text("utf-8")
        with urllib.request.urlopen(f"{endpoint}{HEALTH}", timeout=2):
            return _variables(endpoint, "test")
    except OSError:
        raise Problem(
            "no local cloud is running: start one with make run, or name another stage, STAGE=dev"
        ) from None


def _variables(endpoint: str, access_key: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_REGION": LOCAL_REGION,
    }


def start(port: int, folder: Path, *, keep: bool = False) -> LocalCloud:
    """Start it on `port` and wait until it answers. `keep` keeps its state in `folder` for the next start.

    Raises Problem where the port is taken, or it does not come up.
    """
    require_free(port, "the local cloud", "CLOUD_PORT")
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "cloud.log"
    state = folder / "state"
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    environment = {
        # Its functions inherit its environment, so it gets no more than a process needs.
        **{name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ},
        "TMPDIR": str(scratch),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": LOCAL_REGION,
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "1" if keep else "0",
        "S3_PERSIST": "1" if keep else "0",
        "STATE_DIR": str(state),
        "S3_DATA_DIR": str(folder / "objects"),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(LOCAL_CLOUD / "bin" / "python"), "-P", str(ROOT / "tools" / "emulator.py")],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    cloud = LocalCloud(process, port, log, scratch)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Problem(f"the local cloud did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            with urllib.request.urlopen(f"{cloud.endpoint}{HEALTH}", timeout=2):
                (folder / ENDPOINT).write_text(cloud.endpoint, "utf-8")
                return cloud
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    cloud.stop()
    raise Problem(f"the local cloud did not answer within {READY_SECONDS} s; its log is {log}")


def require_free(port: int, what: str, variable: str) -> None:
    """Raise Problem where something listens on a port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Problem(
                f"port {port}, which {what} needs, is taken: stop what uses it, or choose another: "
                f"make run {variable}={port + 1}"
            ) from None


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
