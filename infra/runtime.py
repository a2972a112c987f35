"""The Python and the processor that a stage's functions run on: the stage's own choice, whatever packages them."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_PYTHON = "3.13"
"""Its Lambda runtime is maintained until mid-2029, that of 3.11 until mid-2027:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

DEFAULT_ARCHITECTURE = "x86_64"
"""The processor that most build machines have too, so that what is packaged can be tried there. `arm64` is a fifth
cheaper by the millisecond: https://aws.amazon.com/lambda/pricing/"""

GLIBC = {"3.11": 26, "3.12": 34, "3.13": 34, "3.14": 34}
"""The minor version of glibc 2 under each Python of Lambda: Amazon Linux 2 has 2.26, Amazon Linux 2023 has 2.34
(https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html)."""

OLDEST_GLIBC = 17
"""That of manylinux2014 (https://peps.python.org/pep-0599/). pip takes older wheels by that name too."""

PROCESSORS = {"x86_64": "x86_64", "arm64": "aarch64"}
"""What wheels, ELF files and `uname` call the processors that Lambda has."""


@dataclass(frozen=True)
class Runtime:
    """One runtime of Lambda."""

    python: str
    """As `3.13`."""
    architecture: str
    """As Lambda says it: `x86_64` or `arm64`."""
    glibc: int
    """Wheels may ask for glibc 2 of this minor version, or an older one."""

    @property
    def name(self) -> str:
        """As Lambda says it: `python3.13`."""
        return f"python{self.python}"

    @property
    def abi(self) -> str:
        """As wheels say it: `cp313`."""
        return "cp" + self.python.replace(".", "")

    @property
    def processor(self) -> str:
        """The processor as wheels say it."""
        return PROCESSORS[self.architecture]

    @property
    def platforms(self) -> list[str]:
        """The platforms of wheels that run there, best first (https://peps.python.org/pep-0600/)."""
        newer = [f"manylinux_2_{minor}_{self.processor}" for minor in range(self.glibc, OLDEST_GLIBC - 1, -1)]
        return [*newer, f"manylinux2014_{self.processor}"]

    @property
    def markers(self) -> dict[str, str]:
        """The environment in which a list of requirements is read for it
        (https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.processor,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }


def of_settings(settings: dict[str, str]) -> Runtime:
    """The runtime that `RUNTIME` and `ARCHITECTURE` name. Raises ValueError for one that there is not."""
    name = settings.get("RUNTIME", f"python{DEFAULT_PYTHON}")
    architecture = settings.get("ARCHITECTURE", DEFAULT_ARCHITECTURE)
    python = name.removeprefix("python")
    if python not in GLIBC or name == python:
        raise ValueError(f"RUNTIME is one of {', '.join(f'python{version}' for version in GLIBC)}, not {name!r}")
    if architecture not in PROCESSORS:
        raise ValueError(f"ARCHITECTURE is one of {', '.join(PROCESSORS)}, not {architecture!r}")
    return Runtime(python, architecture, GLIBC[python])


def of_local_cloud(environment: Path) -> Runtime:
    """The runtime of the local cloud: it runs functions with its own Python, that of `environment`, on this machine."""
    python = ".".join(map(str, sys.version_info[:2]))
    file = environment / "pyvenv.cfg"
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            python = ".".join(value.strip().split(".")[:2])
    processor = platform.machine()
    architecture = next(
        (name for name, wheel_name in PROCESSORS.items() if processor in {name, wheel_name}), processor
    )
    glibc = (os.confstr("CS_GNU_LIBC_VERSION") or "glibc 2.17").rpartition(".")[2]
    return Runtime(python, architecture, int(glibc))
