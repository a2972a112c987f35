"""Part of `make check`: packages every stage, and checks the template that CloudFormation gets with
`tools/template_rules`, cfn-lint (and its serverless rules) and checkov. It checks the stack of resources and the
example consumer's template too. The code that Lambda gets is checked against the stage's runtime, and for prod also
against the same Python on the other processor.

A finding is an error unless `infra/accepted.py` gives a reason to accept it. A reason without a finding is an error
too.
"""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from infra import options
from infra import stage as stages
from infra.accepted import is_accepted, unneeded
from infra.render import rendered
from infra.runtime import PROCESSORS
from infra.stage import LOCAL_REGION, ROOT, Stage
from tools import native, template_rules, weight
from tools.console import Problem, main_of, say, step
from tools.deploy_example import EXAMPLE
from tools.package import bundle, package, template_of
from tools.template_rules.translation import translated

if TYPE_CHECKING:
    from pathlib import Path

    from tools.template_rules.findings import Finding

BIN = ROOT / ".venv-check" / "bin"

MESSAGE = 200
"""Characters of a finding that are printed: some findings list all permitted values."""


def linted_stages() -> tuple[Stage, ...]:
    """Every stage that comes with the project. `dev` has everything turned on that is off by default."""
    local, dev, prod = (stages.load(name) for name in ("local", "dev", "prod"))
    return (
        local,
        replace(
            dev,
            settings={
                **dev.settings,
                **stages.ALL_ON,
                "ALARMS": "all",
                "SNAP_START": "on",
                **options.EXAMPLES,
            },
        ),
        prod,
    )


def rules(template: Path) -> list[Finding]:
    """Findings of this project's own rules."""
    return template_rules.faults(json.loads(template.read_text("utf-8")))


def serverless(template: Path) -> list[Finding]:
    """Findings of cfn-lint's rules for SAM, which read the template as it is before the transform."""
    return [
        finding
        for finding in _cfn_lint(template, "-a", "cfn_lint_serverless.rules")
        if finding[0].startswith(("ES", "WS"))
    ]


def cfn_lint(template: Path) -> list[Finding]:
    """Findings of cfn-lint, warnings included."""
    return _cfn_lint(template)


def _cfn_lint(template: Path, *more: str) -> list[Finding]:
    output = _run("cfn-lint", *more, "-t", str(template), "--format", "json")
    return [
        (
            match["Rule"]["Id"],
            "/".join(str(part) for part in match["Location"]["Path"] or [])[:80],
            match["Message"],
        )
        for match in json.loads(output or "[]")
    ]


def checkov(template: Path) -> list[Finding]:
    """Findings of checkov."""
    output = _run(
        "checkov", "-f", str(template), "--framework", "cloudformation", "--compact", "--quiet", "-o", "json"
    )
    report = json.loads(output)
    reports = report if isinstance(report, list) else [report]
    return [
        (check["check_id"], check["resource"], check["check_name"])
        for part in reports
        for check in part["results"]["failed_checks"]
    ]


def _run(program: str, *arguments: str) -> str:
    process = subprocess.run(
        [str(BIN / program), *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if not process.stdout.strip().startswith(("[", "{")) and process.returncode:
        raise Problem(f"{program} failed:\n{process.stderr[-2000:]}")
    return process.stdout


def _templates(stage: Stage) -> tuple[Path, Path, Path]:
    """Package a stage. Returns the files of its SAM template, of this template after the transform, and of its stack of
    resources."""
    folder = package(stage)
    translated_file = folder / "translated.json"
    translated_file.write_text(json.dumps(translated(template_of(folder)), indent=1), "utf-8")
    return folder / "sam.json", translated_file, rendered(stage) / "resources.json"


def _example() -> Path:
    translated_file = ROOT / "build" / "example.json"
    translated_file.write_text(
        json.dumps(translated(yaml.safe_load((EXAMPLE / "template.yaml").read_text("utf-8")))), "utf-8"
    )
    return translated_file


def code(stage: Stage) -> list[Finding]:
    """Files in the packaged zip that are not for the stage's runtime, and a zip that is too heavy."""
    archive = ROOT / "build" / stage.name / "deployment.zip"
    return native.faults(archive, stage.runtime) + weight.faults(archive)


def other_code(stage: Stage) -> list[Finding]:
    """The same for the zip that the stage would have on the other processor."""
    other = next(name for name in PROCESSORS if name != stage.runtime.architecture)
    moved = replace(stage, settings={**stage.settings, "ARCHITECTURE": other})
    archive = bundle(moved, ROOT / "build" / f"{stage.name}-{other}.zip")
    return native.faults(archive, moved.runtime) + weight.faults(archive)


def main() -> None:
    os.environ.setdefault("AWS_DEFAULT_REGION", LOCAL_REGION)  # the transform of SAM asks for one
    jobs = []
    with ThreadPoolExecutor(2) as pool:
        for stage in linted_stages():
            with step(f"packaging and translating {stage.name}"):
                packaged, translated_file, resources = _templates(stage)
            jobs += [(stage.name, pool.submit(check, translated_file)) for check in (rules, cfn_lint, checkov)]
            jobs += [(stage.name, pool.submit(rules, resources)), (stage.name, pool.submit(serverless, packaged))]
            jobs.append((stage.name, pool.submit(code, stage)))
        jobs.append((stage.name, pool.submit(other_code, stage)))
        jobs += [("example", pool.submit(check, _example())) for check in (rules, cfn_lint)]
        with step("rules, cfn-lint and checkov on all of them"):
            findings = [(name, *finding) for name, job in jobs for finding in job.result()]
    unlisted = [finding for finding in findings if not is_accepted(finding[0], finding[1])]
    unfounded = unneeded((stage, check) for stage, check, _, _ in findings)
    for name, check, location, message in unlisted:
        say(f"  {name}: {check} {location}: {message[:MESSAGE]}")
    for check in unfounded:
        say(f"  infra/accepted.py: {check} is found in no template any more: take it out")
    if unlisted or unfounded:
        raise Problem(f"{len(unlisted)} findings without a reason, {len(unfounded)} reasons without a finding")
    say(f"  {len(findings)} findings, all of accepted kinds")


if __name__ == "__main__":
    main_of(main)
