"""What a peer is for the benchmark: how it is installed and started, and how it is asked the same three things."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection
from typing import TYPE_CHECKING, ClassVar

from benchmarks.peers.load import ask
from chalicelib.core.settings import Settings
from tests.peers import installing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.peers.load import Call, Reply

APPS = Path(__file__).parent / "apps"
START_SECONDS = 60
STOP_SECONDS = 5

PASSWORD = "seven quiet lanterns by the harbour"
SECRET = "0123456789abcdef0123456789abcdef-only-for-benchmarks"

HASHING = {
    name.upper(): str(getattr(Settings, name)) for name in ("argon2_memory_kib", "argon2_passes", "argon2_lanes")
}
"""The cost of Argon2id: what Rollcall hashes with by default, given to every peer that lets it be chosen."""


class Unable(Exception):
    """A peer cannot take part here; the message says why."""


@dataclass(frozen=True)
class Person:
    """Somebody who registers and signs in."""

    number: int

    @property
    def email(self) -> str:
        return f"person-{self.number}@maths.example"


@dataclass(frozen=True)
class Server:
    """A running one: its port of loopback, and the group of its processes."""

    port: int
    group: int


class Peer(ABC):
    """One system that people sign up with and sign in to."""

    name: ClassVar[str]

    def install(self) -> None:
        """Install it once, into an environment of its own. Raises Unable."""
        return

    @abstractmethod
    def serving(self, port: int, folder: Path) -> AbstractContextManager[Server]:
        """The server, in one process as it comes, with an empty database in `folder`. Raises Unable."""

    @abstractmethod
    def register(self, person: Person) -> Call: ...

    @abstractmethod
    def sign_in(self, person: Person) -> Call: ...

    @abstractmethod
    def me(self, person: Person, signed_in: Reply) -> Call: ...

    def filled(self) -> None:
        """Called once people are there who are signed in, before anything is measured."""
        return


def running(
    command: Sequence[str | Path], port: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server until the generator is closed: in a group of its own, with no more of our environment than it
    needs. Raises Unable where it does not listen in time."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                end = log.read_text("utf-8", "replace").strip()[-600:]
                raise Unable(f"the server does not come up; its log ends with: {end}")
            time.sleep(0.1)
        yield Server(port, process.pid)
    finally:
        _stop(process)


def _listens(port: int) -> bool:
    with suppress(OSError), create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


class Installed(Peer):
    """A peer whose app and lock are in `apps/`, run where its lock is installed."""

    folder: ClassVar[str]
    lock: ClassVar[str]
    commands: ClassVar[tuple[tuple[str, ...], ...]]
    """Install what the lock says; each runs in `self.place`, beside copies of the app's files."""
    program: ClassVar[tuple[str, ...]]
    """The server's command line; its first part is found from `self.place`, where it is a path."""

    @property
    def app(self) -> Path:
        return APPS / self.folder

    @property
    def place(self) -> Path:
        return installing.folder_of(self.folder, self.app / self.lock)

    def install(self) -> None:
        files = sorted(path for path in self.app.iterdir() if path.is_file() and path.name != self.lock)
        if why := installing.install(self.folder, self.app / self.lock, files, *self.commands):
            raise Unable(why)

    @contextmanager
    def serving(self, port: int, folder: Path) -> Iterator[Server]:
        first, *rest = (
            part.format(port=port, app=self.app, data=folder, place=self.place) for part in self.program
        )
        environment = {
            **HASHING,
            **self.environment(),
            "SECRET": SECRET,
            "PORT": str(port),
            "DATABASE": str(folder / "people.sqlite3"),
        }
        yield from running((first, *rest), port, folder, environment)

    def environment(self) -> Mapping[str, str]:
        """What its process needs beyond what every peer is given."""
        return {}


PYTHON_ENVIRONMENT = (
    (sys.executable, "-m", "venv", "env"),
    *(
        (
            "env/bin/pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--disable-pip-version-check",
            "-r",
            "requirements.txt",
        ),
    ),
)
"""How an app in Python is installed: by the Python that runs Rollcall here."""


def pinned(lock: str) -> dict[str, str]:
    """The versions that a list of requirements names, by package."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", lock, flags=re.MULTILINE))


def first(server: Server, call: Call) -> Reply:
    """The reply to a call outside of what is measured. Raises Unable where it is not right."""
    try:
        return ask(server.port, call)
    except (OSError, EOFError, TimeoutError, RuntimeError) as problem:
        raise Unable(f"it does not answer as it should: {problem}") from problem
