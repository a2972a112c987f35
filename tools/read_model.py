"""`rollcall read-model`: what an operator has done to a stage's read model, by its own function."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tools.console import Problem, main_of, say, step
from tools.operate import chosen, invoke

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.stage import Stage


def main() -> None:
    stage, job = chosen(sys.argv[1]), sys.argv[2]
    _JOBS[job](stage)


def migrate(stage: Stage) -> None:
    """Apply the migrations that the stage's database lacks. Raises Problem where they cannot be."""
    answer = invoke(stage, "operate_read_model", {"do": "migrate"})
    if "refused" in answer:
        raise Problem(answer["detail"])
    applied = ", ".join(answer["applied"]) or "nothing to apply"
    say(f"  read model: {applied}; version {answer['version']}")


def migrate_after_deployment(stage: Stage) -> None:
    """The same for a stage that was just deployed, if it has a read model. A database that does not answer is no
    failure of the deployment: the consumer migrates when it does."""
    if not stage.read_model:
        return
    with step("migrating the read model"):
        try:
            migrate(stage)
        except Problem as problem:
            say(f"  {problem}")
            say(f"  Once it answers: rollcall read-model migrate --stage {stage.name}")


_JOBS: dict[str, Callable[[Stage], None]] = {"migrate": migrate}


if __name__ == "__main__":
    main_of(main)
