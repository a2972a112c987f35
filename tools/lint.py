"""Part of `make check`: packages every stage, and runs cfn-lint (with its serverless rules) and checkov on each.

A finding is an error unless `infra/accepted.py` gives the reason why it stays; a reason that nothing needs is one too.
"""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from infra import stage as stages
from infra.accepted import ACCEPTED
from infra.policies import EMULATED_WITHOUT_RESOURCES, WITHOUT_RESOURCES
from infra.stage import ROOT
from infra.state_machines import VENDED_LOGS
from tools.console import Problem, main_of, say, step
from tools.package import package

if TYPE_CHECKING:
    from pathlib import Path

BIN = ROOT / ".venv-check" / "bin"
STAGES = ("local", "dev", "prod")
ON_EVERYTHING = {*WITHOUT_RESOURCES, *EMULATED_WITHOUT_RESOURCES, *VENDED_LOGS}

Finding = tuple[str, str, str]
"""Check, resource or place, message."""


def cfn_lint(template: Path) -> list[Finding]:
    """What cfn-lint finds, warnings included."""
    done = _run("cfn-lint", "-a", "cfn_lint_serverless.rules", "-t", str(template), "--format", "json")
    return [
        (
            found["Rule"]["Id"],
            "/".join(str(part) for part in found["Location"]["Path"] or [])[:80],
            found["Message"],
        )
        for found in json.loads(done or "[]")
    ]


def checkov(template: Path) -> list[Finding]:
    """What checkov finds."""
    done = _run(
        "checkov", "-f", str(template), "--framework", "cloudformation", "--compact", "--quiet", "-o", "json"
    )
    report = json.loads(done)
    reports = report if isinstance(report, list) else [report]
    return [
        (found["check_id"], found["resource"], found["check_name"])
        for part in reports
        for found in part["results"]["failed_checks"]
    ]


def wildcards(template: Path) -> list[Finding]:
    """Roles that grant an action with a wildcard, or an action on everything that could name its resource."""
    resources: dict[str, Any] = json.loads(template.read_text("utf-8"))["Resources"]
    return [
        ("WILDCARD", name, f"{action} on {resource}")
        for name, role in resources.items()
        if role["Type"] == "AWS::IAM::Role"
        for policy in role["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if "*" in action or (resource == "*" and action not in ON_EVERYTHING)
    ]


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run([str(BIN / program), *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    if not done.stdout.strip().startswith(("[", "{")) and done.returncode:
        raise Problem(f"{program} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def main() -> None:
    templates = {}
    for name in STAGES:
        with step(f"packaging {name}"):
            templates[name] = package(stages.load(name)) / "sam.json"
    with step("cfn-lint, checkov and least privilege on all stages"), ThreadPoolExecutor(2) as pool:
        jobs = [
            (name, pool.submit(check, template))
            for name, template in templates.items()
            for check in (cfn_lint, checkov, wildcards)
        ]
        findings = [(name, *found) for name, job in jobs for found in job.result()]
    names = [{check, f"{stage}:{check}"} for stage, check, _, _ in findings]
    unlisted = [found for found, known in zip(findings, names, strict=True) if not known & set(ACCEPTED)]
    unneeded = sorted(set(ACCEPTED).difference(*names))
    for stage, check, place, message in unlisted:
        say(f"  {stage}: {check} {place}: {message}")
    for check in unneeded:
        say(f"  infra/accepted.py: {check} is found in no template any more: take it out")
    if unlisted or unneeded:
        raise Problem(f"{len(unlisted)} findings without a reason, {len(unneeded)} reasons without a finding")
    say(f"  {len(findings)} findings, all of {len(ACCEPTED)} accepted kinds")


if __name__ == "__main__":
    main_of(main)
