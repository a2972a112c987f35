"""`rollcall rehearse`: see `docs/rehearsal.md`."""

from __future__ import annotations

import dataclasses
import os
import secrets
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.about import VERSION
from infra.stage import LOCAL_ACCOUNT, NETWORK, READ_MODEL, REHEARSAL_PREFIX, ROOT, Stage
from tools import cloud
from tools.console import Problem, ignore_interrupts, say
from tools.rehearse import costs
from tools.rehearse.context import Rehearsal, Sizes
from tools.rehearse.evidence import Report
from tools.rehearse.plan import PREFLIGHT, STEPS
from tools.rehearse.probes import ORIGIN
from tools.rehearse.runner import MINUTES, Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.rehearse.steps import Outcome, Step

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"

LOCALLY = {
    "FAILED_SIGN_IN_MILLISECONDS": "1000",
    "SIGN_INS_AT_ONCE": "1000",
    "SIGN_INS_AT_ONCE_IN_ALL": "1000",
}
"""Settings in the local cloud, where nobody guesses passwords."""

FOLDER = ROOT / "build" / "rehearsal"


def main() -> None:
    region, domain = os.environ.get("REGION", ""), os.environ.get("MAIL_DOMAIN", "")
    if not region or not domain:
        raise Problem(
            "where, and with which domain? rollcall rehearse --region eu-central-1 --mail-domain example.com"
        )
    os.environ |= {"AWS_DEFAULT_REGION": region, "AWS_REGION": region}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    removing = os.environ.get("REMOVE", "")
    if removing and not removing.startswith(REHEARSAL_PREFIX):
        raise Problem(f"{removing} is no stage of a rehearsal: they begin with {REHEARSAL_PREFIX}")
    rehearsal = rehearsal_of(region, domain, removing or new_name())
    if removing and os.environ.get("CONFIRM") != "yes":
        raise Problem(f"{removing} is removed with all that is in it: the same command with --yes")
    steps = [step for step in STEPS if step.always] if removing else STEPS
    refuse_dear_ones(steps, rehearsal)
    if removing:
        carry_out(rehearsal, steps, [], keeps_everything=False)
        return
    say(f"Rehearsing Rollcall {VERSION} in {region} as the stage {rehearsal.stage.name}")
    earlier = Runner(PREFLIGHT, rehearsal, on_step=_say_step).run()
    report_of(earlier)
    with_identity(rehearsal)
    print_plan(steps, rehearsal)
    if any(outcome.result == "failed" for outcome in earlier):
        raise Problem("nothing was made: mend what failed, and rehearse again")
    if os.environ.get("CONFIRM") != "yes":
        say("\nNothing was made. To do it: the same command with --yes")
        return
    carry_out(rehearsal, steps, earlier, keeps_everything=os.environ.get("KEEP") == "yes")


def carry_out(
    rehearsal: Rehearsal, steps: Sequence[Step], earlier: list[Outcome], *, keeps_everything: bool
) -> None:
    """Run the steps and write the evidence. Raises Problem where a step failed."""
    started = datetime.now(UTC)
    target = FOLDER / started.strftime("%Y-%m-%dT%H-%M-%SZ")
    report = Report(rehearsal, [*PREFLIGHT, *steps], target, version=VERSION, started=started)
    remove = removal(rehearsal)
    runner = Runner(
        steps,
        rehearsal,
        on_step=_say_step,
        save=lambda outcomes: report.save(outcomes, remove=remove),
        shield=ignore_interrupts,
        keep=f"--keep; later: {remove}" if keeps_everything else "",
    )
    outcomes = runner.run(earlier)
    report_of(outcomes[len(earlier) :])
    failed = [outcome.step.name for outcome in outcomes if outcome.result == "failed"]
    is_left = any(outcome.step.always and outcome.result != "passed" for outcome in outcomes)
    report.save(outcomes, ended=True, remove=remove if is_left else None)
    say("\nEvidence:")
    for file in report.files:
        say(f"  {file.relative_to(ROOT)}")
    if is_left:
        say(f"Something of it is still there: {remove}")
    if failed:
        raise Problem(f"{len(failed)} steps failed: {', '.join(failed)}")


def rehearsal_of(region: str, domain: str, name: str) -> Rehearsal:
    """A rehearsal of a stage of that name in the account that the environment names."""
    local = cloud.account() == LOCAL_ACCOUNT
    secret = os.environ.get("READ_MODEL_SECRET", "")
    settings = {
        "PUBLIC_URL": "https://rehearsal.example",
        "MAIL_DOMAIN": domain,
        "OPERATORS": "success+operators@simulator.amazonses.com",
        "ALLOWED_ORIGINS": ORIGIN,
        **(LOCALLY if local else {}),
        **(read_model_settings() if secret else {}),
    }
    return Rehearsal(
        stage=Stage(name, settings, emulated=local),
        region=region,
        account=cloud.account(),
        mail_domain=domain,
        local=local,
        sizes=sizes(local=local),
        client=cloud.client,
        read_model_secret=secret,
    )


def read_model_settings() -> dict[str, str]:
    """The settings of a stage with a read model, in the network that the environment names, if any."""
    named = {name: os.environ.get(name, "") for name in NETWORK}
    return {READ_MODEL: "postgres", **{name: value for name, value in named.items() if value}}


def with_identity(rehearsal: Rehearsal) -> None:
    """Set the stage so that its stack does not manage a mail domain that SES has already."""
    if rehearsal.has_identity:
        settings = {**rehearsal.stage.settings, "MAIL_IDENTITY": "existing"}
        rehearsal.stage = dataclasses.replace(rehearsal.stage, settings=settings)


def sizes(*, local: bool) -> Sizes:
    """The usual sizes, or those in the environment."""
    usual = Sizes()
    return Sizes(
        import_rows=int(os.environ.get("IMPORT_ROWS") or usual.import_rows),
        trial_rows=int(os.environ.get("TRIAL_ROWS") or usual.trial_rows),
        rotation_requests=10 if local else usual.rotation_requests,
        settle_seconds=0 if local else usual.settle_seconds,
    )


def new_name() -> str:
    """A random name for a stage, which no other stage is likely to have."""
    return REHEARSAL_PREFIX + "".join(secrets.choice(LETTERS) for _ in range(4))


def removal(rehearsal: Rehearsal) -> str:
    """The command that removes what is left of a rehearsal."""
    return (
        f"rollcall rehearse --region {rehearsal.region} --mail-domain {rehearsal.mail_domain} "
        f"--remove {rehearsal.stage.name} --yes"
    )


def refuse_dear_ones(steps: Sequence[Step], rehearsal: Rehearsal) -> None:
    """Raise Problem where the estimate is above the limit."""
    dollars = costs.estimate(steps, rehearsal.sizes)
    if dollars > costs.LIMIT and not rehearsal.local:
        raise Problem(
            f"it would cost about ${dollars:.2f}, above ${costs.LIMIT:.2f}: --import-rows or --trial-rows smaller"
        )


def print_plan(steps: Sequence[Step], rehearsal: Rehearsal) -> None:
    say("\nThe plan:")
    for step in steps:
        say(f"  {step.minutes:5.1f} min  {step.title}")
    minutes, dollars = sum(step.minutes for step in steps), costs.estimate(steps, rehearsal.sizes)
    say(f"\nAbout {minutes:.0f} minutes, at most {MINUTES:.0f}, and about ${dollars:.2f} in {rehearsal.region}.")


def _say_step(step: Step) -> None:
    say(f"  {step.name} …")


def report_of(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        mark = {"passed": "passed ", "failed": "FAILED ", "skipped": "skipped"}[outcome.result]
        say(f"  {mark} {outcome.step.name}" + (f": {outcome.reason}" if outcome.reason else ""))
        if outcome.look:
            say(f"          look at: {outcome.look}")
