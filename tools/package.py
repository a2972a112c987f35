"""`make package STAGE=…`: one self-contained template and one zip, in `build/<stage>/`.

Chalice makes the template. This module makes the zip: Chalice would take complete libraries for the Python that runs
it, without byte code. Here the libraries are for the stage's runtime, without unused files, all of the code is byte
code, and the routes are listed, so that each is loaded when it is called.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import chalice

from chalicelib.core.http.blueprints import TABLE
from infra import render, starting
from infra import stage as stages
from infra.stage import ROOT, Stage
from tools import bytecode, chalice_for
from tools.console import Problem, main_of, say, step
from tools.libraries import libraries

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip. So the same sources make the same zip, and a second deployment changes nothing."""

INDENT = 1
"""Of the template, which may be uploaded as it is and counts with its spaces: with two of them, one that has all that
can be turned on comes near the 1 MB that CloudFormation takes.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


def package(stage: Stage) -> Path:
    """Package a stage into `build/<stage>/`, and return that folder. Raises Problem where pip or Chalice fails."""
    folder = ROOT / "build" / stage.name
    shutil.rmtree(folder, ignore_errors=True)
    merge = render.render(stage)
    with tempfile.TemporaryDirectory() as name:
        archive = bundle(stage, Path(name) / "functions.zip")
        chalice_for.run(stage, "package", "--merge-template", str(merge), str(folder), archive=archive)
    text = json.dumps(starting.at_alias(template_of(folder)), indent=INDENT)
    (folder / "sam.json").write_text(text, "utf-8")
    return folder


def template_of(folder: Path) -> dict[str, Any]:
    """The packaged template."""
    template: dict[str, Any] = json.loads((folder / "sam.json").read_text("utf-8"))
    return template


def bundle(stage: Stage, archive: Path) -> Path:
    """Write the zip that all functions of a stage share, and return its path. Raises Problem where pip fails,
    or the app does not load.

    It is not compressed for the local cloud, to which it does not have far to go: compressing it takes longer.
    """
    if not bytecode.interpreter(stage.runtime.python):
        say(f"  (without byte code, so functions start slower: there is no {stage.runtime.name} on the PATH)")
    with tempfile.TemporaryDirectory() as name:
        app_folder = Path(name)
        for path_in_zip, source in _app_files():
            (app_folder / path_in_zip).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, app_folder / path_in_zip)
        _write_route_table(app_folder / TABLE.relative_to(ROOT))
        bytecode.compile_for(stage.runtime, app_folder, alone=True)
        files = {
            str(path.relative_to(folder)): path
            for folder in (libraries(stage.runtime), app_folder)
            for path in folder.rglob("*")
            if path.is_file()
        }
        compression = zipfile.ZIP_STORED if stage.emulated else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(archive, "w", compression) as zip_file:
            for path_in_zip, path in sorted(files.items()):
                entry = zipfile.ZipInfo(path_in_zip, FIXED_TIME)
                entry.compress_type = compression
                entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
                zip_file.writestr(entry, path.read_bytes())
    return archive


def _write_route_table(path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tools.route_table", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise Problem(f"the app does not load:\n{process.stderr.strip()[-3000:]}")


def _app_files() -> Iterator[tuple[str, Path]]:
    """The files that Chalice puts beside the libraries, each after its path in the zip: two modules of Chalice that a
    function needs, the app, and what a stage adds in `vendor/`."""
    chalice_folder = Path(chalice.__file__).parent
    yield from ((f"chalice/{name}", chalice_folder / name) for name in ("__init__.py", "app.py"))
    yield "app.py", ROOT / "app.py"
    for folder, folder_in_zip in ((ROOT / "chalicelib", "chalicelib/"), (ROOT / "vendor", "")):
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{folder_in_zip}{path.relative_to(folder)}", path


def main() -> None:
    name = sys.argv[1]
    try:
        stage = stages.load(name)
    except stages.StageError as error:
        raise Problem(str(error)) from error
    with step(f"packaging the stage {name} for {stage.runtime.name} on {stage.runtime.architecture}"):
        folder = package(stage)
    size = (folder / "deployment.zip").stat().st_size / 1e6
    say(f"  {folder.relative_to(ROOT)}/sam.json and deployment.zip ({size:.1f} MB)")


if __name__ == "__main__":
    main_of(main)
