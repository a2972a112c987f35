"""Checks before anything is made: the caller, the account's quotas, what SES may send, and which names are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.core.names import APP, BUCKETS
from infra.functions import in_stage
from infra.stage import REHEARSAL_PREFIX
from tools.deploying import deployments_bucket
from tools.rehearse import inventory
from tools.rehearse.steps import Failed, Skipped, step

if TYPE_CHECKING:
    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

USUAL_CONCURRENCY = 1000
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

LEAST_CONCURRENCY = 10
"""The quota of a new account. Everything works with it, but slowly: an import has two or three chunks at once."""


@step(look="the credentials in your environment or profile")
def caller(rehearsal: Rehearsal) -> Evidence:
    """The credentials are valid.

    Who calls AWS, and which region and partition it is: everything here is for the commercial one.
    """
    identity = rehearsal.client("sts").get_caller_identity()
    partition, _, kind = identity["Arn"].removeprefix("arn:").partition(":")
    if partition != "aws":
        raise Failed(f"the partition is {partition}, and only aws is known", "docs/deploying.md")
    return {"region": rehearsal.region, "partition": partition, "by": kind.rpartition(":")[2].partition("/")[0]}


@step(needs=("caller",), look="Service Quotas in the console")
def quotas(rehearsal: Rehearsal) -> Evidence:
    """The account's quotas leave room.

    Functions at once, code storage, stacks and requests to API Gateway: what a first deployment stumbles over.
    """
    settings = rehearsal.client("lambda").get_account_settings()
    at_once = settings["AccountLimit"]["ConcurrentExecutions"]
    stack_limit = _stack_limit(rehearsal)
    stack_count = sum(1 for _ in inventory.names_of(rehearsal, "stacks"))
    throttle = rehearsal.client("apigateway").get_account().get("throttleSettings", {})
    evidence = {
        "functions_at_once": at_once,
        "functions_at_once_usual": USUAL_CONCURRENCY,
        "functions": f"{len(in_stage(rehearsal.stage))} beside {settings['AccountUsage']['FunctionCount']}",
        "stacks": f"{stack_count} of {stack_limit or 'an unknown number'}",
        "api_requests_a_second": throttle.get("rateLimit"),
    }
    if at_once < LEAST_CONCURRENCY:
        raise Failed(f"only {at_once} functions may run at once", "Service Quotas, AWS Lambda", **evidence)
    if stack_limit is not None and stack_count + 1 >= stack_limit:
        raise Failed("there is no room for another stack", "Service Quotas, AWS CloudFormation", **evidence)
    return evidence


@step(needs=("caller",), look="the account's dashboard in the console of SES")
def mail_account(rehearsal: Rehearsal) -> Evidence:
    """SES may send, and from which domain.

    Whether the account is in the sandbox (the simulator's addresses work there too), paused, or out of its day's
    quota; and whether the mail domain is an identity already, which the stack must then not make again.
    """
    ses = rehearsal.client("sesv2")
    account = ses.get_account()
    quota = account["SendQuota"]
    remaining_today = quota["Max24HourSend"] - quota["SentLast24Hours"] if quota["Max24HourSend"] >= 0 else None
    try:
        identity = ses.get_email_identity(EmailIdentity=rehearsal.mail_domain)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        identity = None
    verified = bool(identity and identity.get("VerifiedForSendingStatus"))
    rehearsal.has_identity = identity is not None
    rehearsal.can_mail = verified and account["SendingEnabled"]
    evidence = {
        "sandbox": not account["ProductionAccessEnabled"],
        "sending_enabled": account["SendingEnabled"],
        "enforcement": account.get("EnforcementStatus"),
        "left_today": remaining_today,
        "domain_is_an_identity": rehearsal.has_identity,
        "domain_is_verified": verified,
        "mail_is_rehearsed": rehearsal.can_mail,
    }
    if not account["SendingEnabled"]:
        raise Failed("SES has paused the account's sending", **evidence)
    if remaining_today is not None and remaining_today < 50:
        raise Failed("SES sends less than 50 more mails today", **evidence)
    return evidence


@step(needs=("caller",), look="the console of the service that is named")
def free_names(rehearsal: Rehearsal) -> Evidence:
    """The names are free.

    Nothing in the account bears the stage's name, secrets that wait for their deletion included, and nobody
    else has its buckets or the bucket for deployments: S3 answers 403 for those, to whoever asks.
    """
    rehearsals = inventory.names_of_stage(rehearsal, f"{APP}-{REHEARSAL_PREFIX}")
    rehearsal.facts["rehearsals"] = {name for names in rehearsals.values() for name in names}
    taken = {f"names: {name}" for name in rehearsal.facts["rehearsals"] if name.startswith(rehearsal.names.api)}
    for bucket in [*map(rehearsal.bucket, BUCKETS), deployments_bucket()]:
        status = _bucket_status(rehearsal, bucket)
        if bucket == deployments_bucket():
            rehearsal.made_bucket = status == 404
        if status not in {200, 404} or (status == 200 and bucket != deployments_bucket()):
            taken.add(f"buckets: {bucket}" + (" (somebody else's)" if status == 403 else ""))
    if taken:
        raise Failed(f"these names are taken: {', '.join(sorted(taken))}")
    return {"deployments_bucket": "to be made" if rehearsal.made_bucket else "there, and yours"}


@step(needs=("free-names",))
def earlier_rehearsals(rehearsal: Rehearsal) -> Evidence:
    """No earlier rehearsal was left behind.

    One that was killed costs money until it is removed: `rollcall rehearse --remove STAGE` does it.
    """
    length = len(rehearsal.stage.name)
    stages = sorted({name.removeprefix(f"{APP}-")[:length] for name in rehearsal.facts["rehearsals"]})
    if stages:
        raise Failed(f"left behind: {', '.join(stages)}", f"rollcall rehearse --remove {stages[0]} --yes …")
    return {}


def _stack_limit(rehearsal: Rehearsal) -> int | None:
    try:
        limits = rehearsal.call_if_supported(rehearsal.client("cloudformation").describe_account_limits)[
            "AccountLimits"
        ]
    except Skipped:
        return None
    return next((limit["Value"] for limit in limits if limit["Name"] == "StackLimit"), None)


def _bucket_status(rehearsal: Rehearsal, bucket: str) -> int:
    """The status of S3's answer to `HeadBucket`: 404 means that the name is free, 403 that the bucket belongs to
    somebody else or access is not allowed, 301 that it is in another region."""
    try:
        rehearsal.client("s3").head_bucket(Bucket=bucket, ExpectedBucketOwner=rehearsal.account)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200
