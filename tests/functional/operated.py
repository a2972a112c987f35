"""A stage in moto as operators see it: functions are invoked in process, whoever invokes them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.core.aws.invocations import LONGEST_SECONDS, PATIENCE_SECONDS
from chalicelib.operations.observation import observe
from chalicelib.operations.operating import operate
from infra.stage import Stage
from tests.functional.faults import listening
from tests.replies import Reply, answered
from tools import cloud
from tools.operate import INVOKED_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGE = Stage("test", {}, emulated=False)


@contextmanager
def answering(client: Any, operation: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """Have `answer` answer every call of this operation of the client, given its request."""

    def respond(params: dict[str, Any], **_: Any) -> Reply:
        return answered(answer(params))

    service = client.meta.service_model.service_name
    with listening(client, f"before-call.{service}.{operation}", respond):
        yield


Handler = Callable[[dict[str, Any]], Any]


@contextmanager
def functions(**handlers: Handler) -> Iterator[list[tuple[str, Any]]]:
    """Have these functions of the stage, `observe_stage` and `operate_stage` answer invocations, an error as Lambda has
    it; gives what else was invoked."""
    invoked: list[tuple[str, Any]] = []
    everywhere: dict[str, Handler] = {"observe_stage": observe, "operate_stage": operate, **handlers}

    def invoke(params: dict[str, Any]) -> dict[str, Any]:
        name = params["url_path"].split("/")[-2].removeprefix("rollcall-test-")
        event = json.loads(params["body"])
        if name not in {"observe_stage", "operate_stage"}:
            invoked.append((name, event))
        try:
            return {"Payload": io.BytesIO(json.dumps(everywhere[name](event)).encode())}
        except Exception as error:
            raised = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(raised).encode())}

    with ExitStack() as stack:
        for client in (
            cloud.client("lambda", INVOKED_SECONDS),
            clients.client("lambda", LONGEST_SECONDS),
            clients.client("lambda", PATIENCE_SECONDS),
        ):
            stack.enter_context(answering(client, "Invoke", invoke))
        yield invoked


Values = dict[tuple[str, str], list[float]]
"""What was measured in each five minutes, by a metric's name and its dimension's value."""


@contextmanager
def measured(
    values: Values, alarms: dict[str, str] | None = None, *, in_pages: bool = False
) -> Iterator[list[str]]:
    """Have CloudWatch answer with these values, the alarms with these states by their short names, and Lambda with the
    configuration of the API; gives the operations that were asked for. `in_pages`: each value comes twice, by pages."""
    asked: list[str] = []

    def metrics(params: dict[str, Any]) -> dict[str, Any]:
        asked.append("GetMetricData")
        request = json.loads(params["body"])
        results = []
        for query in request["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            key = (metric["MetricName"], metric["Dimensions"][0]["Value"])
            results.append({"Id": query["Id"], "Values": values.get(key, []), "StatusCode": "Complete"})
        more = in_pages and "NextToken" not in request
        return {"MetricDataResults": results, **({"NextToken": "t"} if more else {})}

    def described(params: dict[str, Any]) -> dict[str, Any]:
        asked.append("DescribeAlarms")
        named = json.loads(params["body"])["AlarmNames"]
        states = {STAGE.names.of(name): state for name, state in (alarms or {}).items()}
        found = [
            {
                "AlarmName": name,
                "StateValue": states[name],
                "StateReason": "because",
                "StateTransitionedTimestamp": SINCE,
                "AlarmDescription": "Look at the log.",
            }
            for name in named
            if name in states
        ]
        return {"MetricAlarms": found}

    def function(_: dict[str, Any]) -> dict[str, Any]:
        return {"Runtime": "python3.13", "LastModified": "2026-03-01T12:00:00.000+0000"}

    with (
        answering(clients.client("cloudwatch"), "GetMetricData", metrics),
        answering(clients.client("cloudwatch"), "DescribeAlarms", described),
        answering(clients.client("lambda"), "GetFunctionConfiguration", function),
    ):
        yield asked


SINCE = 1772362800.0
"""An hour before the time that tests hold the clock at."""
