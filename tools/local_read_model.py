"""The read model's PostgreSQL of `make run READ_MODEL=postgres`: beside the local cloud, in the same folder."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.core.names import READ_MODEL_SECRET
from tools import cloud, postgresql
from tools.console import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.stage import Stage
    from tools.postgresql import Server


def require(folder: Path) -> None:
    """Raises Problem where this machine has no PostgreSQL, or cannot run one in that folder."""
    if why := postgresql.missing():
        raise Problem(f"READ_MODEL=postgres: {why}")
    closed = [path for path in folder.parents if path.exists() and not path.stat().st_mode & stat.S_IXOTH]
    if os.geteuid() == 0 and closed:
        raise Problem(
            f"READ_MODEL=postgres: PostgreSQL does not run as root, and {postgresql.UNPRIVILEGED} cannot reach"
            f" {closed[-1]}: run this as another user, or in a checkout elsewhere"
        )


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """One that runs while the block does. What is in its folder is kept, and taken again the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    server = postgresql.make(folder)
    try:
        yield server
    finally:
        server.stop("fast")


def store_secret(stage: Stage, server: Server) -> None:
    """Have the stage's functions find it, as the owner of a stage in AWS does."""
    secrets, name = cloud.client("secretsmanager"), stage.names.of(READ_MODEL_SECRET)
    try:
        secrets.create_secret(Name=name, SecretString=server.secret())
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=server.secret())
