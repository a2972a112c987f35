"""The processes of a local cloud: which are functions, how much memory each has had, and whether any is at work."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_SECONDS = 0.5
QUIET_SECONDS = 4.0
QUIET_SHARE = 0.05
"""Of one core, over that time: a cloud with nothing to do looks for messages now and then."""
MOST_SECONDS = 3600


class Processes:
    """Those of a process group, looked at all the while: functions are told by their environment."""

    def __init__(self, group: int) -> None:
        self._group = group
        self._peaks: dict[tuple[str, int], float] = {}
        self._idle: dict[str, float] = {}
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> Processes:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._looking.join()

    def wait_until_quiet(self) -> None:
        """Return when none of them is at work."""
        started = time.monotonic()
        while time.monotonic() - started < MOST_SECONDS:
            before, since = self._busy(), time.monotonic()
            time.sleep(QUIET_SECONDS)
            if self._busy() - before < QUIET_SHARE * (time.monotonic() - since):
                return
        raise TimeoutError("the local cloud is at work still")

    def remember_idle(self) -> None:
        """Take what each function has now for what it has when it does nothing."""
        for pid in of_group(self._group):
            name = _function(pid)
            if name:
                self._idle[name] = min(self._idle.get(name, float("inf")), _megabytes(pid, "VmRSS"))

    def grown(self) -> dict[str, float]:
        """By function, MB of the most that one of its processes had above what it has idle."""
        peaks: dict[str, float] = {}
        for (name, _), peak in self._peaks.items():
            peaks[name] = max(peak, peaks.get(name, 0.0))
        return {name: peaks[name] - idle for name, idle in self._idle.items() if name in peaks}

    def _look(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            for pid in of_group(self._group):
                name = _function(pid)
                if name:
                    self._peaks[name, pid] = max(_megabytes(pid, "VmHWM"), self._peaks.get((name, pid), 0.0))

    def _busy(self) -> float:
        """Seconds of CPU that all of them have had."""
        ticks = 0
        for pid in of_group(self._group):
            stat = _read(pid, "stat").rpartition(")")[2].split()
            ticks += int(stat[11]) + int(stat[12]) if stat else 0
        return ticks / os.sysconf("SC_CLK_TCK")


def of_group(group: int) -> Iterator[int]:
    """The processes that a process group has now."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            stat = _read(int(entry.name), "stat").rpartition(")")[2].split()
            if stat and int(stat[2]) == group:
                yield int(entry.name)


def _function(pid: int) -> str:
    """The function that a process runs, or nothing."""
    for variable in _read(pid, "environ").split("\0"):
        name, _, value = variable.partition("=")
        if name == "AWS_LAMBDA_FUNCTION_NAME":
            return value
    return ""


def _megabytes(pid: int, field: str) -> float:
    for line in _read(pid, "status").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(pid: int, name: str) -> str:
    """A file of `/proc`, or nothing where the process has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text("utf-8", "replace")
    except OSError:
        return ""
