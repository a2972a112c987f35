"""Deploys a template with boto3 alone. Repeating it gives the same result, in whatever state the last attempt ended.

`tools.stacks` handles the states of a stack, `tools.leftovers` the resources that an earlier stack left behind,
`tools.steps` the changes that have to come one after another, and `tools.deployments_bucket` the bucket from which
template and code are read.
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
        is_live = self.stacks.lives(stack)
        deployments_bucket = self.bucket(bucket)
        deployments_bucket.ensure()
        template = copy.deepcopy(template)
        if code is not None:
            _point_at_code(template, deployments_bucket, stack, code)
        before = self.stacks.template(stack) if is_live else None
        if before or not is_live:
            after_import = self._import_leftovers(stack, template, parameters, deployments_bucket, before)
            changed = after_import is not before
            planned = steps.between(after_import, template)
            is_live = after_import is not None
        else:
            changed, planned = False, [steps.Step("everything", template)]
        for step in planned:
            changed |= self._apply(
                stack,
                "UPDATE" if is_live else "CREATE",
                step,
                parameters,
                deployments_bucket,
                announce=len(planned) > 1,
            )
            is_live = True
        return changed

    def upload(self, stack: str, template: Template, *, code: Path, bucket: str) -> str:
        """Store a template and its functions' code where CloudFormation reads them from. Returns the template's URL."""
        deployments_bucket = self.bucket(bucket)
        deployments_bucket.ensure()
        template = copy.deepcopy(template)
        _point_at_code(template, deployments_bucket, stack, code)
        return _store_template(deployments_bucket, stack, template)

    def _import_leftovers(
        self,
        stack: str,
        template: Template,
        parameters: dict[str, str],
        deployments_bucket: DeploymentsBucket,
        before: Template | None,
    ) -> Template | None:
        """Import the resources that an earlier stack, or a later version that was rolled back, left behind. Returns
        the template of the stack after the import; `before` where there is nothing to import.

        Raises Problem, before anything is done, where no steps lead from that template to the new one.
        """
        leftovers = Leftovers(self._client, account=self._account, region=self._region, parameters=parameters)
        existing = before["Resources"] if before else {}
        new = {name: each for name, each in template["Resources"].items() if name not in existing}
        imports = leftovers.imports({**template, "Resources": new})
        if not imports:
            return before
        imported = leftovers.template(template, imports)
        # The template of an import must not contain anything that a transform would have to expand.
        base = self.stacks.template(stack, "Processed") if before else None
        if base:
            imported = {**base, "Resources": {**base["Resources"], **imported["Resources"]}}
        steps.between(imported, template)
        names = [next(iter(each["ResourceIdentifier"].values())) for each in imports]
        say(f"  taking back what an earlier {stack} left behind: {', '.join(names)}")
        url = _store_template(deployments_bucket, stack, imported)
        self.stacks.change(stack, "IMPORT", url, _previous_parameters(imported), imports=imports)
        return imported

    def _apply(
        self,
        stack: str,
        kind: Literal["CREATE", "UPDATE"],
        step: Step,
        parameters: dict[str, str],
        deployments_bucket: DeploymentsBucket,
        *,
        announce: bool,
    ) -> bool:
        if announce:
            say(f"  {stack}: {step.says}")
        values: list[dict[str, Any]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
        if step.keeps_parameters:
            values = _previous_parameters(step.template)
        self._await_indexes(step)
        changed = self.stacks.change(
            stack,
            kind,
            _store_template(deployments_bucket, stack, step.template),
            values,
            deadline=INDEX_DEADLINE_SECONDS if step.tables else DEADLINE_SECONDS,
        )
        self._await_indexes(step)
        return changed

    def _await_indexes(self, step: Step) -> None:
        """Wait until no index of the step's tables is being built or dropped: DynamoDB does that to one index of a
        table at a time."""
        dynamodb = self._client("dynamodb")
        for table in step.tables:
            for _ in self._patience.polls(INDEX_DEADLINE_SECONDS):
                description = self._patience.call(dynamodb, "describe_table", TableName=table)["Table"]
                indexes = description.get("GlobalSecondaryIndexes", [])
                if all(index["IndexStatus"] == "ACTIVE" for index in indexes):
                    break
            else:
                raise Problem(f"an index of {table} is still being built: the same command goes on from here")


def deploy(
    stack: str, template: dict[str, Any], *, parameters: dict[str, str], code: Path | None, bucket: str
) -> bool:
    """Create or update a stack in the account that the environment names; False where nothing had to change.

    A stack whose creation failed is created anew. A stack that somebody else is changing is waited for. What a deleted
    stack left behind is imported. The template goes through S3, because it is larger than the 51,200 bytes that a
    request takes. `code` is the deployment zip of the functions. Raises Problem with the reasons of the first
    failures.
    """
    return _deployer().deploy(stack, template, parameters=parameters, code=code, bucket=bucket)


def upload(stack: str, template: Template, *, code: Path, bucket: str) -> str:
    """Store a template and its functions' code where CloudFormation reads them from, without deploying them. Returns
    the template's URL."""
    return _deployer().upload(stack, template, code=code, bucket=bucket)


def described(stack: str) -> dict[str, Any] | None:
    """The stack as AWS describes it, or None where there is none."""
    return _deployer().stacks.describe(stack)


def outputs(stack: str) -> dict[str, str]:
    """The stack's outputs, by name; empty where there is no such stack."""
    description = described(stack)
    return {output["OutputKey"]: output["OutputValue"] for output in (description or {}).get("Outputs", [])}


def exists(stack: str) -> bool:
    """Whether there is such a stack, in whatever state."""
    return _deployer().stacks.exists(stack)


def delete(stack: str) -> None:
    """Delete a stack, if there is one, and wait. Raises Problem where the deletion fails."""
    _deployer().stacks.delete(stack)


def mend_bucket(name: str) -> None:
    """Apply this version's settings to the bucket for deployments that an earlier version created, if there is one."""
    _deployer().bucket(name).mend()


def _deployer() -> Deployer:
    return Deployer(cloud.client, account=cloud.account(), region=cloud.region())


def _point_at_code(template: Template, deployments_bucket: DeploymentsBucket, stack: str, code: Path) -> None:
    key = f"{stack}/{hashlib.sha256(code.read_bytes()).hexdigest()[:16]}.zip"
    deployments_bucket.upload(key, code)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{deployments_bucket.name}/{key}"


def _store_template(deployments_bucket: DeploymentsBucket, stack: str, template: Template) -> str:
    body = json.dumps(template).encode()
    return deployments_bucket.put(f"{stack}/{hashlib.sha256(body).hexdigest()[:16]}.json", body)


def _previous_parameters(template: Template) -> list[dict[str, Any]]:
    """The parameters for a change that leaves the stack's values as they are."""
    return [{"ParameterKey": name, "UsePreviousValue": True} for name in template.get("Parameters", {})]
