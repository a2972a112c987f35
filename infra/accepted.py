"""Findings of cfn-lint, checkov and `tools/template_rules` on the templates that are accepted, each with its reason.

`make check` fails on a finding that is not listed here, and on an entry here that no template has any more. An entry
counts in every stage, or in the one that it names first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BATCHES = (
    "The local cloud asks for an action of its own for a batch call; every other stage grants what the batch does."
)

ACCEPTED = {
    "local:ANYWHERE:ses:SendEmail": "The local cloud knows no resources for it; every other stage names them.",
    "local:W3037": _BATCHES,
    "local:UNKNOWN:dynamodb:BatchExecuteStatement": _BATCHES,
    "local:UNKNOWN:sns:PublishBatch": _BATCHES,
    "local:UNKNOWN:sqs:ChangeMessageVisibilityBatch": _BATCHES,
    "local:UNKNOWN:sqs:DeleteMessageBatch": _BATCHES,
    "local:UNKNOWN:sqs:SendMessageBatch": _BATCHES,
    "local:ANYWHERE:cloudwatch:DescribeAlarms": "The local cloud knows no resources for it; other stages name them.",
    "local:CKV_AWS_111": "The local cloud knows no resources for ses:SendEmail; every other stage names them.",
    "ES1007": "OnUpload has an EventInvokeConfig: SAM's property of the function, which the rule does not read.",
    "ES2000": "API Gateway's access log needs one account-wide role that belongs to no single stack; the API function "
    "logs every request, and traces are on.",
    "ES6000": "These are the dead-letter queues: what they hold waits for an operator, alarmed, for 14 days.",
    "WS1000": "Behind a stream or a queue Lambda traces by a rate that nobody can set, and traces are paid for; "
    "requests are traced, by API Gateway's decision, and ids follow them through every log.",
    "CKV_AWS_18": "Access logs of S3 need one more bucket per region; CloudTrail data events do the same.",
    "CKV_AWS_21": "The work bucket keeps no versions, so that what is removed when it has served is gone.",
    "CKV_AWS_27": "Queues are encrypted by SQS itself (SqsManagedSseEnabled), which the check does not count.",
    "CKV_AWS_76": "The same as ES2000.",
    "CKV_AWS_115": "Reserving concurrency takes from an account's quota, ten at first; queues have a ceiling instead, "
    "and the parameter ApiConcurrency reserves for the API.",
    "CKV_AWS_116": "Asynchronous invocations have an on-failure destination, the successor of the function's own; "
    "batch sources have theirs.",
    "CKV_AWS_117": "No function talks to anything inside a network; a VPC would cost a NAT gateway.",
    "CKV_AWS_119": "Tables are encrypted with the account's AWS managed key; an owner who must hold the key sets "
    "KMS_KEY.",
    "CKV_AWS_120": "Answers belong to one caller: caching them would leak.",
    "CKV_AWS_149": "Secrets are encrypted with the AWS managed key, which no other account can use, or the owner's.",
    "CKV_AWS_158": "CloudWatch encrypts logs itself, and no line carries a secret or personal data.",
    "CKV_AWS_173": "No secret is in any function's environment; Lambda encrypts it with its own key.",
}


def is_accepted(stage: str, check: str) -> bool:
    """Whether a check may find something in this stage's templates."""
    return not {check, f"{stage}:{check}"}.isdisjoint(ACCEPTED)


def unneeded(found: Iterable[tuple[str, str]]) -> list[str]:
    """The entries that are about none of these findings, each a stage and a check."""
    return sorted(set(ACCEPTED).difference(*({check, f"{stage}:{check}"} for stage, check in found)))
