"""The tokens of a session, kept between two calls of the program.

One file for each stage, in `$XDG_CONFIG_HOME/rollcall`, which only its owner can read. It is replaced as a whole, and
changed by one process at a time: a refresh token is good once.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from rollcall_cli.exits import Failure
from rollcall_cli.http import private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EARLY_SECONDS = 10
"""How long before its end an access token counts as ended: a request is under way for a while."""


@dataclass(frozen=True)
class Tokens:
    """A session of a person at the API of this URL. They go to no other."""

    api: str
    email: str = ""
    access_token: str = ""
    refresh_token: str = ""
    expires_at: int = 0
    """Seconds since 1970."""
    device: str = ""
    """Says at the next sign-in that this device is no stranger's; lets nobody in."""

    @property
    def is_fresh(self) -> bool:
        return bool(self.access_token) and time.time() < self.expires_at - EARLY_SECONDS


class TokenFile:
    """The tokens of a stage."""

    def __init__(self, folder: Path, stage: str) -> None:
        self._path = folder / f"{stage}.json"

    def read(self) -> Tokens | None:
        """What is kept; None where nothing is. Raises Failure where others could have read or written it."""
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                document = json.load(file)
        except FileNotFoundError:
            return None
        except ValueError:
            return None
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise Failure(f"others may read {self._path}", f"remove it, and sign in again: rm {self._path}")
        names = {field.name for field in fields(Tokens)}
        return Tokens(**{name: value for name, value in document.items() if name in names})

    def write(self, tokens: Tokens) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._path.with_suffix(f".{os.getpid()}")
        with open(unfinished, "w", encoding="utf-8", opener=private) as file:
            json.dump(asdict(tokens), file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While the block runs, no other process of this account changes the tokens."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._path.with_suffix(".lock"), "a", encoding="utf-8", opener=private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def folder(environment: Mapping[str, str]) -> Path:
    """Where the program keeps what it keeps: https://specifications.freedesktop.org/basedir-spec/latest/"""
    base = environment.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):
        base = str(Path(environment.get("HOME") or Path.home()) / ".config")
    return Path(base) / "rollcall"
