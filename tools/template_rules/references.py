"""What refers to what: everything is there, and nothing waits for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.template_rules.resolving import PSEUDO, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template


def faults(template: Template) -> list[Finding]:
    """References to what is not there or to two things, and circles among resources."""
    resources: dict[str, Any] = template["Resources"]
    known = {*resources, *template.get("Parameters", {}), *PSEUDO}
    needs = {name: set(_named(resource)) for name, resource in resources.items()}
    needs["Outputs"] = set(_named(template.get("Outputs", {})))
    found: list[Finding] = [
        ("REFERENCE", name, f"{unknown} is not there")
        for name, named in needs.items()
        for unknown in sorted(named - known)
    ]
    found += [
        ("REFERENCE", name, "a parameter has this name too")
        for name in sorted(set(resources) & set(template.get("Parameters", {})))
    ]
    conditions = set(_conditions({**resources, "Outputs": template.get("Outputs", {})}))
    found += [
        ("REFERENCE", "", f"the condition {unknown} is not there")
        for unknown in sorted(conditions - set(template.get("Conditions", {})))
    ]
    circle = _circle({name: needs[name] & set(resources) for name in resources})
    return [*found, *([("CIRCLE", ", ".join(circle), "each waits for another of them")] if circle else [])]


def _named(value: Any) -> Iterator[str]:
    """The logical ids that something names."""
    if isinstance(value, list):
        for inner in value:
            yield from _named(inner)
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
                yield from _named(inner)


def _in_sub(argument: Any) -> Iterator[str]:
    given, more = (argument, {}) if isinstance(argument, str) else argument
    yield from (name.partition(".")[0] for name in VARIABLE.findall(given) if name not in more)
    yield from _named(more)


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
    """The resources that are in circles, or between two of them: what is left when all others are taken away."""
    left = {name: set(needed) for name, needed in needs.items()}
    while True:
        needed = set().union(*left.values()) if left else set()
        ends = {name for name, waits in left.items() if not waits or name not in needed}
        if not ends:
            return sorted(left)
        left = {name: waits - ends for name, waits in left.items() if name not in ends}
