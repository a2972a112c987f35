"""`make package STAGE=…`: one self-contained template and one zip, in `build/<stage>/`.

Chalice makes both; then the zip is slimmed: botocore's descriptions of services that nothing here calls are left out
(more than half of its size), and byte code is put in, because Lambda's code folder is read-only and every cold start
would compile everything anew.
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

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The same sources make the same zip, so that a second deployment changes nothing."""


def package(stage: Stage) -> Path:
    """Package a stage into `build/<stage>/`, and return that folder. Raises Problem where Chalice fails."""
    folder = ROOT / "build" / stage.name
    shutil.rmtree(folder, ignore_errors=True)
    merge = render.render(stage)
    command = [chalice(), "package", "--stage", stage.name, "--merge-template", str(merge), str(folder)]
    run_chalice(command)
    slim(folder / "deployment.zip")
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


def slim(archive: Path) -> None:
    """Leave out of the deployment zip what no function reads, and compile the rest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        for data in (folder / "botocore" / "data").iterdir():
            if data.is_dir() and data.name not in SERVICES:
                shutil.rmtree(data)
        shutil.rmtree(folder / "boto3" / "examples", ignore_errors=True)
        compileall.compile_dir(
            folder,
            quiet=2,
            workers=0,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            stripdir=name,
        )
        _zip(folder, archive)


def _zip(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), FIXED_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
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
