"""Many calls at once: threads that know for whom they work.

Calls to AWS wait far longer than they compute, so threads are what they need; boto3's clients are thread-safe.
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
"""Conditional writes at once: DynamoDB answers one in 5 to 10 ms, of which a core is busy with it for one."""


def in_parallel(run: Callable[[Value], Result], values: Iterable[Value], workers: int) -> list[Result]:
    """`run` over the values, at most `workers` at once, in the caller's context: the results in their order.

    Every value is tried before the first error, if any, is raised.
    """
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(copy_context().run, run, value) for value in values]
    return [future.result() for future in futures]
