"""Many calls at once, in threads that have the caller's context.

Calls to AWS wait far longer than they compute, so threads suit them. boto3's clients are thread-safe.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Value = TypeVar("Value")
Result = TypeVar("Result")

WRITERS = 16
"""How many conditional writes run at once: each takes 5 to 10 ms, of which it uses the processor for one."""


def in_parallel(run: Callable[[Value], Result], values: Iterable[Value], workers: int) -> list[Result]:
    """Call `run` with each value, at most `workers` at once, in the caller's context, and return the results in the
    order of the values.

    Every value is tried; then the first error, if any, is raised.
    """
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(copy_context().run, run, value) for value in values]
    return [future.result() for future in futures]
