"""Byte code for the functions. Lambda's code folder is read-only, so without byte code every cold start compiles all
sources.

Each version of Python has its own format of byte code, so a Python of the functions' version has to compile it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from infra.stage import LOCAL_CLOUD

if TYPE_CHECKING:
    from infra.runtime import Runtime


@cache
def interpreter(python: str) -> str | None:
    """The path of a Python of a version such as `3.13`: the running one, the local cloud's, `python3.13` on the PATH,
    or pyenv's; None where there is none."""
    # All of the PATH is tried: a version manager's wrapper may come first, and fail.
    on_path = [f"{folder}/python{python}" for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    of_pyenv = sorted(map(str, pyenv.glob(f"{python}.*/bin/python{python}")))
    candidates = (sys.executable, str(LOCAL_CLOUD / "bin" / "python"), *on_path, *of_pyenv)
    return next((candidate for candidate in candidates if _version(candidate) == python), None)


def compile_for(runtime: Runtime, folder: Path, *, alone: bool = False) -> bool:
    """Compile all of `folder`; False, with nothing done, where this computer has no Python of that version.

    The byte code holds neither time nor path of the compilation, so the same sources give the same byte code. With
    `alone` it takes the place of its sources, which Python imports as well and which is half the weight
    (https://peps.python.org/pep-3147/#case-4-legacy-pyc-files-and-source-less-imports).
    """
    python = interpreter(runtime.python)
    if python is None:
        return False
    forms = ["--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    # Exit status 1 means that a file does not compile, such as one that a library ships for another Python.
    subprocess.run(
        [python, "-m", "compileall", "-qq", "-j", "0", *(["-b"] if alone else []), *forms, str(folder)],
        check=False,
    )
    if alone:
        for compiled in folder.rglob("*.pyc"):
            compiled.with_suffix(".py").unlink(missing_ok=True)
    return True


def _version(python: str) -> str:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        process = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return process.stdout.strip()
