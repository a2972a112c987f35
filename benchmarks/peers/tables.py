"""The tables of a comparison."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from rich.table import Table

from benchmarks.measuring import Measured
from benchmarks.peers.better_auth import BetterAuth
from benchmarks.peers.dj_rest_auth import DjRestAuth
from benchmarks.peers.fastapi_users import FastApiUsers
from benchmarks.peers.pocketbase import PocketBase
from benchmarks.peers.rollcall import OnNullAws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.peers.figures import Figures

    Key = tuple[str, str, int]
    """A peer, an operation, and how many requests there are at once."""

HELD_TO: dict[str, float | None] = {
    FastApiUsers.name: 1.0,
    DjRestAuth.name: 1.0,
    BetterAuth.name: 1.3,
    PocketBase.name: None,
}
"""How many times a peer's CPU time Rollcall's may be; PocketBase's is shown beside it."""


def of_operation(found: Mapping[Key, Figures], operation: str, concurrencies: Sequence[int]) -> Table:
    """What each peer did, as a table."""
    table = Table(title=f"\n{operation}", title_justify="left", box=None, pad_edge=False)
    table.add_column("", no_wrap=True, min_width=24)
    for heading in ("at once", "requests/s", "p50 ms", "p95 ms", "CPU ms/request", "errors"):
        table.add_column(heading, justify="right", no_wrap=True)
    for at_once in concurrencies:
        for (peer, asked, number), each in found.items():
            if (asked, number) == (operation, at_once):
                cells = (f"{each.per_second:,.0f}", f"{each.p50:.1f}", f"{each.p95:.1f}", f"{each.cpu:.2f}")
                table.add_row(peer, str(at_once), *cells, str(each.errors))
        table.add_section()
    return table


def ratios(
    found: Mapping[Key, Figures], operations: Sequence[str], concurrencies: Sequence[int]
) -> Iterator[Measured]:
    """Rollcall's CPU time for a request against each peer's. Nothing where Rollcall was not measured."""
    peers = dict.fromkeys(peer for peer, _, _ in found)
    if OnNullAws.name not in peers:
        return
    for operation in operations:
        ours = cpu(found, OnNullAws.name, operation, concurrencies)
        for peer, bound in HELD_TO.items():
            if peer in peers:
                theirs = cpu(found, peer, operation, concurrencies)
                yield Measured(f"{operation}, {peer}", ours, theirs, "ms", at_most=bound)


def cpu(found: Mapping[Key, Figures], peer: str, operation: str, concurrencies: Sequence[int]) -> float:
    """Milliseconds of a peer's CPU for a request, the median over the numbers of requests at once."""
    return statistics.median(found[peer, operation, at_once].cpu for at_once in concurrencies)
