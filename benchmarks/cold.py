"""What a function and its package are for a benchmark of cold starts: Rollcall's as it is packaged, and a plain Chalice
app as `chalice package` ships it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import chalice

from benchmarks import null_aws
from benchmarks.first_events import first_events
from infra import runtime
from infra.stage import ROOT, Stage
from tests.environment import ENVIRONMENT
from tools import bytecode, libraries
from tools.package import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = ROOT / "benchmarks" / "cold_process.py"

PLAIN = """import boto3
from chalice import Chalice

app = Chalice(app_name="plain")


@app.route("/health")
def health():
    boto3.client("dynamodb")
    return {"status": "ok"}
"""
"""The least that anybody deploys: one route, and one AWS client, which is made and calls nothing."""

ITS_LIBRARIES = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})


@dataclass(frozen=True)
class Packages:
    """Folders as Lambda has them, and the Python that runs them."""

    python: str
    ours: Path
    plain: Path
    """Without byte code, as Chalice packages."""
    compiled: Path
    """The same with byte code."""


@dataclass(frozen=True)
class Start:
    """A start until the first answer: of a package, by a handler, to an event. Files hold events, so that reading one
    is counted alike."""

    package: Path
    handler: str
    event: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, python: str, *options: str) -> list[str]:
        # -I: neither this folder nor the user's packages are on the path; -S: nor are this Python's own; -B: a folder
        # without byte code stays without.
        return [python, "-I", "-S", "-B", *options, str(PROGRAM), str(self.package), self.handler, str(self.event)]

    def variables(self) -> dict[str, str]:
        return {
            **ENVIRONMENT,
            "_HANDLER": self.handler,
            "AWS_LAMBDA_FUNCTION_NAME": "cold",
            "PYDANTIC_DISABLE_PLUGINS": "__all__",
            "OUTBOUND_ALLOW_HTTP": "on",
            "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
            **self.environment,
        }

    def milliseconds(self, python: str) -> float:
        """The CPU time of a fresh process, its own start included."""
        null_aws.NullAws(os.environ["AWS_ENDPOINT_URL"]).again(f"{self.package.name}-{self.event.stem}")
        process = subprocess.Popen(
            self.command(python), env=self.variables(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        complaint = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{self.handler} failed: {complaint.decode()[-2000:]}")
        return (used.ru_utime + used.ru_stime) * 1000


@contextmanager
def packages() -> Iterator[Packages]:
    """The packages for the Python that functions run on, or for this one where that is not here."""
    here = ".".join(map(str, sys.version_info[:2]))
    version = runtime.DEFAULT_PYTHON if bytecode.interpreter(runtime.DEFAULT_PYTHON) else here
    python = bytecode.interpreter(version)
    assert python is not None
    stage = Stage("prod", {"RUNTIME": f"python{version}", "ARCHITECTURE": _architecture()})
    with TemporaryDirectory() as name:
        found = Packages(os.path.realpath(python), *(Path(name, part) for part in ("ours", "plain", "compiled")))
        with zipfile.ZipFile(bundle(stage, Path(name, "functions.zip"))) as archive:
            archive.extractall(found.ours)
        _plain(stage, found.plain)
        shutil.copytree(found.plain, found.compiled)
        bytecode.compile_for(stage.runtime, found.compiled)
        yield found


def _architecture() -> str:
    import platform

    return next(name for name, machine in runtime.PROCESSORS.items() if platform.machine() in {name, machine})


def _plain(stage: Stage, folder: Path) -> None:
    """Chalice's own package of `PLAIN`: whole libraries, the two modules of Chalice, and the app."""
    pinned = libraries.requirements((ROOT / "requirements" / "dev.txt").read_text("utf-8"), stage.runtime)
    lines = [line for line in pinned.splitlines() if line.partition("==")[0] in ITS_LIBRARIES]
    libraries.install("\n".join(lines) + "\n", stage.runtime, folder)
    (folder / "chalice").mkdir()
    for module in ("__init__.py", "app.py"):
        shutil.copy(Path(chalice.__file__).parent / module, folder / "chalice")
    (folder / "app.py").write_text(PLAIN, "utf-8")


@contextmanager
def events() -> Iterator[dict[str, tuple[str, Path]]]:
    """By what is asked for, the handler and the file of its event; AWS answers it meanwhile, for nothing."""
    with null_aws.running(), TemporaryDirectory() as name, first_events() as asked:
        files = {}
        for number, (what, event) in enumerate(asked.items()):
            handler = "app.app" if " /" in what else f"app.{what}"
            files[what] = (handler, Path(name, f"{number}.json"))
            files[what][1].write_text(json.dumps(event), "utf-8")
        yield files
