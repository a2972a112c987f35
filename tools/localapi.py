"""`chalice local` against the local cloud. It runs with the API function's own role, so IAM is enforced there too.

Chalice's own reloading looks at every file of the checkout each second, virtual environments included, and restarts
for a changed log or `.pyc` file. Here it is off, and only the app's own sources are watched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.stage import LOCAL_REGION, ROOT, Stage
from tools import chalice_for, cloud
from tools.console import Problem, ignore_interrupts, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.localcloud import LocalCloud

READY_SECONDS = 30
STOP_SECONDS = 5
WATCH_SECONDS = 1.0


class LocalApi:
    """The process that serves the API on a port of the loopback interface, and that can be restarted."""

    def __init__(self, stage: Stage, running: LocalCloud, port: int, folder: Path) -> None:
        self.log = folder / "api.log"
        self._port = port
        self._command = chalice_for.local(stage, port)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": running.endpoint,
            "AWS_REGION": LOCAL_REGION,
            "AWS_DEFAULT_REGION": LOCAL_REGION,
            "AWS_CONFIG_FILE": str(_profile(stage, folder)),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PROFILE": "api",
            "PYTHONUNBUFFERED": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises Problem where it does not."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        end = self.log.read_text("utf-8", "replace")[-2000:]
        raise Problem(f"`chalice local` did not come up; its log ends with:\n{end}")

    @property
    def group(self) -> int:
        """The group of its processes. Only of one that was started and not stopped."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process is None:
                return
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                pass
            self._process = None


@contextmanager
def serving(stage: Stage, running: LocalCloud, port: int, folder: Path) -> Iterator[Path]:
    """Serve the API while the block runs, and restart it whenever its sources change; gives the path of its log.

    Raises Problem where it does not come up.
    """
    api = LocalApi(stage, running, port, folder)
    over = threading.Event()
    watcher = threading.Thread(target=_restart_on_changes, args=(api, over), daemon=True)
    try:
        api.start()
        watcher.start()
        yield api.log
    finally:
        ignore_interrupts()
        over.set()
        if watcher.ident is not None:
            watcher.join()
        api.stop()


def _restart_on_changes(api: LocalApi, over: threading.Event) -> None:
    before = _sources()
    while not over.wait(WATCH_SECONDS):
        now = _sources()
        if now != before:
            before = now
            api.stop()
            try:
                api.start()
                say("  the sources changed: the API was started anew")
            except Problem as problem:
                say(
                    f"  the sources changed, and the API does not start any more; save again once mended.\n{problem}"
                )


def _sources() -> dict[str, int]:
    """The app's files and when each was written."""
    files = [ROOT / "app.py", *(path for path in (ROOT / "chalicelib").rglob("*") if path.suffix != ".pyc")]
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file()}


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
