"""A stage in moto as the tools of an operator see it: functions run in process, and SQS's own redrive is there."""

from __future__ import annotations

import io
import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from infra.stage import Stage
from tests.functional.faults import listening
from tests.replies import Reply, answered
from tools import cloud
from tools.operate import INVOKED_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAGE = Stage("test", {}, emulated=False)


@contextmanager
def answering(client: Any, operation: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """Have `answer` answer every call of this operation of the client, given its request."""

    def respond(params: dict[str, Any], **_: Any) -> Reply:
        return answered(answer(params))

    service = client.meta.service_model.service_name
    with listening(client, f"before-call.{service}.{operation}", respond):
        yield


@contextmanager
def functions(**handlers: Callable[[dict[str, Any]], Any]) -> Iterator[list[tuple[str, Any]]]:
    """Have these functions of the stage answer invocations, an error as Lambda tells it; gives what was invoked."""
    invoked: list[tuple[str, Any]] = []

    def invoke(params: dict[str, Any]) -> dict[str, Any]:
        name = params["url_path"].split("/")[-2].removeprefix("rollcall-test-")
        event = json.loads(params["body"])
        invoked.append((name, event))
        try:
            return {"Payload": io.BytesIO(json.dumps(handlers[name](event)).encode())}
        except Exception as error:
            told = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(told).encode())}

    with answering(cloud.client("lambda", INVOKED_SECONDS), "Invoke", invoke):
        yield invoked


class Redrive:
    """SQS's redrive, which moto lacks: each look at the task moves one message."""

    def __init__(self, aws: Any) -> None:
        self._sqs = aws.session.client("sqs")
        self.task: dict[str, Any] = {}
        self.failure = ""

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = json.loads(request["body"])
        waiting = self._sqs.get_queue_attributes(
            QueueUrl=self._url(asked["SourceArn"]), AttributeNames=["ApproximateNumberOfMessages"]
        )
        self.task = {
            "TaskHandle": "t1",
            "Status": "RUNNING",
            **asked,
            "ApproximateNumberOfMessagesMoved": 0,
            "ApproximateNumberOfMessagesToMove": int(waiting["Attributes"]["ApproximateNumberOfMessages"]),
        }
        return {"TaskHandle": "t1"}

    def list(self, _: dict[str, Any]) -> dict[str, Any]:
        if self.failure:
            self.task |= {"Status": "FAILED", "FailureReason": self.failure}
        if self.task["Status"] == "RUNNING":
            source, target = self._url(self.task["SourceArn"]), self._url(self.task["DestinationArn"])
            for message in self._sqs.receive_message(QueueUrl=source).get("Messages", []):
                self._sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
                self._sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                self.task["ApproximateNumberOfMessagesMoved"] += 1
        return {"Results": [dict(self.task)]}

    def cancel(self, _: dict[str, Any]) -> dict[str, Any]:
        self.task["Status"] = "CANCELLED"
        return {}

    def _url(self, arn: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"])

    @contextmanager
    def there(self) -> Iterator[Redrive]:
        """The calls are there while the block runs."""
        sqs = cloud.client("sqs")
        with ExitStack() as stack:
            stack.enter_context(answering(sqs, "StartMessageMoveTask", self.start))
            stack.enter_context(answering(sqs, "ListMessageMoveTasks", self.list))
            stack.enter_context(answering(sqs, "CancelMessageMoveTask", self.cancel))
            yield self
