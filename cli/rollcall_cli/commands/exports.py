"""Exporting people into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import examples, world_of
from rollcall_cli.exits import Failure, Misused
from rollcall_cli.http import download

if TYPE_CHECKING:
    from rollcall_cli.world import World

POLL_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "export", "export people.csv --format csv --role support", "export --format keycloak --credentials"
        )
    )(export)


def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where it goes; users-ID.json or so here if left out.")
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="KIND",
            help="ndjson or csv for Rollcall; auth0, cognito, firebase, keycloak, kratos or supabase for these.",
        ),
    ] = "ndjson",
    credentials: Annotated[bool, typer.Option("--credentials", help="With password hashes and factors.")] = False,
    hashes: Annotated[
        str | None,
        typer.Option(metavar="HASHES", help="Only people with such hashes, for Cognito and Firebase: BCRYPT, …"),
    ] = None,
    min_age: Annotated[int | None, typer.Option(help="At least this old.")] = None,
    max_age: Annotated[int | None, typer.Option(help="At most this old.")] = None,
    role: Annotated[str | None, typer.Option(metavar="ROLE", help="Who have this role.")] = None,
    status: Annotated[str | None, typer.Option(metavar="STATE", help="active or disabled.")] = None,
    created_after: Annotated[
        str | None, typer.Option(metavar="TIME", help="A time, or 30d for so long ago.")
    ] = None,
    created_before: Annotated[str | None, typer.Option(metavar="TIME", help="The same.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Export people, everybody or some, into a file of mode 0600. It wants a second factor of yours."""
    world = world_of(context)
    if file and file.exists() and not force:
        raise Misused(f"{file} is there already", "name another file, or add --force")
    asked: dict[str, Any] = {
        "format": kind,
        "credentials": credentials,
        "hashes": hashes,
        "min_age": min_age,
        "max_age": max_age,
        "role": role,
        "status": status,
        "created_after": world.moment(created_after) if created_after else None,
        "created_before": world.moment(created_before) if created_before else None,
    }
    job = world.api.post("/exports", {name: value for name, value in asked.items() if value is not None})
    job = _watched(world, job["id"])
    if not job["link"]:
        raise Failure("the export has no link any more", "its proof was given too long ago: rollcall export again")
    target = file or Path(job["file_name"])
    size = download(job["link"], target)
    if world.terminal.json_lines:
        world.terminal.json({**{name: job[name] for name in job if name != "link"}, "file": str(target)})
    else:
        world.terminal.line(f"{job['counts']['rows']:,} people in {target} ({size:,} bytes)")
        for left_out in job["left_out"]:
            world.terminal.say(f"left out: {left_out['name']} ({left_out['rows']:,})", style="yellow")


def _watched(world: World, job_id: str) -> dict[str, Any]:
    """The export when it has ended. Raises Failure where it failed."""
    with world.terminal.progress() as progress:
        task = progress.add_task("export", total=None, about="waiting")
        while True:
            job: dict[str, Any] = world.api.get(f"/exports/{segment(job_id)}")
            progress.update(task, about=f"{job['counts']['rows']:,} people")
            if job["status"] not in {"waiting", "running"}:
                break
            world.sleep(POLL_SECONDS)
    if job["status"] != "finished":
        raise Failure(f"the export {job['status']}: {job['reason'] or 'the log says why'}")
    return job
