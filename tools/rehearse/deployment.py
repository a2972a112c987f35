"""Deployments: one that fails on purpose, then one that succeeds, one with a change, and one without."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tools import cloudformation, operate
from tools.api import Api
from tools.console import Problem
from tools.deploying import deploy_folder, deployments_bucket, package_alone, parameters
from tools.rehearse import packaging
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.rehearse.context import Rehearsal, Sizes
    from tools.rehearse.steps import Evidence

IMPOSSIBLE = "Impossible"

STAYS = ("UsersTable", "CredentialsTable", "SigningKeySecret", "UploadsBucket")
"""Resources that are created before the deployment fails: one of each kind that stays when a stack is deleted."""


def _running(_: Sizes) -> Mapping[str, float]:
    """The costs of a stage that exists for an hour and a half."""
    return {"alarm hours": 60 * 1.5, "key hours": 2 * 1.5, "secret hours": 2 * 1.5, "kms requests": 500}


@step(needs=("template-is-valid",), minutes=5.5, uses=_running, look="the stack's events in the console")
def failing_on_purpose(rehearsal: Rehearsal) -> Evidence:
    """A first deployment that fails half-way leaves nothing in the way.

    What waits for a second for a signal that nobody gives is added to the template. It comes after tables, a
    bucket and a secret, and fails; all of these are made by the next deployment again, under the same names.
    """
    template = packaging.template(rehearsal)
    template["Resources"][f"{IMPOSSIBLE}Signal"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    template["Resources"][IMPOSSIBLE] = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "DependsOn": list(STAYS),
        "Properties": {"Handle": {"Ref": f"{IMPOSSIBLE}Signal"}, "Timeout": "1"},
    }
    try:
        cloudformation.deploy(
            rehearsal.names.api,
            template,
            parameters=parameters(rehearsal.stage),
            code=packaging.folder(rehearsal) / "deployment.zip",
            bucket=deployments_bucket(),
        )
    except Problem as problem:
        # The local cloud does not name the resource that failed.
        is_expected = "ROLLBACK_COMPLETE" in str(problem) and (rehearsal.local or IMPOSSIBLE in str(problem))
        if not is_expected:
            raise Failed(f"it failed for another reason: {problem}") from problem
        return {"failed_as_meant": str(problem)}
    raise Failed("a deployment that cannot succeed did")


@step(needs=("failing-on-purpose",), minutes=5, look="the stack's events in the console of CloudFormation")
def deploying(rehearsal: Rehearsal) -> Evidence:
    """The same deployment succeeds, after the one that failed.

    One stack of functions, tables, queues, topics, buckets, state machines, secrets, alarms and dashboard.
    """
    changed = deploy_folder(rehearsal.stage, packaging.folder(rehearsal))
    if not changed:
        raise Failed("there was nothing to deploy")
    outputs = cloudformation.outputs(rehearsal.names.api)
    _set_api(rehearsal, outputs["RestAPIId"])
    stack = cloudformation.described(rehearsal.names.api) or {}
    return {"status": stack.get("StackStatus"), "api": outputs["RestAPIId"]}


def _set_api(rehearsal: Rehearsal, api_id: str) -> None:
    if rehearsal.local:
        endpoint = str(rehearsal.client("s3").meta.endpoint_url)
        port = endpoint.rpartition(":")[2]
        rehearsal.api = Api(f"{endpoint}/api", host=f"{api_id}.execute-api.localhost:{port}")
        rehearsal.facts["public url"] = f"https://{api_id}.example"
    else:
        rehearsal.facts["public url"] = f"https://{api_id}.execute-api.{rehearsal.region}.amazonaws.com/api"
        rehearsal.api = Api(rehearsal.facts["public url"])


@step(needs=("deploying",), minutes=2.5, look="the stack's events in the console of CloudFormation")
def changing_a_setting(rehearsal: Rehearsal) -> Evidence:
    """A changed setting is deployed.

    `PUBLIC_URL` becomes the address that the API got: an update of every function's environment.
    """
    rehearsal.facts["packaged"] = rehearsal.stage
    settings = {**rehearsal.stage.settings, "PUBLIC_URL": rehearsal.facts["public url"]}
    rehearsal.stage = dataclasses.replace(rehearsal.stage, settings=settings)
    if not deploy_folder(rehearsal.stage, packaging.folder(rehearsal)):
        raise Failed("CloudFormation says that nothing changed")
    return {}


@step(needs=("changing-a-setting",), minutes=1, look="the stack's change sets: what they would change, and why")
def deploying_unchanged(rehearsal: Rehearsal) -> Evidence:
    """Deploying again changes nothing.

    Packaged anew from the same sources, template and zip are the same to the byte.
    """
    if deploy_folder(rehearsal.stage, package_alone(rehearsal.facts["packaged"])):
        raise Failed("something was changed")
    return {"changes": 0}


@step(needs=("deploying",), look="the log groups /aws/lambda/<stack>-create_admin and /aws/lambda/<stack>")
def administrator(rehearsal: Rehearsal) -> Evidence:
    """The first administrator is made once, and signs in.

    By an invocation that IAM authorises, as `rollcall admin` does it. A second one is refused.
    """
    email = "success+admin@simulator.amazonses.com"
    created = operate.make_administrator(rehearsal.stage, email)
    rehearsal.administrator = {"email": email, "password": rehearsal.hide(created["password"])}
    roles = rehearsal.admin.call("GET", "/me").body["roles"]
    if "admin" not in roles:
        raise Failed(f"the administrator has the roles {roles}")
    try:
        operate.make_administrator(rehearsal.stage, "success+second@simulator.amazonses.com")
    except Problem:
        return {"id": created["id"]}
    raise Failed("a second first administrator was made")
