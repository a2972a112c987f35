"""Benchmarks that check what they measure, on little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("command", [("trial", "--rows", "9000"), ("sweep", "--changes", "1000")])
def test_what_is_measured_is_right(command: tuple[str, ...]) -> None:
    # In a process of its own, as it is started by hand.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *command],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
