"""Start a state machine for a job, once, and read how its execution ended."""

from __future__ import annotations

from typing import Any, Literal

from botocore.exceptions import ClientError

from chalicelib.core import wire
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings


def start(
    state_machine: Literal["import", "export"], job_id: str, execution_input: dict[str, Any], run: str = ""
) -> bool:
    """Start the stage's state machine for a job, or for a retry of it. False if it has been started already.

    The execution is named by the ids of job and retry. Step Functions accepts a name once in 90 days:
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    states = clients.client("stepfunctions")
    arn = settings().arn("states", f"stateMachine:{settings().names.of(state_machine)}")
    try:
        states.start_execution(
            stateMachineArn=arn, name=_execution(job_id, run), input=wire.to_json(execution_input)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
        return False
    return True


def outcome(state_machine: Literal["import", "export"], job_id: str, run: str = "") -> str | None:
    """The status of the execution that was started for a job, or for a retry of it, as Step Functions names it
    (`RUNNING`, `FAILED`, `TIMED_OUT`, `ABORTED`, `SUCCEEDED`); None where there is none."""
    states = clients.client("stepfunctions")
    arn = settings().arn("states", f"execution:{settings().names.of(state_machine)}:{_execution(job_id, run)}")
    try:
        return str(states.describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None


def _execution(job_id: str, run: str) -> str:
    return f"{job_id}-{run}" if run else job_id
