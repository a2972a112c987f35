"""CloudFormation's stacks: what state one is in, how it gets out of a bad one, and change sets with their end.

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
"""Of a change that builds an index: DynamoDB reads the whole table for it."""

_READY = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
_NEVER_LIVED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
"""Its creation failed. AWS lets such a stack be deleted, and nothing else."""

_SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
_ADVICE = {
    "DELETE_FAILED": "its deletion did not end: delete it again, and see in the console what stands in the way",
    "UPDATE_FAILED": "an update without rollback failed: `aws cloudformation rollback-stack --stack-name {stack}`",
    "IMPORT_ROLLBACK_FAILED": "an import could not be taken back: see the stack's events in the console",
}
_DATA = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"}
"""What no change may replace: a new one under the same name is refused, and under another name it is empty."""


class Stacks:
    """The stacks of one account and region. `client` is boto3's for CloudFormation."""

    def __init__(self, client: Any, patience: Patience) -> None:
        self._client, self._patience = client, patience

    def describe(self, stack: str) -> dict[str, Any] | None:
        """The stack as AWS describes it, or None where there is none."""
        try:
            found: list[dict[str, Any]] = self._call("describe_stacks", StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return found[0] if found and found[0]["StackStatus"] != "DELETE_COMPLETE" else None

    def exists(self, stack: str) -> bool:
        """Whether there is one, and not only a change set that would make it."""
        found = self.describe(stack)
        return found is not None and found["StackStatus"] != "REVIEW_IN_PROGRESS"

    def lives(self, stack: str) -> bool:
        """Whether the stack can be updated; False where it has to be made.

        Waits for what somebody else is doing to it, deletes one whose creation failed, and ends a rollback that
        got stuck. Raises Problem for a state that wants a person.
        """
        status = self._at_rest(stack)
        if status is None:
            return False
        if status in _NEVER_LIVED or (status == "IMPORT_ROLLBACK_COMPLETE" and self._is_empty(stack)):
            say(f"  {stack} is in {status}, so it never came to live: deleting what is left of it")
            self.delete(stack)
            return False
        if status == "UPDATE_ROLLBACK_FAILED":
            say(f"  {stack} is in {status}: continuing its rollback")
            self._call("continue_update_rollback", StackName=stack)
            status = self._ended(stack, {"UPDATE_ROLLBACK_COMPLETE"})
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
        """The template that the stack was last given, or what its transforms made of it; None where it is not JSON."""
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
        """Make a change set of the template at `url`, execute it and wait; False where nothing had to change.

        Raises Problem where CloudFormation refuses it, where it would replace a table or a secret, and where it fails.
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
        refused = self._refusal(stack, name)
        if refused is not None:
            self._call("delete_change_set", StackName=stack, ChangeSetName=name)
            if "didn't contain changes" in refused or "No updates" in refused:
                return False
            if not self.exists(stack):
                self._call("delete_stack", StackName=stack)
            raise Problem(f"{stack} cannot be changed: {refused}")
        self._call("execute_change_set", StackName=stack, ChangeSetName=name)
        self._ended(stack, _SUCCEEDED, deadline)
        return True

    def delete(self, stack: str) -> None:
        """Delete a stack, if there is one, and wait. Raises Problem where something stands in the way."""
        if self._at_rest(stack) is None:
            return
        self._call("delete_stack", StackName=stack)
        self._ended(stack, set())

    def _refusal(self, stack: str, name: str) -> str | None:
        """Why the change set cannot be executed, or None once it can."""
        replaced: list[str] = []
        for _ in self._patience.polls(DEADLINE_SECONDS):
            page = self._call("describe_change_set", StackName=stack, ChangeSetName=name)
            if page["Status"] == "FAILED":
                return str(page.get("StatusReason", "no reason was given"))
            if page["Status"] == "CREATE_COMPLETE":
                replaced += _replaced(page)
                while page.get("NextToken"):
                    page = self._call(
                        "describe_change_set", StackName=stack, ChangeSetName=name, NextToken=page["NextToken"]
                    )
                    replaced += _replaced(page)
                return f"it would replace {', '.join(replaced)}, and lose what is in there" if replaced else None
        return f"CloudFormation did not look at the change within {DEADLINE_SECONDS // 60} minutes"

    def _at_rest(self, stack: str) -> str | None:
        """The stack's status once nobody is changing it; None where there is none."""
        waiting = False
        for _ in self._patience.polls(INDEX_DEADLINE_SECONDS):
            found = self.describe(stack)
            if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
                return None
            status = str(found["StackStatus"])
            if not status.endswith("_IN_PROGRESS"):
                return status
            if not waiting:
                say(f"  {stack} is in {status}: waiting until that has ended")
                waiting = True
        raise Problem(f"{stack} is still being changed by somebody else: try again later")

    def _ended(self, stack: str, good: set[str], deadline: float = DEADLINE_SECONDS) -> str:
        """The status that the running operation ends in. Raises Problem where it is none of `good`; with none of them,
        the stack shall be gone."""
        for _ in self._patience.polls(deadline):
            found = self.describe(stack)
            if found is None:
                if good:
                    raise Problem(f"the stack {stack} is gone")
                return "DELETE_COMPLETE"
            status = str(found["StackStatus"])
            if status in good:
                return status
            if not status.endswith("_IN_PROGRESS"):
                raise Problem("\n".join([f"{stack} ended in {status}:", *self._failures(stack)]))
        raise Problem(
            f"{stack} was not done within {deadline / 60:.0f} minutes; AWS goes on with it, and the same command waits"
        )

    def _failures(self, stack: str) -> list[str]:
        """What failed in the last operation, first things first; not what was cancelled because of it."""
        failed: list[str] = []
        token: dict[str, str] = {}
        while True:
            page = self._call("describe_stack_events", StackName=stack, **token)
            for event in page["StackEvents"]:
                reason = event.get("ResourceStatusReason", "")
                if reason == "User Initiated" and event["LogicalResourceId"] == stack:
                    return failed[::-1][:5]
                if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
                    failed.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
            if not page.get("NextToken"):
                return failed[::-1][:5]
            token = {"NextToken": page["NextToken"]}

    def _is_empty(self, stack: str) -> bool:
        return not self._call("list_stack_resources", StackName=stack)["StackResourceSummaries"]

    def _call(self, operation: str, **arguments: Any) -> Any:
        return self._patience.call(self._client, operation, **arguments)


def _replaced(page: dict[str, Any]) -> list[str]:
    changes = [change["ResourceChange"] for change in page.get("Changes", []) if "ResourceChange" in change]
    return [
        f"{change['LogicalResourceId']} ({change['ResourceType']})"
        for change in changes
        if change.get("Replacement") == "True" and change["ResourceType"] in _DATA
    ]
