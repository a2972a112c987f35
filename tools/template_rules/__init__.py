"""What AWS refuses in a template, or understands otherwise than the emulators do: pure functions, template → findings.

They are held to what CloudFormation gets, after the transform of SAM: by `make check` to the packaged templates, by the
unit tests to templates made in process, and to broken ones.
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
    """What any rule finds in a translated template."""
    return [found for rule in RULES for found in rule.faults(template)]
