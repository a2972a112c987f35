"""`rollcall doctor` of a stage in AWS: what is missing in the account, as JSON.

It looks only. What an account may lack is looked at by the first steps of a rehearsal, and here each of them is asked
for more than it must have: a sandbox keeps nobody from deploying, and from mailing anybody.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import old_system
from infra import stage as stages
from tools import cloud
from tools.console import Problem, main_of
from tools.rehearse import preflight
from tools.rehearse.cli import rehearsal_of
from tools.rehearse.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.stage import Stage
    from tools.rehearse.steps import Outcome

Finding = dict[str, Any]

SETTINGS = ("PUBLIC_URL", "MAIL_DOMAIN", "OPERATORS")
STEPS = [preflight.caller, preflight.quotas, preflight.mail_account]

ACTIONS = (
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudwatch:PutMetricAlarm",
    "dynamodb:CreateTable",
    "events:PutRule",
    "iam:CreateRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "lambda:CreateFunction",
    "lambda:InvokeFunction",
    "logs:CreateLogGroup",
    "s3:CreateBucket",
    "s3:PutObject",
    "secretsmanager:CreateSecret",
    "ses:CreateEmailIdentity",
    "sns:CreateTopic",
    "sqs:CreateQueue",
    "states:CreateStateMachine",
    "apigateway:POST",
)
"""What a deployment does, one action of each service, and those of IAM that accounts most often deny."""


def findings(stage: Stage) -> list[Finding]:
    """Everything that was looked at for the stage: `{name, state, about, try_this}` each, the state `good`, `missing`
    or `optional`."""
    found = [_setting(stage, name) for name in SETTINGS]
    try:
        cloud.account()
    except Problem as problem:
        return [*found, finding("account", "missing", str(problem), "name yours by --profile and --region")]
    domain = stage.settings.get("MAIL_DOMAIN") or "example.com"
    rehearsal = replace(rehearsal_of(cloud.region(), domain, stage.name), stage=stage)
    for outcome in Runner(STEPS, rehearsal).run():
        found += _of_outcome(outcome, stage)
    return [*found, *migration_secret(stage), _permissions()]


def finding(name: str, state: str, about: str, try_this: str = "") -> Finding:
    """One finding, as the program reads it."""
    return {"name": name, "state": state, "about": about, "try_this": try_this}


def _setting(stage: Stage, name: str) -> Finding:
    value = stage.settings.get(name, "")
    if value:
        return finding(name, "good", value)
    return finding(
        name, "missing", "is not set", f"write it into .chalice/stages.json, for the stage {stage.name}"
    )


def _of_outcome(outcome: Outcome, stage: Stage) -> Iterator[Finding]:
    name, evidence = outcome.step.name.replace("-", " "), outcome.evidence
    if outcome.result != "passed":
        state = "missing" if outcome.result == "failed" else "optional"
        yield finding(name, state, outcome.reason, outcome.step.look)
        return
    about = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in evidence.items())
    if outcome.step is not preflight.mail_account:
        yield finding(name, "good", about)
        return
    yield from _mail(evidence, stage.settings.get("MAIL_DOMAIN", ""))


def _mail(evidence: dict[str, Any], domain: str) -> Iterator[Finding]:
    if evidence["sandbox"]:
        ask = "ask AWS for production access: the account's dashboard in the console of SES"
        yield finding("SES sandbox", "optional", "mails reach verified addresses only", ask)
    else:
        yield finding("SES sandbox", "good", "the account is out of it")
    if not domain:
        return
    if evidence["domain_is_verified"]:
        yield finding("mail domain", "good", f"{domain} is verified")
    elif evidence["domain_is_an_identity"]:
        yield finding(
            "mail domain", "optional", f"{domain} is not verified", "publish the DKIM records that SES shows"
        )
    else:
        made = "deploy makes it; then publish the DKIM records that SES shows"
        yield finding("mail domain", "optional", f"SES does not know {domain} yet", made)


def migration_secret(stage: Stage) -> Iterator[Finding]:
    """Whether the secret is there by which the stage asks its old system, where it needs one."""
    if not stage.asks_with_secret:
        return
    name = stage.names.of(old_system.SECRET)
    try:
        cloud.client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        store = f"aws secretsmanager create-secret --name {name} --secret-string …"
        yield finding("migration secret", "missing", f"{name} is not there, or may not be seen ({code})", store)
    else:
        yield finding("migration secret", "good", name)


def _permissions() -> Finding:
    """Which actions of a deployment the caller's policies deny, by IAM's own simulator. It knows of no policy of an
    organization that has conditions."""
    arn = _principal(str(cloud.client("sts").get_caller_identity()["Arn"]))
    if arn.endswith(":root"):
        return finding("permissions", "good", "the account's root may do anything: better is a role of its own")
    try:
        result_pages = cloud.client("iam").get_paginator("simulate_principal_policy")
        results = [
            result
            for result_page in result_pages.paginate(PolicySourceArn=arn, ActionNames=list(ACTIONS))
            for result in result_page["EvaluationResults"]
        ]
    except (BotoCoreError, ClientError) as error:
        return finding(
            "permissions", "optional", f"could not be asked: {error}", "allow iam:SimulatePrincipalPolicy"
        )
    denied = [result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"]
    if denied:
        return finding(
            "permissions", "missing", f"{arn} may not {', '.join(denied)}", "allow it, or use another role"
        )
    return finding("permissions", "good", f"{arn} may do what a deployment does")


def _principal(arn: str) -> str:
    """The role of an assumed role, whose policies are looked at; any other principal as it is."""
    if ":assumed-role/" not in arn:
        return arn
    account, _, session = arn.removeprefix("arn:aws:sts::").partition(":assumed-role/")
    return f"arn:aws:iam::{account}:role/{session.partition('/')[0]}"


def main() -> None:
    print(json.dumps(findings(stages.load(sys.argv[1]))))


if __name__ == "__main__":
    main_of(main)
