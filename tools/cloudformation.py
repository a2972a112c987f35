"""Deploys a template with boto3 alone, again and again with one result, whatever became of the time before.

`tools.stacks` knows the states of a stack, `tools.leftovers` what an earlier one left behind, `tools.steps` which
changes have to come one after another, `tools.deployments_bucket` where template and code are read from.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Literal

from tools import cloud, steps
from tools.console import Problem, say
from tools.deployments_bucket import DeploymentsBucket
from tools.leftovers import Leftovers
from tools.patience import Patience
from tools.stacks import DEADLINE_SECONDS, INDEX_DEADLINE_SECONDS, Stacks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.steps import Step, Template


class Deployer:
    """Deploys into one account and region. `client` gives boto3's client of a service."""

    def __init__(
        self,
        client: Callable[[str], Any],
        *,
        account: str,
        region: str,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._account, self._region = client, account, region
        self._patience = Patience(pause, now)
        self.stacks = Stacks(client("cloudformation"), self._patience)

    def bucket(self, name: str) -> DeploymentsBucket:
        return DeploymentsBucket(self._client("s3"), name, account=self._account, region=self._region)

    def deploy(
        self, stack: str, template: Template, *, parameters: dict[str, str], code: Path | None, bucket: str
    ) -> bool:
        """Create or update a stack; False where nothing had to change. See `deploy` below."""
        lives = self.stacks.lives(stack)
        through = self.bucket(bucket)
        through.ensure()
        template = copy.deepcopy(template)
        if code is not None:
            _point_at_code(template, through, stack, code)
        before = self.stacks.template(stack) if lives else None
        if before or not lives:
            taken_back = self._taken_back(stack, template, parameters, through, before)
            changed = taken_back is not before
            planned = steps.between(taken_back, template)
            lives = taken_back is not None
        else:
            changed, planned = False, [steps.Step("everything", template)]
        for step in planned:
            changed |= self._apply(
                stack, "UPDATE" if lives else "CREATE", step, parameters, through, announce=len(planned) > 1
            )
            lives = True
        return changed

    def upload(self, stack: str, template: Template, *, code: Path, bucket: str) -> str:
        """Store a template and its functions' code where CloudFormation reads them from: the template's URL."""
        through = self.bucket(bucket)
        through.ensure()
        template = copy.deepcopy(template)
        _point_at_code(template, through, stack, code)
        return _stored(through, stack, template)

    def _taken_back(
        self,
        stack: str,
        template: Template,
        parameters: dict[str, str],
        through: DeploymentsBucket,
        before: Template | None,
    ) -> Template | None:
        """Import what an earlier stack, or a later version that was backed out of, left behind; return the template
        that describes the stack then.

        Raises Problem, before anything is done, where no steps lead from that to the new one.
        """
        leftovers = Leftovers(self._client, account=self._account, region=self._region, parameters=parameters)
        known = before["Resources"] if before else {}
        new = {name: each for name, each in template["Resources"].items() if name not in known}
        found = leftovers.found({**template, "Resources": new})
        if not found:
            return before
        imported = leftovers.template(template, found)
        # An import may hold nothing that a transform would have to make.
        base = self.stacks.template(stack, "Processed") if before else None
        if base:
            imported = {**base, "Resources": {**base["Resources"], **imported["Resources"]}}
        steps.between(imported, template)
        names = [next(iter(each["ResourceIdentifier"].values())) for each in found]
        say(f"  taking back what an earlier {stack} left behind: {', '.join(names)}")
        url = _stored(through, stack, imported)
        self.stacks.change(stack, "IMPORT", url, _as_before(imported), imports=found)
        return imported

    def _apply(
        self,
        stack: str,
        kind: Literal["CREATE", "UPDATE"],
        step: Step,
        parameters: dict[str, str],
        through: DeploymentsBucket,
        *,
        announce: bool,
    ) -> bool:
        if announce:
            say(f"  {stack}: {step.says}")
        values: list[dict[str, Any]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
        if step.keeps_parameters:
            values = _as_before(step.template)
        self._await_indexes(step)
        changed = self.stacks.change(
            stack,
            kind,
            _stored(through, stack, step.template),
            values,
            deadline=INDEX_DEADLINE_SECONDS if step.tables else DEADLINE_SECONDS,
        )
        self._await_indexes(step)
        return changed

    def _await_indexes(self, step: Step) -> None:
        """Until no index of the step's tables is being built or dropped: DynamoDB takes one of a table at a time."""
        dynamodb = self._client("dynamodb")
        for table in step.tables:
            for _ in self._patience.polls(INDEX_DEADLINE_SECONDS):
                found = self._patience.call(dynamodb, "describe_table", TableName=table)["Table"]
                indexes = found.get("GlobalSecondaryIndexes", [])
                if all(index["IndexStatus"] == "ACTIVE" for index in indexes):
                    break
            else:
                raise Problem(f"an index of {table} is still being built: the same command goes on from here")


def deploy(
    stack: str, template: dict[str, Any], *, parameters: dict[str, str], code: Path | None, bucket: str
) -> bool:
    """Create or update a stack in the account that the environment names; False where nothing had to change.

    A stack whose creation failed is made anew, one that somebody else is changing is waited for, and what a
    deleted one left behind is imported. The template goes through S3, being above the 51,200 bytes that fit into a
    request; `code` is the deployment zip that its functions name. Raises Problem with the first failures' reasons.
    """
    return _deployer().deploy(stack, template, parameters=parameters, code=code, bucket=bucket)


def upload(stack: str, template: Template, *, code: Path, bucket: str) -> str:
    """Store a template and its functions' code where CloudFormation reads them from, and deploy neither: the template's
    URL."""
    return _deployer().upload(stack, template, code=code, bucket=bucket)


def described(stack: str) -> dict[str, Any] | None:
    """The stack as AWS describes it, or None where there is none."""
    return _deployer().stacks.describe(stack)


def outputs(stack: str) -> dict[str, str]:
    """The stack's outputs, by name; empty where there is no such stack."""
    found = described(stack)
    return {output["OutputKey"]: output["OutputValue"] for output in (found or {}).get("Outputs", [])}


def exists(stack: str) -> bool:
    """Whether there is such a stack, in whatever state."""
    return _deployer().stacks.exists(stack)


def delete(stack: str) -> None:
    """Delete a stack, if there is one, and wait. Raises Problem where something stands in the way."""
    _deployer().stacks.delete(stack)


def mend_bucket(name: str) -> None:
    """Set on a bucket for deployments that an earlier version made what this one promises, if there is one."""
    _deployer().bucket(name).mend()


def _deployer() -> Deployer:
    return Deployer(cloud.client, account=cloud.account(), region=cloud.region())


def _point_at_code(template: Template, through: DeploymentsBucket, stack: str, code: Path) -> None:
    key = f"{stack}/{hashlib.sha256(code.read_bytes()).hexdigest()[:16]}.zip"
    through.upload(key, code)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{through.name}/{key}"


def _stored(through: DeploymentsBucket, stack: str, template: Template) -> str:
    body = json.dumps(template).encode()
    return through.put(f"{stack}/{hashlib.sha256(body).hexdigest()[:16]}.json", body)


def _as_before(template: Template) -> list[dict[str, Any]]:
    """The parameters of a template that the stack has, for one that changes none of them."""
    return [{"ParameterKey": name, "UsePreviousValue": True} for name in template.get("Parameters", {})]
