"""`python -m benchmarks peers`: Rollcall beside what people would use instead: register, sign in, get me.

Every peer is installed once from its lock into an environment of its own, hashes at the same cost where it lets that be
chosen, and runs as one process. They take turns in rounds, and medians over the rounds are compared. One that cannot be
installed or started here is left out, with the reason.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import report
from benchmarks.peers import cpu, tables
from benchmarks.peers.better_auth import BetterAuth
from benchmarks.peers.dj_rest_auth import DjRestAuth
from benchmarks.peers.fastapi_users import FastApiUsers
from benchmarks.peers.figures import figures_of, median_of
from benchmarks.peers.load import observe
from benchmarks.peers.peer import Person, Unable, first
from benchmarks.peers.pocketbase import PocketBase
from benchmarks.peers.rollcall import ChaliceLocal, OnNullAws
from benchmarks.report import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.peers.figures import Figures
    from benchmarks.peers.load import Call
    from benchmarks.peers.peer import Peer, Server
    from benchmarks.peers.tables import Key

PEERS: tuple[type[Peer], ...] = (OnNullAws, FastApiUsers, DjRestAuth, BetterAuth, PocketBase, ChaliceLocal)
TITLE = "CPU time of Rollcall's server for a request"
OPERATIONS = ("get me", "register", "sign in")
CONCURRENCIES = (1, 8, 32)
WARMING_SECONDS = 1.0
"""Of each operation before the first round: caches, connections and compilers are warm."""


class Entrant:
    """A peer that runs, with people who are signed in, one for each client of a load."""

    def __init__(self, peer: Peer, server: Server) -> None:
        self.peer, self.server = peer, server
        people = [Person(number) for number in range(max(CONCURRENCIES))]
        self._newcomers = map(Person, itertools.count(len(people)))
        for person in people:
            first(server, peer.register(person))
        self._signed_in = [(person, first(server, peer.sign_in(person))) for person in people]
        peer.filled()

    def measure(self, operation: str, concurrency: int, seconds: float) -> Figures:
        """One round. Prints what was wrong with replies, each kind once."""
        clients = [self._calls(operation, number) for number in range(concurrency)]
        before = cpu.seconds(self.server.group)
        observed = observe(self.server.port, clients, seconds)
        spent = cpu.seconds(self.server.group) - before
        for fault, times in observed.wrong.most_common(3):
            print(f"  {self.peer.name}, {operation}, {times} times: {fault}")
        return figures_of(observed, spent)

    def _calls(self, operation: str, number: int) -> Iterator[Call]:
        person, signed_in = self._signed_in[number]
        if operation == "register":
            return map(self.peer.register, self._newcomers)
        return itertools.repeat(
            self.peer.sign_in(person) if operation == "sign in" else self.peer.me(person, signed_in)
        )


def main(arguments: list[str]) -> int:
    """Print the tables and what was left out; 0 where every reply was right."""
    names = [peer.name for peer in PEERS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks peers", description=__doc__.split("\n")[0])
    parser.add_argument("--peer", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=5, help="of every peer, interleaved (%(default)s)")
    parser.add_argument("--seconds", type=float, default=1.5, help="of load in each round (%(default)s)")
    parser.add_argument("--store", action="store_true", help="keep the ratios as the baseline of later runs")
    asked = parser.parse_args(arguments)
    console = Console(highlight=False, width=report.WIDTH)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        chosen = [peer() for peer in PEERS if not asked.peer or peer.name in asked.peer]
        entrants, left_out = _started(chosen, Path(folder), stack)
        found = _measured(entrants, asked.rounds, asked.seconds)
    for operation in OPERATIONS:
        console.print(tables.of_operation(found, operation, CONCURRENCIES))
    _report(found, store=asked.store)
    for reason in left_out:
        print(f"left out: {reason}")
    return int(any(each.errors for each in found.values()))


def _started(peers: Sequence[Peer], folder: Path, stack: ExitStack) -> tuple[list[Entrant], list[str]]:
    """Those that run, until the stack is closed, and why the others do not."""
    from tests.cloud.conftest import free_port

    entrants, left_out = [], []
    for number, peer in enumerate(peers):
        print(f"  starting {peer.name} …", flush=True)
        own = folder / str(number)
        own.mkdir()
        try:
            peer.install()
            entrants.append(Entrant(peer, stack.enter_context(peer.serving(free_port(), own))))
        except Unable as why:
            left_out.append(f"{peer.name}: {why}")
            print(f"  left out: {left_out[-1]}", flush=True)
    return entrants, left_out


def _measured(entrants: Sequence[Entrant], rounds: int, seconds: float) -> dict[Key, Figures]:
    """The medians of each peer, operation and number of requests at once."""
    found: dict[Key, list[Figures]] = defaultdict(list)
    for entrant, operation in itertools.product(entrants, OPERATIONS):
        entrant.measure(operation, max(CONCURRENCIES), WARMING_SECONDS)
    for number in range(rounds):
        print(f"  round {number + 1} of {rounds} …", flush=True)
        for operation, concurrency, entrant in itertools.product(OPERATIONS, CONCURRENCIES, entrants):
            found[entrant.peer.name, operation, concurrency].append(
                entrant.measure(operation, concurrency, seconds)
            )
    return {key: median_of(each) for key, each in found.items()}


def _report(found: dict[Key, Figures], *, store: bool) -> None:
    """Print the ratios and what became worse; keep them and all figures in `build/bench/peers/`."""
    folder = report.ROOT / "build" / "bench" / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {"peer": peer, "operation": operation, "at_once": at_once, **asdict(each)}
        for (peer, operation, at_once), each in found.items()
    ]
    (folder / "figures.json").write_text(json.dumps(lines, indent=1) + "\n", "utf-8")
    compared = report.Report(folder, report.stored())
    compared.add(Section("peers", TITLE, "the peer", lambda: tables.ratios(found, OPERATIONS, CONCURRENCIES)))
    for warning in compared.warnings:
        print(f"warning: {warning}")
    if store:
        report.store(compared)
