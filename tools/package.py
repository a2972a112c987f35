"""`make package STAGE=…`: one self-contained template and one zip, in `build/<stage>/`.

Chalice makes both; then the zip is slimmed: descriptions of services that nothing here calls (botocore's data are more
than half of its size) and parts of libraries that nothing here loads are left out, and byte code is put in, because
Lambda's code folder is read-only and every cold start would compile everything anew.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from infra import render
from infra import stage as stages
from infra.stage import LOCAL_REGION, ROOT, Stage
from tools.console import Problem, main_of, say, step

SERVICES = frozenset(
    {"dynamodb", "kms", "s3", "secretsmanager", "sesv2", "sns", "sqs", "sso", "sso-oidc", "stepfunctions", "sts"}
)
"""The services that functions call, and those through which botocore finds credentials."""

UNUSED = ("boto3/examples", "dns", "pycparser")
"""Parts of libraries that are used, but not these: email-validator's look-ups in DNS, and what cffi compiles with. The
cloud tests run every function without them."""

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The same sources make the same zip, so that a second deployment changes nothing."""


def package(stage: Stage) -> Path:
    """Package a stage into `build/<stage>/`, and return that folder. Raises Problem where Chalice fails."""
    folder = ROOT / "build" / stage.name
    shutil.rmtree(folder, ignore_errors=True)
    merge = render.render(stage)
    command = [chalice(), "package", "--stage", stage.name, "--merge-template", str(merge), str(folder)]
    run_chalice(command)
    slim(folder / "deployment.zip", zipfile.ZIP_STORED if stage.emulated else zipfile.ZIP_DEFLATED)
    return folder


def template_of(folder: Path) -> dict[str, Any]:
    """The packaged template."""
    template: dict[str, Any] = json.loads((folder / "sam.json").read_text("utf-8"))
    return template


def chalice() -> str:
    return str(Path(sys.executable).parent / "chalice")


def run_chalice(command: list[str], **environment: str) -> None:
    """Run Chalice in the checkout. Raises Problem with the end of its output where it fails."""
    variables = {"AWS_DEFAULT_REGION": LOCAL_REGION, **os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        output = (done.stdout + done.stderr).strip()
        hint = ""
        if "Could not install dependencies" in output or "Could not find a version" in output:
            hint = "\n(Chalice downloads the functions' libraries with pip: is there a network?)"
        raise Problem(f"`{' '.join(command[1:])}` failed:\n{output[-3000:]}{hint}")


def slim(archive: Path, compression: int) -> None:
    """Leave out of the deployment zip what no function reads, and compile the rest.

    The local cloud unpacks it for each execution environment, which takes twice as long from a compressed one.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        for data in (folder / "botocore" / "data").iterdir():
            if data.is_dir() and data.name not in SERVICES:
                shutil.rmtree(data)
        for unused in UNUSED:
            shutil.rmtree(folder / unused)
        compileall.compile_dir(
            folder,
            quiet=2,
            workers=0,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            stripdir=name,
        )
        _zip(folder, archive, compression)


def _zip(folder: Path, archive: Path, compression: int) -> None:
    with zipfile.ZipFile(archive, "w", compression) as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), FIXED_TIME)
                entry.compress_type = compression
                entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
                made.writestr(entry, path.read_bytes())


def main() -> None:
    name = sys.argv[1]
    try:
        stage = stages.load(name)
    except stages.StageError as error:
        raise Problem(str(error)) from error
    with step(f"packaging the stage {name}"):
        folder = package(stage)
    size = (folder / "deployment.zip").stat().st_size / 1e6
    say(f"  {folder.relative_to(ROOT)}/sam.json and deployment.zip ({size:.1f} MB)")


if __name__ == "__main__":
    main_of(main)
