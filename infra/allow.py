"""How a policy is written: some actions on some resources, with a word for what functions often do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import ISOLATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.crypto.app_keys import Purpose
    from infra.arns import Arns

CREDENTIALS = {
    "address": "email#*",
    "password": "password#*",
    "factors": "factors#*",
    "passkey": "passkey#*",
    "client": "client#*",
    "connection": "connection#*",
    "identities": "identities#*",
    "identity": "identity#*",
    "mark": "first-administrator",
}
"""The kinds of items in `credentials`, by what their keys begin with."""

ALL_BUT_THE_MARK = tuple(kind for kind in CREDENTIALS if kind != "mark")
"""What the API has to do with."""


@dataclass(frozen=True)
class Allow:
    """Some actions on some resources (texts with pseudo parameters, see `infra.arns`)."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    leading_keys: tuple[str, ...] = ()
    """Of the items of a table, the partition keys that these are about; all, where none is named:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    label: str = ""
    """Of the versions of a secret, the staging label by which one may be asked for; any, where none is named. A request
    by a version's id alone names no label, nor does one for the default, so each is refused:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html"""

    def statement(self) -> dict[str, Any]:
        """As IAM has it."""
        condition: dict[str, Any] = {}
        if self.leading_keys:
            condition["ForAllValues:StringLike"] = {"dynamodb:LeadingKeys": list(self.leading_keys)}
        if self.label:
            condition["StringEquals"] = {"secretsmanager:VersionStage": self.label}
        said = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        return said | ({"Condition": condition} if condition else {})


EMULATED = {
    "dynamodb:PartiQLInsert": "dynamodb:BatchExecuteStatement",
    "sns:Publish": "sns:PublishBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:SendMessage": "sqs:SendMessageBatch",
}
"""AWS authorises a batch by the permission of the single call; the local cloud asks for an action of its own."""

EMULATED_WITHOUT_RESOURCES = frozenset(
    {"cloudwatch:DescribeAlarms", "dynamodb:BatchExecuteStatement", "ses:SendEmail"}
)
"""Actions that AWS ties to resources and the local cloud does not."""


def emulated(allow: Allow) -> Iterator[Allow]:
    """As the local cloud understands it, which sends no label of a secret to hold a condition against."""
    actions = (*allow.actions, *(EMULATED[action] for action in allow.actions if action in EMULATED))
    if there := tuple(action for action in actions if action not in EMULATED_WITHOUT_RESOURCES):
        yield Allow(there, allow.resources, allow.leading_keys)
    if anywhere := tuple(action for action in actions if action in EMULATED_WITHOUT_RESOURCES):
        yield Allow(anywhere, ("*",))


class May:
    """Shorthand for what a function's own code calls."""

    def __init__(self, arns: Arns) -> None:
        self._arns = arns

    def table(self, name: str, *operations: str) -> Allow:
        return Allow(tuple(f"dynamodb:{operation}" for operation in operations), (self._arns.table(name),))

    def credentials(self, *operations: str, of: tuple[str, ...]) -> Allow:
        """Some operations on some kinds of `credentials` and on no others: the table has all the secrets of people."""
        actions = tuple(f"dynamodb:{operation}" for operation in operations)
        return Allow(actions, (self._arns.table("credentials"),), tuple(CREDENTIALS[kind] for kind in of))

    def index(self, table: str, *indexes: str) -> Allow:
        return Allow(("dynamodb:Query",), tuple(self._arns.index(table, index) for index in indexes))

    def send(self, *queues: str) -> Allow:
        return Allow(("sqs:SendMessage",), tuple(self._arns.queue(queue) for queue in queues))

    def look_at(self, *queues: str) -> Allow:
        return Allow(("sqs:GetQueueAttributes",), tuple(self._arns.queue(queue) for queue in queues))

    def hold(self, *queues: str) -> Allow:
        """Look into queues: receive messages, make them visible again, and delete them."""
        operations = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        actions = tuple(f"sqs:{operation}" for operation in operations)
        return Allow(actions, tuple(self._arns.queue(queue) for queue in queues))

    def change_visibility(self, queue: str) -> Allow:
        """Say when a message comes again that could not be done now."""
        return Allow(("sqs:ChangeMessageVisibility",), (self._arns.queue(queue),))

    def invoke(self, *functions: str) -> Allow:
        return Allow(("lambda:InvokeFunction",), tuple(self._arns.function(function) for function in functions))

    def publish(self) -> Allow:
        return Allow(("sns:Publish",), (self._arns.topic("user-events"),))

    def secret(self, *names: str) -> Allow:
        return Allow(("secretsmanager:GetSecretValue",), tuple(self._arns.secret(name) for name in names))

    def keys_of(self, purpose: Purpose) -> Allow:
        """The keys of an isolated purpose, and no root of the others'."""
        return Allow(("secretsmanager:GetSecretValue",), (self._arns.secret("app-keys"),), label=ISOLATED[purpose])

    def rotate(self, name: str) -> Allow:
        operations = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
        return Allow(tuple(f"secretsmanager:{operation}" for operation in operations), (self._arns.secret(name),))

    def objects(self, bucket: str, objects: str, *operations: str) -> Allow:
        return Allow(tuple(f"s3:{operation}" for operation in operations), (self._arns.bucket(bucket, objects),))

    def start(self, machine: str) -> Allow:
        return Allow(("states:StartExecution",), (self._arns.state_machine(machine),))

    def describe(self, *machines: str) -> Allow:
        return Allow(("states:DescribeExecution",), tuple(self._arns.executions(machine) for machine in machines))

    def mail(self) -> Allow:
        return Allow(("ses:SendEmail",), (self._arns.mail_identity(), self._arns.mail_configuration()))
