"""The stage's package. It is made once, and several steps use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tools.deploying import package_alone
from tools.package import template_of
from tools.template_rules.translation import translated

if TYPE_CHECKING:
    from pathlib import Path

    from tools.rehearse.context import Rehearsal


def folder(rehearsal: Rehearsal) -> Path:
    """The folder of the packaged stage."""
    if "package" not in rehearsal.facts:
        rehearsal.facts["package"] = package_alone(rehearsal.stage)
    return cast("Path", rehearsal.facts["package"])


def template(rehearsal: Rehearsal) -> dict[str, Any]:
    """The packaged template. Each call reads it again, because a deployment changes it."""
    return template_of(folder(rehearsal))


def resources(rehearsal: Rehearsal) -> dict[str, Any]:
    """The template after the transform of SAM, as CloudFormation processes it."""
    return translated(template(rehearsal))
