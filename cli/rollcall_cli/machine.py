"""What this machine has of what Rollcall needs, found out without anything that must be installed first."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall_cli.world import World

LOOPBACK = "127.0.0.1"
PORTS = {8000: "the API", 4566: "the local cloud", 8025: "the mailbox"}

State = Literal["good", "missing", "optional"]


@dataclass(frozen=True)
class Finding:
    """Something that was looked at. `missing` keeps a command from working; `optional` keeps one test level away."""

    name: str
    state: State
    about: str
    try_this: str = ""

    def document(self) -> dict[str, Any]:
        return asdict(self)


PROGRAMS = {
    "make": ("missing", "builds and runs it", "apt-get install make"),
    "chromium": ("optional", "make test drives it, for tests/browser", "apt-get install chromium"),
    "nginx": ("optional", "make test runs it, for tests/cloud", "apt-get install nginx-light"),
    "npm": ("optional", "make test uses it with Node.js 20, for tests/peers", "apt-get install nodejs npm"),
}


def findings(world: World) -> Iterator[Finding]:
    """What was looked at on this machine."""
    version = ".".join(map(str, sys.version_info[:3]))
    fits = sys.version_info >= (3, 11)
    yield Finding("Python", "good" if fits else "missing", version, "" if fits else "install Python 3.11 or newer")
    if importlib.util.find_spec("ensurepip"):
        yield Finding("virtual environments", "good", "python3 -m venv works")
    else:
        yield Finding("virtual environments", "missing", "ensurepip is not there", "apt-get install python3-venv")
    for program, (without, about, remedy) in PROGRAMS.items():
        found = shutil.which(program)
        yield Finding(program, "good", found) if found else Finding(program, _state(without), about, remedy)
    if world.checkout is None:
        yield Finding(
            "checkout", "optional", "deploy, up and rehearse need one", "cd into a clone, and run ./rollcall"
        )
        return
    yield Finding("checkout", "good", str(world.checkout.root))
    yield from _local_stage(world)


def _state(without: str) -> State:
    return "missing" if without == "missing" else "optional"


def _local_stage(world: World) -> Iterator[Finding]:
    """Whether the local stage runs, or could."""
    local = world.checkout.local() if world.checkout else None
    if local and _listens(int(local.api.rpartition(":")[2])):
        yield Finding("local stage", "good", f"runs at {local.api}")
        return
    taken = {port: what for port, what in PORTS.items() if _listens(port)}
    for port, what in taken.items():
        yield Finding(
            f"port {port}", "missing", f"taken by another program; {what} needs it", "rollcall up --port …"
        )
    if not taken:
        yield Finding("local stage", "good", "does not run; its ports are free: rollcall up")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
