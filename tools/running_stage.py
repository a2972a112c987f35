"""What `./rollcall` reads of the stage that `make run` serves: where it is, and its administrator.

The file is for whoever ran `make run` alone (mode 0600). With `KEEP=1` it outlives the stage, because the password is
known at the first start only.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = "stage.json"


def write(folder: Path, *, api: str, mailbox: str, administrator: str, password: str) -> None:
    """Write where the stage is. An empty `password` is that of an earlier start."""
    path = folder / FILE
    kept = json.loads(path.read_text("utf-8"))["password"] if not password and path.exists() else password
    document = {"api": api, "mailbox": mailbox, "administrator": administrator, "password": kept}
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(
        os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(document, file)
    unfinished.replace(path)
