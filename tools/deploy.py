"""`rollcall deploy`: deploys the stage into the account that the environment names. Repeating it gives the same
result.

By default it uses `chalice deploy`, for a developer's quick changes: first a stack of resources, then Chalice deploys
the functions. With `MODE=package` it deploys the packaged template, as for production.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import botocore

from infra import options, render
from infra import stage as stages
from infra.stage import LOCAL_ACCOUNT, ROOT
from tools import chalice_for, cloud, cloudformation
from tools.console import Problem, main_of, say, step
from tools.deploying import complete, deploy_packaged, deployments_bucket, earlier_deployments_bucket, parameters
from tools.package import bundle

if TYPE_CHECKING:
    from infra.stage import Stage


def resources_stack(stage: Stage) -> str:
    """The name of the stack of resources that functions deployed by `chalice deploy` use."""
    return stage.names.of("resources")


def deploy_with_chalice(stage: Stage) -> None:
    """Deploy the resource stack, render the configuration with its real ARNs, and let Chalice do the functions."""
    if cloudformation.exists(stage.names.api):
        raise Problem(
            f"stage {stage.name} is deployed from its packaged template: use MODE=package, or delete it first"
        )
    if chosen := options.chosen(stage):
        raise Problem(f"`chalice deploy` does not know {', '.join(chosen)}: use MODE=package, or take them out")
    account, region = cloud.account(), cloud.region()
    deployed = ROOT / ".chalice" / "deployed" / f"{stage.name}.json"
    if deployed.exists() and (elsewhere := other_regions(deployed.read_text("utf-8"), region)):
        raise Problem(
            f"stage {stage.name} is deployed in {', '.join(elsewhere)}, and `chalice deploy` names roles without the"
            " region, which IAM has once for an account: use MODE=package here, or delete it there first"
        )
    render.render(stage, account=account, region=region)
    with step("deploying the resource stack"):
        template = json.loads((render.rendered(stage) / "resources.json").read_text("utf-8"))
        cloudformation.deploy(
            resources_stack(stage), template, parameters=parameters(stage), code=None, bucket=deployments_bucket()
        )
    render.render(stage, account=account, region=region, outputs=cloudformation.outputs(resources_stack(stage)))
    with step(f"packaging the functions for {stage.runtime.name} on {stage.runtime.architecture}"):
        archive = bundle(stage, ROOT / "build" / f"{stage.name}.zip")
    with step("chalice deploy"):
        chalice_for.run(
            stage,
            "deploy",
            archive=archive,
            bucket=deployments_bucket(),
            AWS_DEFAULT_REGION=region,
            AWS_DATA_PATH=str(_impatient_waiters()),
        )
    complete(stage)


def other_regions(deployed: str, region: str) -> list[str]:
    """The regions other than this one in which Chalice has functions, by the ARNs in its own record."""
    return sorted(set(re.findall(r"arn:aws:lambda:([a-z0-9-]+):", deployed)) - {region})


def _impatient_waiters() -> Path:
    """A folder for `AWS_DATA_PATH` in which botocore's waiters for Lambda poll every second, not every five seconds.

    Chalice makes the functions one after another and waits for each, so the pauses are nine tenths of its time.
    """
    source = Path(botocore.__file__).parent / "data" / "lambda" / "2015-03-31" / "waiters-2.json"
    waiters = json.loads(source.read_text("utf-8"))
    for waiter in waiters["waiters"].values():
        waiter["delay"], waiter["maxAttempts"] = 1, waiter["delay"] * waiter["maxAttempts"]
    folder = ROOT / "build" / "botocore"
    target = folder / "lambda" / "2015-03-31" / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(waiters), "utf-8")
    return folder


def main() -> None:
    stage = dataclasses.replace(stages.load(sys.argv[1]), emulated=cloud.account() == LOCAL_ACCOUNT)
    say(f"Deploying the stage {stage.name} into account {cloud.account()}, {cloud.region()}")
    cloudformation.mend_bucket(earlier_deployments_bucket())
    if os.environ.get("MODE") == "package" or stage.is_protected:
        if cloudformation.exists(resources_stack(stage)):
            raise Problem(
                f"stage {stage.name} is deployed by chalice deploy: delete it first, or leave out MODE=package"
            )
        deploy_packaged(stage)
    else:
        deploy_with_chalice(stage)
    say(f"Deployed. Its first administrator: rollcall admin you@example.com --stage {stage.name}")


if __name__ == "__main__":
    main_of(main)
