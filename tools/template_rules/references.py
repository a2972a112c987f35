"""Rules for references: every target exists, and no resource depends on itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.template_rules.resolving import PSEUDO, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template


def faults(template: Template) -> list[Finding]:
    """References without a target or with two targets, and circles among resources."""
    resources: dict[str, Any] = template["Resources"]
    targets = {*resources, *template.get("Parameters", {}), *PSEUDO}
    needs = {name: set(_referenced_ids(resource)) for name, resource in resources.items()}
    needs["Outputs"] = set(_referenced_ids(template.get("Outputs", {})))
    findings: list[Finding] = [
        ("REFERENCE", name, f"{missing} is not there")
        for name, referenced in needs.items()
        for missing in sorted(referenced - targets)
    ]
    findings += [
        ("REFERENCE", name, "a parameter has this name too")
        for name in sorted(set(resources) & set(template.get("Parameters", {})))
    ]
    conditions = set(_conditions({**resources, "Outputs": template.get("Outputs", {})}))
    findings += [
        ("REFERENCE", "", f"the condition {missing} is not there")
        for missing in sorted(conditions - set(template.get("Conditions", {})))
    ]
    circle = _circle({name: needs[name] & set(resources) for name in resources})
    return [*findings, *([("CIRCLE", ", ".join(circle), "each waits for another of them")] if circle else [])]


def _referenced_ids(value: Any) -> Iterator[str]:
    """The logical ids that a value refers to."""
    if isinstance(value, list):
        for inner in value:
            yield from _referenced_ids(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield (inner.partition(".")[0] if isinstance(inner, str) else inner[0])
            elif key == "Fn::Sub":
                yield from _in_sub(inner)
            elif key == "DependsOn":
                yield from [inner] if isinstance(inner, str) else inner
            else:
                yield from _referenced_ids(inner)


def _in_sub(argument: Any) -> Iterator[str]:
    pattern, variables = (argument, {}) if isinstance(argument, str) else argument
    yield from (name.partition(".")[0] for name in VARIABLE.findall(pattern) if name not in variables)
    yield from _referenced_ids(variables)


def _conditions(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _conditions(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Fn::If":
                yield inner[0]
            if key == "Condition" and isinstance(inner, str):
                yield inner
            yield from _conditions(inner)


def _circle(needs: dict[str, set[str]]) -> list[str]:
    """The resources that are in circles, or between two circles. Resources that need no other one, or that no other one
    needs, are removed again and again until only these remain."""
    remaining = {name: set(needed) for name, needed in needs.items()}
    while True:
        needed = set().union(*remaining.values()) if remaining else set()
        ends = {name for name, waits in remaining.items() if not waits or name not in needed}
        if not ends:
            return sorted(remaining)
        remaining = {name: waits - ends for name, waits in remaining.items() if name not in ends}
