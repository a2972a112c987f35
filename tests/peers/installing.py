"""What a peer needs, installed once for all processes from a committed lock, into a folder below `build/peers/`."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BUILD = Path(__file__).resolve().parents[2] / "build" / "peers"
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
INSTALL_SECONDS = 600
"""What is compiled from its source takes minutes on a busy machine."""


def folder_of(name: str, lock: Path) -> Path:
    """Where a peer is installed: another folder for another lock."""
    return BUILD / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"


def install(name: str, lock: Path, further: Sequence[Path], *commands: Sequence[str]) -> str:
    """Run the commands in the peer's folder beside copies of its files, once: why that fails, or nothing."""
    folder = folder_of(name, lock)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "installing").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if (folder / "ready").exists():
            return ""
        for path in (lock, *further):
            shutil.copy(path, folder / path.name)
        for command in commands:
            if why := _failure(command, folder):
                return f"{Path(command[0]).name} could not install {name}: {why}"
        (folder / "ready").touch()
        return ""


def _failure(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not within {INSTALL_SECONDS} seconds"
    if not done.returncode:
        return ""
    why = next((line for line in done.stderr.splitlines() if line.strip()), "it does not say why")
    return why.strip()[:200]
