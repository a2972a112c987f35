"""The edge between a state machine and the function of one of its steps.

A state machine knows an error by the name of its class alone, and botocore names the class of an error after its code
where the service describes that: a throttle is a `ThrottlingException` here and a `ClientError` there. So whatever may
pass is raised as Transient, which the machine waits out (`infra.state_machines.RETRY`).
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
    """A task of a state machine, which raises Transient to be run again."""

    @wraps(task)
    def run(given: Step) -> Step:
        try:
            return task(given)
        except (BotoCoreError, ClientError, ConnectionError, TimeoutError) as error:
            if is_transient(error):
                raise Transient(f"the step must be run again: {reason(error)}") from error
            raise

    return run
