"""pip itself, of every Python that this machine has, picks the wheels of the runtime out of an index of all of them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile

import pytest

from infra.runtime import GLIBC, PROCESSORS, of_settings
from tools.libraries import options, requirements

pytestmark = pytest.mark.slow

RUNTIMES = [
    of_settings({"RUNTIME": f"python{python}", "ARCHITECTURE": architecture})
    for python in GLIBC
    for architecture in PROCESSORS
]

PYTHONS = ["python3.11", "python3.12", "python3.13", "python3.14"]


def has_pip(python):
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """A folder with a package for each Python and processor, on an old and a too new glibc, and one for stable ABI."""
    folder = tmp_path_factory.mktemp("index")
    for machine in PROCESSORS.values():
        for python in GLIBC:
            tag = "cp" + python.replace(".", "")
            for platform in (f"manylinux2014_{machine}", f"manylinux_2_26_{machine}", f"manylinux_2_39_{machine}"):
                wheel(folder, "native", f"{tag}-{tag}-{platform}")
            wheel(folder, "native", f"{tag}-{tag}t-manylinux2014_{machine}")
            wheel(folder, "native", f"{tag}-{tag}-musllinux_1_2_{machine}")
        wheel(folder, "stable", f"cp39-abi3-manylinux_2_17_{machine}")
        wheel(folder, "stable", f"cp315-abi3-manylinux_2_17_{machine}")
    wheel(folder, "pure", "py3-none-any")
    wheel(folder, "older", "py3-none-any")
    return folder


def wheel(folder, name, tags):
    """An empty wheel that says of itself what it is for."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.tags": tags,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n",
    }
    record = "".join(f"{place},,\n" for place in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-1.0-{tags}.whl", "w") as made:
        for place, content in {**files, f"{info}/RECORD": record}.items():
            made.writestr(place, content)


def listed(folder):
    """The list of requirements as `make lock` writes it, with a package that only older Pythons need."""
    lines = []
    for name, marker in {"native": "", "stable": "", "pure": "", "older": " ; python_version < '3.13'"}.items():
        hashes = [hashlib.sha256(found.read_bytes()).hexdigest() for found in sorted(folder.glob(f"{name}-*"))]
        lines.append(" \\\n    ".join([f"{name}==1.0{marker}", *(f"--hash=sha256:{digest}" for digest in hashes)]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("python", PYTHONS)
def test_the_wheels_are_those_of_the_runtime_whatever_packages(python, index, tmp_path):
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packager = sys.executable if python == here else shutil.which(python)
    if packager is None or not has_pip(packager):
        pytest.skip(f"this machine has no {python} with pip")
    for runtime in RUNTIMES:
        target = tmp_path / f"{runtime.name}-{runtime.architecture}"
        assert chosen(packager, index, runtime, target) == expected(runtime)


def chosen(packager, index, runtime, target):
    """What pip of that Python unpacks for the runtime, as packages say it of themselves."""
    wanted = index / f"{runtime.abi}-{runtime.processor}.txt"
    wanted.write_text(requirements(listed(index), runtime))
    pip = [packager, "-m", "pip", "--isolated", "install", "--quiet", "--no-index", "--find-links", str(index)]
    command = [*pip, *options(runtime), "--target", str(target), "-r", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {found.stem: found.read_text() for found in target.glob("*.tags")}


def expected(runtime):
    """The newest glibc that the runtime has: 2.26 there is in each."""
    tags = {
        "native": f"{runtime.abi}-{runtime.abi}-manylinux_2_26_{runtime.processor}",
        "stable": f"cp39-abi3-manylinux_2_17_{runtime.processor}",
        "pure": "py3-none-any",
    }
    return tags | ({"older": "py3-none-any"} if runtime.python in {"3.11", "3.12"} else {})
