"""`rollcall status`: what CloudFormation says of a stage's stacks, as JSON: `[{name, status, updated_at}]`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools import cloud
from tools.console import main_of
from tools.deploy import resources_stack
from tools.operate import chosen

if TYPE_CHECKING:
    from infra.stage import Stage


def stacks(stage: Stage) -> list[dict[str, Any]]:
    """The stacks that there are of the stage: of its packaged template, or of the resources for `chalice deploy`."""
    return [found for name in (stage.names.api, resources_stack(stage)) if (found := _stack(name))]


def _stack(name: str) -> dict[str, Any] | None:
    try:
        (stack,) = cloud.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    updated = stack.get("LastUpdatedTime") or stack["CreationTime"]
    return {"name": name, "status": stack["StackStatus"], "updated_at": updated.isoformat()}


def main() -> None:
    print(json.dumps(stacks(chosen(sys.argv[1]))))


if __name__ == "__main__":
    main_of(main)
