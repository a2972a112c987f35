"""Many at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Given = TypeVar("Given")
Got = TypeVar("Got")


def at_once(work: Callable[[Given], Got], given: Sequence[Given]) -> list[Got]:
    """What `work` gives for each, all begun at the same moment in threads of their own."""
    begin = threading.Barrier(len(given))

    def run(one: Given) -> Got:
        begin.wait()
        return work(one)

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(run, given))
