"""The libraries of the functions, for the Python and the processor of the functions, on whatever they are packaged.

pip takes options to choose wheels for another Python and processor. But it evaluates the markers in a list of
requirements for the Python that runs pip (https://github.com/pypa/pip/issues/11664), so this module evaluates them.
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
CACHE_FOLDER = ROOT / "build" / "libraries"
"""The folder that keeps libraries from one packaging to the next."""

_CALLED = "cloudwatch dynamodb lambda s3 secretsmanager sesv2 sns sqs stepfunctions"
SERVICES = frozenset({*_CALLED.split(), "sso", "sso-oidc", "sts"})
"""The services that functions call, and those through which botocore finds credentials."""

UNUSED = (
    *("bin", "*.dist-info/RECORD", "*.dist-info/sboms"),
    *("cffi", "pycparser", "dns", "botocore/data/*/*/examples-1.json"),
    *("dateutil/zoneinfo", "dateutil/rrule.py", "dateutil/easter.py", "dateutil/tzwin.py", "dateutil/tz/win.py"),
    *("fido2/client", "fido2/ctap*", "fido2/hid", "fido2/pcsc.py", "fido2/payment.py"),
    *(f"asn1crypto/{module}.py" for module in ("cms", "crl", "csr", "ocsp", "pdf", "pkcs12", "tsp")),
    *("pydantic/v1", "pydantic/mypy.py", "pydantic/experimental"),
)
"""Programs, lists of what is in a package, and unused parts of libraries: what compiles cffi's modules,
email-validator's look-ups in DNS, botocore's examples, dateutil's time zones and recurrences, the side of passkeys that
authenticators and browsers have, formats of certificates that SCRAM does not meet, pydantic as it was and as it may be.
The cloud tests run every function without them."""


def libraries(runtime: Runtime) -> Path:
    """The folder of all libraries that functions on `runtime` need, without unused files; where this computer has a
    Python of that version, as byte code alone.

    Raises Problem where pip cannot get them.
    """
    needed = requirements(REQUIREMENTS.read_text("utf-8"), runtime)
    key_parts = [
        needed,
        *options(runtime),
        *sorted(SERVICES),
        *UNUSED,
        f"compiled {bool(interpreter(runtime.python))}",
    ]
    key = hashlib.sha256("\n".join(key_parts).encode()).hexdigest()
    cached = CACHE_FOLDER / f"{runtime.name}-{runtime.architecture}-{key[:16]}"
    if not cached.exists():
        CACHE_FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE_FOLDER) as name:
            installed = Path(name) / "libraries"
            install(needed, runtime, installed)
            _slim(installed)
            compile_for(runtime, installed, alone=True)
            if not cached.exists():
                installed.rename(cached)
    return cached


def requirements(text: str, runtime: Runtime) -> str:
    """The pinned requirements of `text` that hold for `runtime`, each with its hashes and without its marker."""
    selected = []
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines():
        pinned, *hashes = (part.strip() for part in re.split(r"\s(?=--hash=)", line.strip()))
        if not pinned:
            continue
        requirement = Requirement(pinned)
        if requirement.marker is None or requirement.marker.evaluate(runtime.markers):
            selected.append(" ".join([f"{requirement.name}{requirement.specifier}", *hashes]))
    return "\n".join(selected) + "\n"


def options(runtime: Runtime) -> list[str]:
    """The options that make pip install for `runtime`: only wheels, each checked by its hash, and only listed ones."""
    platforms = [option for platform in runtime.platforms for option in ("--platform", platform)]
    return [
        *("--only-binary=:all:", "--no-deps", "--require-hashes", "--no-compile"),
        *("--implementation", "cp", "--python-version", runtime.python, "--abi", runtime.abi),
        *platforms,
    ]


def install(needed: str, runtime: Runtime, folder: Path) -> None:
    """Unpack the wheels of these requirements into `folder`. Raises Problem where pip finds no wheel."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write(needed)
        listed.flush()
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        command = [*pip, *options(runtime), "--target", str(folder), "-r", listed.name]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise Problem(
            f"pip has no libraries for {runtime.name} on {runtime.architecture}:\n{process.stderr.strip()[-3000:]}\n"
            "(They are downloaded from PyPI: is there a network?)"
        )


def _slim(folder: Path) -> None:
    for data in (folder / "botocore" / "data").iterdir():
        if data.is_dir() and data.name not in SERVICES:
            shutil.rmtree(data)
    for unused in (path for pattern in UNUSED for path in folder.glob(pattern)):
        if unused.is_dir():
            shutil.rmtree(unused)
        else:
            unused.unlink()
