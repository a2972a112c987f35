"""The edge between a state machine and the function of one of its steps.

A state machine knows an error only by the name of its class. botocore names that class after the error's code where the
service's model has it, so that a throttle is a `ThrottlingException` or a `ClientError`. So every transient error is
raised as Transient, after which the state machine tries the step again (`infra.state_machines.RETRY`).
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.aws.batch import is_transient, reason
from chalicelib.core.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Callable

Step = dict[str, Any]


def step(task: Callable[[Step], Step]) -> Callable[[Step], Step]:
    """The task of a state machine, which raises Transient where it should be run again."""

    @wraps(task)
    def run(step_input: Step) -> Step:
        try:
            return task(step_input)
        except (BotoCoreError, ClientError, ConnectionError, TimeoutError) as error:
            if is_transient(error):
                raise Transient(f"the step must be run again: {reason(error)}") from error
            raise

    return run
