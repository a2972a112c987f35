"""AWS's own validators, which check what would be deployed. They make nothing that stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools import cloudformation
from tools.deploying import deployments_bucket, parameters
from tools.rehearse import packaging
from tools.rehearse.steps import Failed, step
from tools.template_rules.resolving import filled, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


@step(minutes=1.5, look="what Chalice printed; .chalice/ and build/ of this checkout")
def package(rehearsal: Rehearsal) -> Evidence:
    """The stage is packaged.

    The same template and zip as `make package` makes, for the functions' own runtime whatever Python runs here.
    """
    code = packaging.folder(rehearsal) / "deployment.zip"
    resources = packaging.resources(rehearsal)["Resources"]
    return {"zip_bytes": code.stat().st_size, "resources": len(resources)}


@step(needs=("package",), look="the template's resource that is named")
def template_is_valid(rehearsal: Rehearsal) -> Evidence:
    """CloudFormation takes the template.

    `ValidateTemplate` parses it, and tells parameters and capabilities.
    """
    url = cloudformation.upload(
        rehearsal.names.api,
        packaging.template(rehearsal),
        code=packaging.folder(rehearsal) / "deployment.zip",
        bucket=deployments_bucket(),
    )
    rehearsal.facts["template url"] = url
    answer = rehearsal.client("cloudformation").validate_template(TemplateURL=url)
    return {"parameters": [parameter["ParameterKey"] for parameter in answer.get("Parameters", [])]}


@step(needs=("template-is-valid",), minutes=1, look="the stack's change sets in the console of CloudFormation")
def change_set(rehearsal: Rehearsal) -> Evidence:
    """CloudFormation plans the deployment.

    A change set runs the transform of SAM, resolves every reference and checks properties and names before
    anything is made. It is not executed, and goes away with the empty stack that it made.
    """
    client, stack = rehearsal.client("cloudformation"), rehearsal.names.api
    client.create_change_set(
        StackName=stack,
        ChangeSetName="rehearsal",
        ChangeSetType="CREATE",
        TemplateURL=rehearsal.facts["template url"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters(rehearsal.stage).items()
        ],
        Capabilities=CAPABILITIES,
    )
    try:
        return {"resources_to_add": _planned(rehearsal)}
    finally:
        client.delete_stack(StackName=stack)
        rehearsal.until(lambda: not cloudformation.described(stack), "the removal of the planned stack", 3)


def _planned(rehearsal: Rehearsal) -> int:
    client = rehearsal.client("cloudformation")
    names = {"StackName": rehearsal.names.api, "ChangeSetName": "rehearsal"}

    def look() -> dict[str, Any] | None:
        plan: dict[str, Any] = client.describe_change_set(**names)
        return plan if plan["Status"] in {"CREATE_COMPLETE", "FAILED"} else None

    plan = rehearsal.until(look, "the plan of the change set", 5)
    if plan["Status"] == "FAILED":
        raise Failed(f"CloudFormation refuses it: {plan.get('StatusReason', 'it gives no reason')}")
    count = len(plan["Changes"])
    while plan.get("NextToken"):
        plan = client.describe_change_set(**names, NextToken=plan["NextToken"])
        count += len(plan["Changes"])
    return count


@step(needs=("package",), look="infra/state_machines.py")
def state_machines_are_valid(rehearsal: Rehearsal) -> Evidence:
    """Step Functions takes the definitions.

    `ValidateStateMachineDefinition` on each, with nothing but warnings allowed.
    """
    template, evidence = packaging.resources(rehearsal), {}
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::StepFunctions::StateMachine":
            continue
        answer = rehearsal.call_if_supported(
            rehearsal.client("stepfunctions").validate_state_machine_definition,
            definition=text(resource["Properties"]["DefinitionString"], template),
            type="STANDARD",
        )
        diagnostics = [
            f"{diagnostic['severity']} {diagnostic['code']}: {diagnostic['message']}"
            for diagnostic in answer["diagnostics"]
        ]
        if answer["result"] != "OK":
            raise Failed(f"{name}: {'; '.join(diagnostics)}")
        evidence[name] = diagnostics or "OK"
    return evidence


RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "AWS::S3::Bucket"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", None),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", None),
    "AWS::KMS::Key": ("KeyPolicy", None),
}
"""The property that holds a resource's policy, and the type for which Access Analyzer has more checks:
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html"""

REFUSED = {"ERROR", "SECURITY_WARNING"}


@step(
    needs=("package",),
    minutes=1,
    aws_only="the local cloud has no Access Analyzer",
    look="infra/policies.py and infra/messaging.py",
)
def policies_are_valid(rehearsal: Rehearsal) -> Evidence:
    """Access Analyzer finds nothing wrong in any policy.

    Every role's policies, what each role trusts, and every resource's own policy. Errors are what IAM would
    refuse or misunderstand, security warnings what gives too much.
    """
    analyzer = rehearsal.client("accessanalyzer")
    checked = 0
    suggestions: list[str] = []
    refused: list[str] = []
    for name, kind, document in policies(packaging.resources(rehearsal)):
        checked += 1
        for result_page in analyzer.get_paginator("validate_policy").paginate(policyDocument=document, **kind):
            for finding in result_page["findings"]:
                line = f"{name}: {finding['findingType']} {finding['issueCode']}: {finding['findingDetails']}"
                (refused if finding["findingType"] in REFUSED else suggestions).append(line)
    if refused:
        raise Failed("; ".join(refused), policies=checked, findings=len(refused))
    return {"policies": checked, "suggestions": suggestions}


def policies(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, str], str]]:
    """Every policy of a translated template: the resource's name, what kind of policy it is, and its document."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            trust = {
                "policyType": "RESOURCE_POLICY",
                "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
            }
            yield name, trust, json.dumps(filled(properties["AssumeRolePolicyDocument"], template))
            for policy in properties.get("Policies", []):
                document = json.dumps(filled(policy["PolicyDocument"], template))
                yield name, {"policyType": "IDENTITY_POLICY"}, document
        elif resource["Type"] in RESOURCE_POLICIES:
            key, analyzer_type = RESOURCE_POLICIES[resource["Type"]]
            kind = {"policyType": "RESOURCE_POLICY"} | (
                {"validatePolicyResourceType": analyzer_type} if analyzer_type else {}
            )
            yield name, kind, json.dumps(filled(properties[key], template))
