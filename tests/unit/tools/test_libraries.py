"""Which libraries functions get: those for what they run on, and each by its hash."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from infra.runtime import GLIBC, PROCESSORS, of_settings
from tools.libraries import REQUIREMENTS, options, requirements

RUNTIMES = [
    of_settings({"RUNTIME": f"python{python}", "ARCHITECTURE": architecture})
    for python in GLIBC
    for architecture in PROCESSORS
]

LIST = """\
# What deploys.
always==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via -r requirements.in
older==2.0 ; python_full_version < '3.13' \\
    --hash=sha256:ba
newer==2.0 ; python_version >= '3.13' and platform_machine == 'aarch64' \\
    --hash=sha256:ca
native==3.0 ; implementation_name != 'PyPy' and sys_platform == 'linux' \\
    --hash=sha256:da
windows==4.0 ; sys_platform == 'win32' \\
    --hash=sha256:ea
extra[crypto]==5.0 --hash=sha256:fa
"""


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda found: f"{found.abi}-{found.processor}")
def test_markers_are_read_for_the_runtime_and_not_for_who_packages(runtime):
    names = [line.split("==")[0] for line in requirements(LIST, runtime).splitlines()]
    newer = runtime.python in {"3.13", "3.14"}
    expected = [
        "always",
        *([] if newer else ["older"]),
        *(["newer"] if newer and runtime.architecture == "arm64" else []),
        "native",
        "extra",
    ]
    assert names == expected


def test_every_hash_is_kept():
    assert requirements(LIST, RUNTIMES[0]).splitlines()[0] == "always==1.0 --hash=sha256:aa --hash=sha256:ab"


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda found: f"{found.abi}-{found.processor}")
def test_all_that_deploys_is_pinned_by_hash(runtime):
    lines = requirements(REQUIREMENTS.read_text("utf-8"), runtime).splitlines()
    assert {"botocore", "cryptography", "pydantic-core"} <= {line.split("==")[0] for line in lines}
    assert [
        line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+", line)
    ] == []


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda found: f"{found.abi}-{found.processor}")
def test_pip_is_left_no_choice(runtime):
    asked = options(runtime)
    assert {"--only-binary=:all:", "--no-deps", "--require-hashes"} <= set(asked)
    said = dict(pairwise(asked))
    assert (said["--python-version"], said["--abi"]) == (runtime.python, runtime.abi)
