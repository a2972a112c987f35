"""Runs the steps one after another. After a failure, only steps that need the failed one are skipped. Steps that remove
things always run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tools.rehearse.steps import Failed, Outcome, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Step

MINUTES = 85.0
"""The time limit of a whole rehearsal."""


class Runner:
    """Runs the steps of one rehearsal. `on_step` is called with each step when it begins. `save` is called with all
    outcomes so far when a step ends, so that even a power failure leaves evidence."""

    def __init__(
        self,
        steps: Sequence[Step],
        rehearsal: Rehearsal,
        *,
        on_step: Callable[[Step], None] = lambda _: None,
        save: Callable[[list[Outcome]], None] = lambda _: None,
        shield: Callable[[], None] = lambda: None,
        keep: str = "",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`keep` is the reason why nothing is removed again; empty where everything is. `shield` is called before the
        removal, and makes interrupts harmless from then on.

        Raises ValueError for a step that needs a step that does not come before it, and for two steps of one name.
        """
        _check(steps)
        self._steps, self._rehearsal = steps, rehearsal
        self._on_step, self._save, self._shield, self._keep, self._now = on_step, save, shield, keep, now
        self._ends = now() + MINUTES * 60
        self._reserve = 60 * sum(step.minutes for step in steps if step.always)
        self._stopped = ""
        self.outcomes: list[Outcome] = []

    def run(self, earlier: Iterable[Outcome] = ()) -> list[Outcome]:
        """Run all steps. `earlier` are outcomes of steps that were run before, which these steps may need."""
        self.outcomes = list(earlier)
        try:
            self._run_steps(always=False)
        except KeyboardInterrupt:
            self._stopped = "the rehearsal was interrupted"
            self._run_steps(always=False)
        self._shield()
        self._run_steps(always=True)
        return self.outcomes

    def _run_steps(self, *, always: bool) -> None:
        """Run the steps without an outcome whose `always` has this value."""
        for step in self._steps:
            if step.always is always and not any(outcome.step is step for outcome in self.outcomes):
                self.outcomes.append(self._outcome(step))
                self._save(self.outcomes)

    def _outcome(self, step: Step) -> Outcome:
        if reason := self._reason_to_skip(step):
            return Outcome(step, "skipped", reason=reason)
        self._on_step(step)
        started = self._now()
        outcome = self._attempt(step)
        outcome.seconds = self._now() - started
        return outcome

    def _reason_to_skip(self, step: Step) -> str:
        if step.aws_only and self._rehearsal.local:
            return step.aws_only
        if step.always:
            return self._keep
        if self._stopped:
            return self._stopped
        results = {outcome.step.name: outcome.result for outcome in self.outcomes}
        for needed in step.needs:
            if results.get(needed) != "passed":
                what = {"failed": "failed", "skipped": "was skipped"}.get(results.get(needed, ""), "was not done")
                return f"it needs {needed}, which {what}"
        if self._now() + step.minutes * 60 + self._reserve > self._ends:
            return f"too little is left of {MINUTES:g} minutes, since all has to be taken away again"
        return ""

    def _attempt(self, step: Step) -> Outcome:
        """Run a step. Every exception in it becomes its outcome, because the next steps have to run."""
        try:
            return Outcome(step, "passed", evidence=step(self._rehearsal) or {})
        except Skipped as skipped:
            return Outcome(step, "skipped", reason=str(skipped))
        except Failed as failed:
            return Outcome(
                step, "failed", reason=str(failed), look=failed.look or step.look, evidence=failed.evidence
            )
        except KeyboardInterrupt:
            self._stopped = f"the rehearsal was interrupted during {step.name}"
            return Outcome(step, "failed", reason="interrupted", look=step.look)
        except Exception as error:
            return Outcome(step, "failed", reason=f"{type(error).__name__}: {error}", look=step.look)


def _check(steps: Sequence[Step]) -> None:
    names: set[str] = set()
    for step in [*(s for s in steps if not s.always), *(s for s in steps if s.always)]:
        if missing := set(step.needs) - names:
            raise ValueError(f"{step.name} needs {', '.join(sorted(missing))}, which does not come before it")
        if step.name in names:
            raise ValueError(f"there are two steps {step.name}")
        names.add(step.name)
