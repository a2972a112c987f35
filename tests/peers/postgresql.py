"""A PostgreSQL of this machine, empty, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("initdb", "pg_ctl", "psql")
RUN_SECONDS = 120
UNPRIVILEGED = "nobody"
"""Who it runs as where root runs the tests: it refuses to run as root."""


def missing() -> str:
    """Why this machine cannot have one; empty where it can."""
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    return f"{', '.join(absent)} of PostgreSQL not installed" if absent else ""


class Database:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, *options: str, given: bytes = b"") -> str:
        """What psql prints: rows alone, of columns with `|` between them. It stops at the first error."""
        command = ("psql", "-XqAt", "-h", str(self._folder), "-U", "postgres", "-v", "ON_ERROR_STOP=1", *options)
        done = subprocess.run(command, input=given, capture_output=True, timeout=RUN_SECONDS, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


@contextmanager
def running() -> Iterator[Database]:
    """One that listens on a socket alone, in a folder that goes with it."""
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        data = str(folder / "data")

        def run(*command: str) -> None:
            subprocess.run(
                command,
                cwd=folder,
                user=user,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=RUN_SECONDS,
                check=True,
            )

        run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -h '' -F", "start")
        try:
            yield Database(folder)
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
