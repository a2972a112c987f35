"""The libraries of the functions, for the Python and the processor that they run on, whatever packages them.

pip chooses wheels for another Python and processor when it is told of them, but reads markers in a list of requirements
for the Python that runs it (https://github.com/pypa/pip/issues/11664); so these are read here.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from infra.stage import ROOT
from tools.bytecode import compile_for, interpreter
from tools.console import Problem

if TYPE_CHECKING:
    from infra.runtime import Runtime

REQUIREMENTS = ROOT / "requirements.txt"
KEPT = ROOT / "build" / "libraries"
"""Where they are kept from one packaging to the next."""

SERVICES = frozenset(
    {"dynamodb", "kms", "s3", "secretsmanager", "sesv2", "sns", "sqs", "sso", "sso-oidc", "stepfunctions", "sts"}
)
"""The services that functions call, and those through which botocore finds credentials."""

UNUSED = ("bin", "boto3/examples", "dns", "pycparser")
"""Programs, and parts of libraries that are used, but not these: email-validator's look-ups in DNS, and what cffi
compiles with. The cloud tests run every function without them."""


def libraries(runtime: Runtime) -> Path:
    """The folder of all libraries that functions on `runtime` need, without what none of them reads, and compiled
    where this machine has a Python that can.

    Raises Problem where pip cannot get them.
    """
    needed = requirements(REQUIREMENTS.read_text("utf-8"), runtime)
    made_of = [needed, *options(runtime), *sorted(SERVICES), *UNUSED, str(bool(interpreter(runtime.python)))]
    key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
    kept = KEPT / f"{runtime.name}-{runtime.architecture}-{key[:16]}"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as name:
            made = Path(name) / "libraries"
            install(needed, runtime, made)
            _slim(made)
            compile_for(runtime, made)
            if not kept.exists():
                made.rename(kept)
    return kept


def requirements(text: str, runtime: Runtime) -> str:
    """The pinned requirements of `text` that hold for `runtime`, each with its hashes and without its marker."""
    found = []
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines():
        pinned, *hashes = (part.strip() for part in re.split(r"\s(?=--hash=)", line.strip()))
        if not pinned:
            continue
        requirement = Requirement(pinned)
        if requirement.marker is None or requirement.marker.evaluate(runtime.markers):
            found.append(" ".join([f"{requirement.name}{requirement.specifier}", *hashes]))
    return "\n".join(found) + "\n"


def options(runtime: Runtime) -> list[str]:
    """What makes any pip install for `runtime`: wheels only, each by its hash, and nothing that is not listed."""
    platforms = [option for platform in runtime.platforms for option in ("--platform", platform)]
    return [
        *("--only-binary=:all:", "--no-deps", "--require-hashes", "--no-compile"),
        *("--implementation", "cp", "--python-version", runtime.python, "--abi", runtime.abi),
        *platforms,
    ]


def install(needed: str, runtime: Runtime, folder: Path) -> None:
    """Unpack the wheels of these requirements into `folder`. Raises Problem where there are none."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write(needed)
        listed.flush()
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        command = [*pip, *options(runtime), "--target", str(folder), "-r", listed.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(
            f"pip has no libraries for {runtime.name} on {runtime.architecture}:\n{done.stderr.strip()[-3000:]}\n"
            "(They are downloaded from PyPI: is there a network?)"
        )


def _slim(folder: Path) -> None:
    for data in (folder / "botocore" / "data").iterdir():
        if data.is_dir() and data.name not in SERVICES:
            shutil.rmtree(data)
    for unused in UNUSED:
        shutil.rmtree(folder / unused, ignore_errors=True)
