"""CloudFormation's stacks: their states, the way out of a bad state, and change sets until they have ended.

The states are those of https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from tools.console import Problem, say

if TYPE_CHECKING:
    from tools.patience import Patience

DEADLINE_SECONDS = 1800
INDEX_DEADLINE_SECONDS = 6 * 3600
"""The deadline of a change that builds an index: DynamoDB reads the whole table for it."""

_READY = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
_NEVER_LIVED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
"""States of a stack whose creation failed. AWS allows no other operation on it than to delete it."""

_SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
_ADVICE = {
    "DELETE_FAILED": "its deletion did not end: delete it again, and see in the console what stands in the way",
    "UPDATE_FAILED": "an update without rollback failed: `aws cloudformation rollback-stack --stack-name {stack}`",
    "IMPORT_ROLLBACK_FAILED": "an import could not be taken back: see the stack's events in the console",
}
_DATA = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"}
"""Types that no change may replace: a second resource of the same name is refused, and one of another name is empty."""


class Stacks:
    """The stacks of one account and region. `client` is boto3's for CloudFormation."""

    def __init__(self, client: Any, patience: Patience) -> None:
        self._client, self._patience = client, patience

    def describe(self, stack: str) -> dict[str, Any] | None:
        """The stack as AWS describes it, or None where there is none."""
        try:
            descriptions: list[dict[str, Any]] = self._call("describe_stacks", StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return descriptions[0] if descriptions and descriptions[0]["StackStatus"] != "DELETE_COMPLETE" else None

    def exists(self, stack: str) -> bool:
        """Whether there is such a stack, and not only a change set that would create it."""
        description = self.describe(stack)
        return description is not None and description["StackStatus"] != "REVIEW_IN_PROGRESS"

    def lives(self, stack: str) -> bool:
        """Whether the stack can be updated; False where it has to be created.

        Waits for an operation that somebody else has started, deletes a stack whose creation failed, and continues a
        rollback that got stuck. Raises Problem for a state that a person has to resolve.
        """
        status = self._settled_status(stack)
        if status is None:
            return False
        if status in _NEVER_LIVED or (status == "IMPORT_ROLLBACK_COMPLETE" and self._is_empty(stack)):
            say(f"  {stack} is in {status}, so it never came to live: deleting what is left of it")
            self.delete(stack)
            return False
        if status == "UPDATE_ROLLBACK_FAILED":
            say(f"  {stack} is in {status}: continuing its rollback")
            self._call("continue_update_rollback", StackName=stack)
            status = self._await_status(stack, {"UPDATE_ROLLBACK_COMPLETE"})
        if status not in _READY:
            raise Problem(
                f"{stack} is in {status}: {_ADVICE.get(status, 'see its events in the console')}".format(
                    stack=stack
                )
            )
        return True

    def template(
        self, stack: str, as_it_was: Literal["Original", "Processed"] = "Original"
    ) -> dict[str, Any] | None:
        """The template that was last deployed, or the result of its transforms; None where it is not JSON."""
        body = self._call("get_template", StackName=stack, TemplateStage=as_it_was)["TemplateBody"]
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except ValueError:
                return None
        return dict(body)

    def change(
        self,
        stack: str,
        kind: Literal["CREATE", "UPDATE", "IMPORT"],
        url: str,
        parameters: list[dict[str, Any]],
        *,
        imports: list[dict[str, Any]] | None = None,
        deadline: float = DEADLINE_SECONDS,
    ) -> bool:
        """Make a change set from the template at `url`, execute it and wait; False where nothing had to change.

        Raises Problem where CloudFormation refuses the change, where the change would replace a table or a secret, and
        where it fails.
        """
        name = f"change-{int(time.time() * 1000)}"
        self._call(
            "create_change_set",
            StackName=stack,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateURL=url,
            Parameters=parameters,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            **({"ResourcesToImport": imports} if imports else {}),
        )
        refusal = self._reason_for_refusal(stack, name)
        if refusal is not None:
            self._call("delete_change_set", StackName=stack, ChangeSetName=name)
            if "didn't contain changes" in refusal or "No updates" in refusal:
                return False
            if not self.exists(stack):
                self._call("delete_stack", StackName=stack)
            raise Problem(f"{stack} cannot be changed: {refusal}")
        self._call("execute_change_set", StackName=stack, ChangeSetName=name)
        self._await_status(stack, _SUCCEEDED, deadline)
        return True

    def delete(self, stack: str) -> None:
        """Delete a stack, if there is one, and wait. Raises Problem where the deletion fails."""
        if self._settled_status(stack) is None:
            return
        self._call("delete_stack", StackName=stack)
        self._await_status(stack, set())

    def _reason_for_refusal(self, stack: str, name: str) -> str | None:
        """Why the change set cannot be executed, or None once it can."""
        replaced: list[str] = []
        for _ in self._patience.polls(DEADLINE_SECONDS):
            result_page = self._call("describe_change_set", StackName=stack, ChangeSetName=name)
            if result_page["Status"] == "FAILED":
                return str(result_page.get("StatusReason", "no reason was given"))
            if result_page["Status"] == "CREATE_COMPLETE":
                replaced += _replaced(result_page)
                while result_page.get("NextToken"):
                    result_page = self._call(
                        "describe_change_set",
                        StackName=stack,
                        ChangeSetName=name,
                        NextToken=result_page["NextToken"],
                    )
                    replaced += _replaced(result_page)
                return f"it would replace {', '.join(replaced)}, and lose what is in there" if replaced else None
        return f"CloudFormation did not look at the change within {DEADLINE_SECONDS // 60} minutes"

    def _settled_status(self, stack: str) -> str | None:
        """Wait until nobody is changing the stack, and return its status; None where there is no stack."""
        is_announced = False
        for _ in self._patience.polls(INDEX_DEADLINE_SECONDS):
            description = self.describe(stack)
            if description is None or description["StackStatus"] == "REVIEW_IN_PROGRESS":
                return None
            status = str(description["StackStatus"])
            if not status.endswith("_IN_PROGRESS"):
                return status
            if not is_announced:
                say(f"  {stack} is in {status}: waiting until that has ended")
                is_announced = True
        raise Problem(f"{stack} is still being changed by somebody else: try again later")

    def _await_status(self, stack: str, expected: set[str], deadline: float = DEADLINE_SECONDS) -> str:
        """Wait until the running operation has ended, and return the stack's status. Raises Problem where it is none of
        `expected`; an empty set expects that the stack is gone."""
        for _ in self._patience.polls(deadline):
            description = self.describe(stack)
            if description is None:
                if expected:
                    raise Problem(f"the stack {stack} is gone")
                return "DELETE_COMPLETE"
            status = str(description["StackStatus"])
            if status in expected:
                return status
            if not status.endswith("_IN_PROGRESS"):
                raise Problem("\n".join([f"{stack} ended in {status}:", *self._failures(stack)]))
        raise Problem(
            f"{stack} was not done within {deadline / 60:.0f} minutes; AWS goes on with it, and the same command waits"
        )

    def _failures(self, stack: str) -> list[str]:
        """The failures of the last operation, the first one first, without resources that were cancelled because of a
        failure."""
        failed: list[str] = []
        next_page: dict[str, str] = {}
        while True:
            result_page = self._call("describe_stack_events", StackName=stack, **next_page)
            for event in result_page["StackEvents"]:
                reason = event.get("ResourceStatusReason", "")
                if reason == "User Initiated" and event["LogicalResourceId"] == stack:
                    return failed[::-1][:5]
                if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
                    failed.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
            if not result_page.get("NextToken"):
                return failed[::-1][:5]
            next_page = {"NextToken": result_page["NextToken"]}

    def _is_empty(self, stack: str) -> bool:
        return not self._call("list_stack_resources", StackName=stack)["StackResourceSummaries"]

    def _call(self, operation: str, **arguments: Any) -> Any:
        return self._patience.call(self._client, operation, **arguments)


def _replaced(result_page: dict[str, Any]) -> list[str]:
    changes = [change["ResourceChange"] for change in result_page.get("Changes", []) if "ResourceChange" in change]
    return [
        f"{change['LogicalResourceId']} ({change['ResourceType']})"
        for change in changes
        if change.get("Replacement") == "True" and change["ResourceType"] in _DATA
    ]
