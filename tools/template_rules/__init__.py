"""Rules for what AWS refuses in a template, or treats otherwise than the emulators do. They are pure functions from a
template to findings.

They check the template that CloudFormation gets, after the transform of SAM. `make check` applies them to the packaged
templates; the unit tests apply them to templates made in process, and to broken ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.template_rules import (
    api,
    limits,
    names,
    permissions,
    principals,
    references,
    shape,
    sources,
    state_machines,
    watching,
)

if TYPE_CHECKING:
    from tools.template_rules.findings import Finding, Template

RULES = (api, limits, names, permissions, principals, references, shape, sources, state_machines, watching)


def faults(template: Template) -> list[Finding]:
    """The findings of all rules in a translated template."""
    return [finding for rule in RULES for finding in rule.faults(template)]
