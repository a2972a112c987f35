"""`rollcall delete`: removes what `rollcall deploy` made. Resources that hold data are removed only with
`CONFIRM=yes`."""

from __future__ import annotations

import os
import sys

from chalicelib.core.names import BUCKETS
from infra import stage as stages
from infra.stage import ROOT, Stage
from tools import chalice_for, cloud, cloudformation
from tools.console import Problem, main_of, say, step
from tools.deploy import resources_stack


def delete(stage: Stage, *, confirmed: bool) -> None:
    """Delete a stage. Raises Problem where it holds data and the deletion was not confirmed."""
    if (ROOT / ".chalice" / "deployed" / f"{stage.name}.json").exists():
        with step("chalice delete"):
            chalice_for.run_plain("delete", "--stage", stage.name, AWS_DEFAULT_REGION=cloud.region())
    stacks = [name for name in (stage.names.api, resources_stack(stage)) if cloudformation.exists(name)]
    if not stacks:
        say(f"  nothing of stage {stage.name} is left")
        return
    if not confirmed:
        raise Problem(
            f"{', '.join(stacks)} holds the stage's tables and buckets, so all of its users. To delete these too:\n"
            f"       rollcall delete --stage {stage.name} --data"
        )
    if not stage.is_protected:
        with step("emptying the buckets"):
            for bucket in BUCKETS:
                _empty(stage.names.bucket(bucket, cloud.account(), cloud.region()))
    for name in stacks:
        with step(f"deleting the stack {name}"):
            cloudformation.delete(name)
    if stage.is_protected:
        say("  kept: tables, buckets, secrets and the mail identity; the next `rollcall deploy` takes them back")


def _empty(bucket: str) -> None:
    s3 = cloud.client("s3")
    result_pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    try:
        for result_page in result_pages:
            versions = [*result_page.get("Versions", []), *result_page.get("DeleteMarkers", [])]
            objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
            if objects:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    except s3.exceptions.NoSuchBucket:
        return


def main() -> None:
    delete(stages.load(sys.argv[1]), confirmed=os.environ.get("CONFIRM") == "yes")


if __name__ == "__main__":
    main_of(main)
