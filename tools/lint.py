"""Part of `make check`: packages every stage, and holds what CloudFormation gets of it to `tools/template_rules`,
cfn-lint (with its serverless rules) and checkov; the stack of resources and the example consumer's template too. What
Lambda gets is held to the stage's runtime, and for prod to the same Python on the other processor.

A finding is an error unless `infra/accepted.py` gives the reason why it stays; a reason that nothing needs is one too.
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
from tools import native, template_rules
from tools.console import Problem, main_of, say, step
from tools.deploy_example import EXAMPLE
from tools.package import bundle, package, template_of
from tools.template_rules.translation import translated

if TYPE_CHECKING:
    from pathlib import Path

    from tools.template_rules.findings import Finding

BIN = ROOT / ".venv-check" / "bin"

MESSAGE = 200
"""Characters of a finding: some list all that would do."""


def linted_stages() -> tuple[Stage, ...]:
    """Every stage that comes with the project; one of them with what is otherwise off."""
    local, dev, prod = (stages.load(name) for name in ("local", "dev", "prod"))
    return (
        local,
        replace(dev, settings={**dev.settings, "KINESIS_ITEMS": "on", "ALARMS": "all", **options.EXAMPLES}),
        prod,
    )


def rules(template: Path) -> list[Finding]:
    """What our own rules find."""
    return template_rules.faults(json.loads(template.read_text("utf-8")))


def serverless(template: Path) -> list[Finding]:
    """What cfn-lint's rules for SAM find, which read the template as it was before the transform."""
    return [
        found
        for found in _cfn_lint(template, "-a", "cfn_lint_serverless.rules")
        if found[0].startswith(("ES", "WS"))
    ]


def cfn_lint(template: Path) -> list[Finding]:
    """What cfn-lint finds, warnings included."""
    return _cfn_lint(template)


def _cfn_lint(template: Path, *more: str) -> list[Finding]:
    done = _run("cfn-lint", *more, "-t", str(template), "--format", "json")
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


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run([str(BIN / program), *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    if not done.stdout.strip().startswith(("[", "{")) and done.returncode:
        raise Problem(f"{program} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _templates(stage: Stage) -> tuple[Path, Path, Path]:
    """Package a stage: its SAM template, what CloudFormation gets of it, and its stack of resources."""
    folder = package(stage)
    made = folder / "translated.json"
    made.write_text(json.dumps(translated(template_of(folder)), indent=2), "utf-8")
    return folder / "sam.json", made, rendered(stage) / "resources.json"


def _example() -> Path:
    made = ROOT / "build" / "example.json"
    made.write_text(
        json.dumps(translated(yaml.safe_load((EXAMPLE / "template.yaml").read_text("utf-8")))), "utf-8"
    )
    return made


def code(stage: Stage) -> list[Finding]:
    """What in the packaged zip is not for the stage's runtime."""
    return native.faults(ROOT / "build" / stage.name / "deployment.zip", stage.runtime)


def other_code(stage: Stage) -> list[Finding]:
    """The same of the zip that the stage would have on the other processor."""
    other = next(name for name in PROCESSORS if name != stage.runtime.architecture)
    moved = replace(stage, settings={**stage.settings, "ARCHITECTURE": other})
    return native.faults(bundle(moved, ROOT / "build" / f"{stage.name}-{other}.zip"), moved.runtime)


def main() -> None:
    os.environ.setdefault("AWS_DEFAULT_REGION", LOCAL_REGION)  # the transform of SAM asks for one
    jobs = []
    with ThreadPoolExecutor(2) as pool:
        for stage in linted_stages():
            with step(f"packaging and translating {stage.name}"):
                packaged, made, resources = _templates(stage)
            jobs += [(stage.name, pool.submit(check, made)) for check in (rules, cfn_lint, checkov)]
            jobs += [(stage.name, pool.submit(rules, resources)), (stage.name, pool.submit(serverless, packaged))]
            jobs.append((stage.name, pool.submit(code, stage)))
        jobs.append((stage.name, pool.submit(other_code, stage)))
        jobs += [("example", pool.submit(check, _example())) for check in (rules, cfn_lint)]
        with step("rules, cfn-lint and checkov on all of them"):
            findings = [(name, *found) for name, job in jobs for found in job.result()]
    unlisted = [found for found in findings if not is_accepted(found[0], found[1])]
    unfounded = unneeded((stage, check) for stage, check, _, _ in findings)
    for name, check, place, message in unlisted:
        say(f"  {name}: {check} {place}: {message[:MESSAGE]}")
    for check in unfounded:
        say(f"  infra/accepted.py: {check} is found in no template any more: take it out")
    if unlisted or unfounded:
        raise Problem(f"{len(unlisted)} findings without a reason, {len(unfounded)} reasons without a finding")
    say(f"  {len(findings)} findings, all of accepted kinds")


if __name__ == "__main__":
    main_of(main)
