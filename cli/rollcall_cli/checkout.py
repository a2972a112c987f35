"""A checkout of Rollcall, whose tools do what needs the AWS credentials of an account."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rollcall_cli.exits import Failure, Misused
from rollcall_cli.http import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = Path(".chalice") / "stages.json"
RUNNING = Path(".run") / "stage.json"
"""What `make run` writes for its own account alone to read: `tools/running_stage.py`."""


@dataclass(frozen=True)
class Local:
    """The stage that `make run` serves on this machine."""

    api: str
    mailbox: str
    administrator: str
    password: str


@dataclass(frozen=True)
class Checkout:
    """`variables` are set for its tools beside those of this process."""

    root: Path
    variables: Mapping[str, str]

    def public_url(self, stage: str) -> str:
        """Where a stage is, as its settings say; empty where they do not."""
        stages = json.loads((self.root / MARK).read_text("utf-8"))
        return str(stages.get(stage, {}).get("PUBLIC_URL", ""))

    def local(self) -> Local | None:
        """The stage that runs on this machine; None where none does. Raises Failure where others may have written what
        is to be believed of it."""
        try:
            with (self.root / RUNNING).open("rb") as file:
                status = os.fstat(file.fileno())
                document = json.load(file)
        except (FileNotFoundError, ValueError):
            return None
        if status.st_uid != os.getuid() or status.st_mode & 0o077 or not is_loopback(document["api"]):
            raise Failure(f"{self.root / RUNNING} is not what make run wrote", "stop it, and run it again")
        return Local(**{name: str(document.get(name, "")) for name in Local.__dataclass_fields__})

    def run(self, module: str, *arguments: str, **variables: str) -> None:
        """Run a tool, which talks to the person itself. Raises Failure with no message of its own where it fails."""
        done = subprocess.run(self._command(module, arguments), cwd=self.root, env=self._environment(variables))
        if done.returncode:
            raise Failure("")

    def read(self, module: str, *arguments: str, **variables: str) -> Any:
        """The JSON document that a tool prints. Raises Failure with what it says where it fails."""
        done = subprocess.run(
            self._command(module, arguments),
            cwd=self.root,
            env=self._environment(variables),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failure(done.stderr.strip().removeprefix("error: ") or f"{module} failed")
        return json.loads(done.stdout)

    def make(self, target: str, **variables: str) -> None:
        """Build what the checkout builds itself. Raises Failure with no message of its own where it fails."""
        named = [f"{name}={value}" for name, value in variables.items() if value]
        if subprocess.run(["make", "--no-print-directory", target, *named], cwd=self.root).returncode:
            raise Failure("")

    def _command(self, module: str, arguments: tuple[str, ...]) -> list[str]:
        """The command that runs a tool. Raises Misused where this is no checkout that could have its environment."""
        if not (self.root / "Makefile").exists():
            raise Misused(f"{self.root} is no checkout of Rollcall")
        if not (self.root / ".venv" / "ready").exists():
            self.make(".venv/ready")
        return [str(self.root / ".venv" / "bin" / "python"), "-m", module, *arguments]

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        given = {**self.variables, **{name: value for name, value in variables.items() if value}}
        return {**os.environ, **given}


def find(environment: Mapping[str, str], variables: Mapping[str, str]) -> Checkout | None:
    """The checkout whose `./rollcall` runs, or else the one that this folder is in."""
    if named := environment.get("ROLLCALL_CHECKOUT"):
        return Checkout(Path(named), variables)
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if _is_checkout(folder)), None)
    return Checkout(root, variables) if root else None


def _is_checkout(folder: Path) -> bool:
    """Whether a folder is a checkout that nobody else can have put there: what is in it runs as this account, and says
    where passwords go."""
    if not ((folder / MARK).exists() and (folder / "app.py").exists()):
        return False
    status = folder.stat()
    return status.st_uid in {0, os.getuid()} and not status.st_mode & 0o002


def required(checkout: Checkout | None) -> Checkout:
    """The checkout. Raises Misused where there is none."""
    if checkout is None:
        raise Misused("this works in a checkout of Rollcall", "cd into one, and run ./rollcall")
    return checkout
