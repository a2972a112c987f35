"""A step of a rehearsal, the exceptions by which it fails or does not apply, and its outcome."""

from __future__ import annotations

import inspect
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.rehearse.context import Rehearsal, Sizes

Result = Literal["passed", "failed", "skipped"]
Evidence = dict[str, Any]
"""Figures and ids, as values of JSON. Never a secret: pass every secret to `Rehearsal.hide` as well."""


class Failed(Exception):
    """The step has shown that something is wrong. `look` says where to look for the cause."""

    def __init__(self, reason: str, look: str = "", /, **evidence: Any) -> None:
        super().__init__(reason)
        self.look = look
        self.evidence = evidence


class Skipped(Exception):
    """The step does not apply here; the message says why."""


@dataclass(frozen=True)
class Step:
    """One step. It runs after the steps that it `needs`, and only if they passed."""

    name: str
    title: str
    proves: str
    run: Callable[[Rehearsal], Evidence | None]
    needs: tuple[str, ...]
    minutes: float
    """The usual duration on AWS. The step does not begin where less time is left."""
    uses: Callable[[Sizes], Mapping[str, float]]
    """The units of `costs.PRICES` that it uses."""
    aws_only: str
    """The reason why it proves nothing in the local cloud; empty where it does."""
    look: str
    """Where to look when it fails."""
    always: bool
    """Whether it runs whatever the outcomes of the other steps are, because it removes something."""

    def __call__(self, rehearsal: Rehearsal) -> Evidence | None:
        return self.run(rehearsal)


def step(
    *,
    needs: tuple[str, ...] = (),
    minutes: float = 0.1,
    uses: Callable[[Sizes], Mapping[str, float]] = lambda _: {},
    aws_only: str = "",
    look: str = "",
    always: bool = False,
) -> Callable[[Callable[[Rehearsal], Evidence | None]], Step]:
    """Make a function a step. Its docstring's first line is the title, the rest what it proves."""

    def decorate(run: Callable[[Rehearsal], Evidence | None]) -> Step:
        title, _, proves = inspect.cleandoc(run.__doc__ or "").partition("\n")
        return Step(
            name=run.__name__.replace("_", "-"),
            title=title.rstrip("."),
            proves=" ".join(proves.split()),
            run=run,
            needs=needs,
            minutes=minutes,
            uses=uses,
            aws_only=aws_only,
            look=look,
            always=always,
        )

    return decorate


@dataclass
class Outcome:
    """The outcome of a step. `reason` is empty for a step that passed, `look` for a step that did not fail."""

    step: Step
    result: Result
    seconds: float = 0.0
    reason: str = ""
    look: str = ""
    evidence: Evidence = field(default_factory=dict)
    ended_at: float = field(default_factory=time.time)
    """In seconds since 1970."""
