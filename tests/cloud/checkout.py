"""A copy of this checkout, so that what is packaged and rendered in it is nobody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from infra.stage import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 900


def copy_checkout(folder: Path) -> Path:
    """Copy what the tools need of this checkout into a folder, and return that."""
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    for source in ("chalicelib", "infra", "requirements", "tools"):
        shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
    if (libraries := ROOT / "build" / "libraries").exists():  # each is named by all that it is made of
        (folder / "build").mkdir()
        (folder / "build" / "libraries").symlink_to(libraries)
    (folder / ".chalice").mkdir()
    for name in ("config.json", "stages.json"):
        shutil.copy(ROOT / ".chalice" / name, folder / ".chalice")
    return folder


def run_tool(checkout: Path, tool: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m tools.<tool>` in a checkout, with no more of the environment than these variables."""
    return subprocess.run(
        [sys.executable, "-m", f"tools.{tool}", *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
