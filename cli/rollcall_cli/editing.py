"""A text changed by the person in their editor."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Edit = Callable[[Path, Mapping[str, str]], None]


@contextmanager
def edited(before: str, name: str, edit: Edit, environment: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """What the person has made of a text, and the file of that name that it is in, of mode 0600. The file is gone
    afterwards, unless an error says that it cannot be read: then their work is kept."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-"))
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(before, "utf-8")
    edit(path, environment)
    yield path.read_text("utf-8"), path
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
