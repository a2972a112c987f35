"""Run as a program in the environment of the local cloud: MiniStack, with two changes.

Its execution environments share one unpacked copy of each package. By itself it writes and unpacks a function's package
(50 MB of ours) for each of them anew: a second of every cold start, and gigabytes that take longer to remove than most
tests take. Lambda's code folder is read-only, so no function can miss one of its own.

And it gives them the credentials of their roles one at a time. By itself it looks through all credentials for those
that have expired while others are added: where two environments began at once, an invocation could fail.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

_UNPACKING = threading.Lock()


class SharedZip(zipfile.ZipFile):
    """A package whose content is unpacked once for all who want it, and linked into each one's folder."""

    def extractall(self, path: Any, *_: Any) -> None:  # type: ignore[override]
        """Link all that is in the package into the folder `path`, and remove the package, which nobody reads again."""
        for entry in self._unpacked().iterdir():
            (Path(path) / entry.name).symlink_to(entry)
        Path(str(self.filename)).unlink()

    def _unpacked(self) -> Path:
        content = [(member.filename, member.CRC, member.file_size) for member in self.infolist()]
        packages = Path(tempfile.gettempdir()) / "packages"
        folder = packages / hashlib.sha256(repr(content).encode()).hexdigest()
        with _UNPACKING:
            if not folder.exists():
                packages.mkdir(exist_ok=True)
                unfinished = Path(tempfile.mkdtemp(dir=packages))
                super().extractall(unfinished)
                unfinished.rename(folder)
        return folder


def one_at_a_time(function: Callable[P, R]) -> Callable[P, R]:
    """The function, for which each thread waits until no other is in it."""
    lock = threading.Lock()

    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with lock:
            return function(*args, **kwargs)

    return alone


def main() -> None:
    from ministack import app  # type: ignore[import-not-found]
    from ministack.core import lambda_runtime  # type: ignore[import-not-found]
    from ministack.services import sts  # type: ignore[import-not-found]

    sts.register_session = one_at_a_time(sts.register_session)
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": SharedZip})
    sys.exit(app.main())


if __name__ == "__main__":
    main()
