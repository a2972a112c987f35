"""The read model in SQL of a stage that has one: the checkout's tools ask the stage's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import Commands, Yes, examples, world_of
from rollcall_cli.exits import Failure, Misused
from rollcall_cli.terminal import when

if TYPE_CHECKING:
    from rollcall_cli.world import World

POLL_SECONDS = 2.0
ENDED = {"finished", "failed", "cancelled"}

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The read model in SQL.")


@app.command(epilog=examples("read-model migrate --stage prod"))
def migrate(context: typer.Context) -> None:
    """Bring its tables to the version that the stage's code has, as each deployment does."""
    world = world_of(context)
    world.tools.run("tools.read_model", world.stage, "migrate")


@app.command(epilog=examples("read-model rebuild", "read-model rebuild --stage prod --yes"))
def rebuild(context: typer.Context, yes: Yes = False) -> None:
    """Make its tables anew from DynamoDB, beside those that are asked, and then replace these by them.

    While it is watched, Ctrl-C ends the watching, and not the work.
    """
    world = world_of(context)
    if not world.terminal.confirm("Make the read model anew?", yes=yes):
        raise Misused("nothing was begun")
    _watch(world, world.api.post("/read-model/rebuild"))


@app.command(epilog=examples("read-model verify", "read-model verify --mend"))
def verify(
    context: typer.Context,
    mend: Annotated[bool, typer.Option("--mend", help="Replace the tables where something differs.")] = False,
) -> None:
    """Compare its tables with DynamoDB, and list what differs. Exit status 1 where something does and is not mended."""
    world = world_of(context)
    job = _watch(world, world.api.post("/read-model/verify", {"mend": mend}))
    wrong = sum(
        number for kinds in job["differences"].values() for kind, number in kinds.items() if kind != "waiting"
    )
    if wrong and not mend:
        raise Failure(f"{wrong:,} rows differ; `rollcall read-model verify --mend` mends them")


@app.command(epilog=examples("read-model status"))
def status(context: typer.Context) -> None:
    """Show its tables, how far it is, and the latest job that made it anew or checked it."""
    world = world_of(context)
    state = world.api.get("/read-model")
    if world.terminal.json_lines:
        world.terminal.json(state)
        return
    newest = when(state["newest_event"]) if state["newest_event"] else "none"
    world.terminal.line(f"migration {state['migration']} of {state['newest_migration']}, newest event: ", newest)
    for table, rows in sorted(state["rows"].items()):
        world.terminal.line(f"about {rows:,} ", table)
    if state["job"]:
        _show(world, state["job"])


@app.command(epilog=examples("read-model cancel 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def cancel(
    context: typer.Context, job_id: Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
) -> None:
    """End a job that makes it anew or checks it. The tables that are asked stay as they are."""
    world = world_of(context)
    job = world.api.post(f"/read-model/jobs/{segment(job_id)}/cancel")
    if world.terminal.json_lines:
        world.terminal.json(job)
    else:
        _show(world, job)


def _watch(world: World, job: dict[str, Any]) -> dict[str, Any]:
    """Follow a job to its end, and return it. Raises Failure where it fails or is cancelled."""
    terminal = world.terminal
    terminal.say(f"Job {job['id']}; `rollcall read-model cancel` ends it.")
    with terminal.progress() as progress:
        task = progress.add_task(job["purpose"], total=1.0, about="")
        while job["status"] not in ENDED:
            world.sleep(POLL_SECONDS)
            job = world.api.get(f"/read-model/jobs/{segment(job['id'])}")
            progress.update(task, completed=_share(job), about=_about(job))
    if terminal.json_lines:
        terminal.json(job)
    else:
        _show(world, job)
    if job["status"] != "finished":
        raise Failure(f"it {job['status']}: {job['reason'] or 'the log says why'}")
    return job


def _about(job: dict[str, Any]) -> str:
    written = f"{sum(job['written'].values()):,} written"
    left = f", about {job['seconds_left']} s left" if job["seconds_left"] is not None else ""
    return f"{job['step']}, {written}, {job['rate']:,} a second{left}"


def _share(job: dict[str, Any]) -> float:
    """How much of what is expected was written, from 0 to 1."""
    expected = sum(job["expected"].get(table, 0) for table in job["written"])
    return min(1.0, sum(job["written"].values()) / expected) if expected else 0.0


def _show(world: World, job: dict[str, Any]) -> None:
    terminal = world.terminal
    terminal.line(f"{job['purpose']} {job['id']}: ", job["status"])
    terminal.line(", ".join(f"{number:,} {table}" for table, number in job["written"].items()), " written")
    for table, kinds in (job["differences"] or {}).items():
        for kind, number in kinds.items():
            terminal.line(f"{number:,} {table} ", kind)
    for row in job["listed"]:
        terminal.line(f"{row['kind']} in {row['table']}: ", " ".join(map(str, row["key"])))
