"""What needs the AWS account of a stage: the checkout's tools do it, with this machine's credentials."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rollcall_cli import machine
from rollcall_cli.commands import Yes, examples, world_of
from rollcall_cli.exits import Incomplete
from rollcall_cli.world import LOCAL


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the program."""
    app.command(epilog=examples("up", "up --keep"))(up)
    app.command(epilog=examples("doctor", "doctor --stage prod --profile work --region eu-central-1"))(doctor)
    app.command(epilog=examples("deploy --stage dev", "deploy --stage prod --region eu-central-1"))(deploy)
    app.command(epilog=examples("admin you@example.com --stage dev"))(admin)
    app.command(epilog=examples("delete --stage dev", "delete --stage dev --data"))(delete)
    rehearsed = examples(
        "rehearse --region eu-central-1 --mail-domain example.com",
        "rehearse --region eu-central-1 --mail-domain example.com --yes",
    )
    app.command(epilog=rehearsed)(rehearse)
    app.command(epilog=examples("cost", "cost USERS=1000000 SIGNINS=30"))(cost)
    app.command("reapply-erasures", epilog=examples("reapply-erasures --stage prod --since 2026-01-31T12:00:00Z"))(
        reapply_erasures
    )


def up(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Keep its data for the next start.")] = False,
    port: Annotated[str, typer.Option(metavar="PORT", help="Of the API.")] = "",
    cloud_port: Annotated[str, typer.Option(metavar="PORT", help="Of the local cloud.")] = "",
    mailbox_port: Annotated[str, typer.Option(metavar="PORT", help="Of the mailbox.")] = "",
) -> None:
    """Run the whole system on this machine, as `make run` does. Ctrl-C ends it."""
    ports = {"PORT": port, "CLOUD_PORT": cloud_port, "MAILBOX_PORT": mailbox_port}
    world_of(context).tools.make("run", KEEP="1" if keep else "", **ports)


def deploy(
    context: typer.Context,
    package: Annotated[bool, typer.Option("--package", help="Its packaged template, as for production.")] = False,
) -> None:
    """Deploy the stage into the AWS account of your credentials. Again gives the same result."""
    world = world_of(context)
    world.tools.run("tools.deploy", world.stage, MODE="package" if package else "")


def admin(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Whose account it will be.")],
) -> None:
    """Make the stage's first administrator, and print the password once."""
    world = world_of(context)
    world.tools.run("tools.admin", world.stage, email)


def delete(
    context: typer.Context,
    data: Annotated[bool, typer.Option("--data", help="Its data too, so all of its people.")] = False,
    yes: Yes = False,
) -> None:
    """Delete what deploy made of the stage; its data only with --data."""
    world = world_of(context)
    if data:
        world.terminal.agree(f"Delete the stage {world.stage} with all of its people?", yes=yes)
    world.tools.run("tools.delete", world.stage, CONFIRM="yes" if data else "")


def rehearse(
    context: typer.Context,
    mail_domain: Annotated[str, typer.Option(metavar="DOMAIN", help="From which it mails.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it; without it only the plan is shown.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Do not take it away again.")] = False,
    remove: Annotated[str, typer.Option(metavar="STAGE", help="Take away an earlier one.")] = "",
    import_rows: Annotated[str, typer.Option(metavar="N", help="Rows that are imported.")] = "",
    trial_rows: Annotated[str, typer.Option(metavar="N", help="Rows of the large trial.")] = "",
    read_model_secret: Annotated[
        str, typer.Option(metavar="SECRET", help="Of a database for its read model.")
    ] = "",
    read_model_subnets: Annotated[str, typer.Option(metavar="IDS", help="Where that database is.")] = "",
    read_model_security_groups: Annotated[str, typer.Option(metavar="IDS", help="By which it is reached.")] = "",
) -> None:
    """Rehearse all of it in your own AWS account, in the region of --region, and take it away again."""
    world = world_of(context)
    world.tools.run(
        "tools.rehearse",
        REGION=world.variables.get("AWS_REGION", ""),
        MAIL_DOMAIN=mail_domain,
        CONFIRM="yes" if yes else "",
        KEEP="yes" if keep else "",
        REMOVE=remove,
        IMPORT_ROWS=import_rows,
        TRIAL_ROWS=trial_rows,
        READ_MODEL_SECRET=read_model_secret,
        READ_MODEL_SUBNETS=read_model_subnets,
        READ_MODEL_SECURITY_GROUPS=read_model_security_groups,
    )


def cost(
    context: typer.Context,
    load: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=NUMBER]...", help="What people do in a month: USERS, SIGNINS, …"),
    ] = None,
) -> None:
    """Say what a month costs under a load, by service, beside Cognito and others."""
    world_of(context).tools.run("tools.cost", *(load or []))


def reapply_erasures(
    context: typer.Context,
    since: Annotated[str, typer.Option(metavar="TIME", help="When the backup was made; all if left out.")] = "",
) -> None:
    """After a restore from a backup, erase again who was erased since."""
    world = world_of(context)
    world.tools.run("tools.reapply_erasures", world.stage, since)


def doctor(context: typer.Context) -> None:
    """Say what is missing on this machine, and for a stage in AWS in the account: credentials, permissions, quotas,
    the sandbox and the mail domain of SES, settings. It changes nothing, and exits with 6 where something is missing.
    """
    world = world_of(context)
    found = [each.document() for each in machine.findings(world)]
    if world.stage != LOCAL:
        found += world.tools.read("tools.doctor", world.stage)
    world.terminal.listing(("", "what", "how it is", "what to do"), found, _row)
    if missing := [each["name"] for each in found if each["state"] == "missing"]:
        raise Incomplete(f"missing: {', '.join(missing)}")


def _row(finding: dict[str, Any]) -> list[object]:
    marks = {"good": "ok", "missing": "missing", "optional": "note"}
    return [marks[finding["state"]], finding["name"], finding["about"], finding["try_this"] or " "]
