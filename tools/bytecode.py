"""Byte code for the functions. Lambda's code folder is read-only, so without it every cold start compiles everything.

Each version of Python has a form of its own, so a Python of the functions' version has to make it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

from infra.stage import LOCAL_CLOUD

if TYPE_CHECKING:
    from pathlib import Path

    from infra.runtime import Runtime


@cache
def interpreter(python: str) -> str | None:
    """A Python of that version, as `3.13`: this one, the local cloud's, or `python3.13` on the PATH; None without."""
    # All of the PATH: a version manager's stand-in may come first, and fail.
    on_path = [f"{folder}/python{python}" for folder in os.get_exec_path()]
    candidates = (sys.executable, str(LOCAL_CLOUD / "bin" / "python"), *on_path)
    return next((found for found in candidates if _version(found) == python), None)


def compile_for(runtime: Runtime, folder: Path) -> bool:
    """Compile all of `folder`; False, with nothing done, where this machine has no Python of that version.

    The byte code says nothing of the time or place at which it was made, so the same sources give the same.
    """
    python = interpreter(runtime.python)
    if python is None:
        return False
    forms = ["--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    # 1: something does not compile, as files that libraries keep for another Python.
    subprocess.run([python, "-m", "compileall", "-qq", "-j", "0", *forms, str(folder)], check=False)
    return True


def _version(python: str) -> str:
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip()
