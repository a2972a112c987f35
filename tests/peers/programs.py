"""Programs of others that tests talk to: they are told what to do as JSON, and say a line of JSON at a time."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LINE_SECONDS = 120
"""How long a program may take for a line, on a busy machine. Then it is ended, and the test with it."""

END_SECONDS = 5
"""How long who is killed may still be read, where a child of theirs holds on."""

START_SECONDS = 60
"""How long a server may take until it listens."""


class Program:
    """A running program. What it complains of is in the error of a test that waits for its next line in vain."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._complaints: list[str] = []
        self._reader = threading.Thread(target=self._read_complaints, daemon=True)
        self._reader.start()

    def hear(self) -> dict[str, Any]:
        """The next line that it says, as JSON."""
        said: dict[str, Any] = json.loads(self.read())
        return said

    def read(self) -> str:
        """The next line that it says."""
        watch = threading.Timer(LINE_SECONDS, self._process.kill)
        watch.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            self._process.wait(LINE_SECONDS)
            self._reader.join(LINE_SECONDS)
            raise AssertionError("".join(self._complaints)[-3000:] or "it ended without a word")
        return line

    def tell(self, line: str = "") -> None:
        """Tell it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def read_to_the_end(self) -> None:
        """Wait for what it still complains of, once it is killed: what it says is closed then."""
        self._reader.join(END_SECONDS)

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        self._complaints.extend(self._process.stderr)


@contextmanager
def running(command: Sequence[str | Path], told: Any = None, **environment: str | Path) -> Iterator[Program]:
    """A program that runs for the block, with `told` as its last argument."""
    words = [*command, *([] if told is None else [json.dumps(told)])]
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with subprocess.Popen(
        words,
        env={**kept, **{name: str(value) for name, value in environment.items()}},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        program = Program(process)
        try:
            yield program
        finally:
            process.kill()
            program.read_to_the_end()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(command: Sequence[str | Path], port: int, **environment: str) -> Iterator[str]:
    """The URL of a program that serves at a port, once it does."""
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    with running(command, **environment):
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    break
            except OSError:
                time.sleep(0.1)
        yield url
