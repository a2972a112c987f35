"""Imports that there were: listed, and one with all that is said of it."""

from __future__ import annotations

from typing import Annotated

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import examples, group, world_of
from rollcall_cli.mapping import show_notes
from rollcall_cli.terminal import when

LISTED = 25

app = group("Look at the imports so far.")


@app.command("list", epilog=examples("imports list --limit 5"))
def list_imports(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = LISTED,
) -> None:
    """List imports, newest first."""
    world = world_of(context)
    world.terminal.listing(
        ("file", "status", "created", "updated", "refused", "begun", "id"),
        list(world.api.listed("/imports", most=limit)),
        lambda job: (
            job["source"],
            f"{job['status']}{', trial' if (job['options'] or {}).get('dry_run') else ''}",
            *(job["counts"][name] for name in ("created", "updated", "failed")),
            when(job["created_at"]),
            job["id"],
        ),
    )


@app.command("show", epilog=examples("imports show 01J9ZQ0000000000000000000A"))
def show_import(
    context: typer.Context, job_id: Annotated[str, typer.Argument(metavar="ID", help="The import's id.")]
) -> None:
    """Show one import: what came of its rows, what was left out of them, and with which options it ran."""
    world = world_of(context)
    job = world.api.get(f"/imports/{segment(job_id)}")
    terminal, options = world.terminal, job["options"] or {}
    if terminal.json_lines:
        terminal.json(job)
        return
    terminal.fields(
        {
            "id": job["id"],
            "file": job["source"],
            "format": job["format"],
            "status": job["status"],
            **({"reason": job["reason"]} if job["reason"] else {}),
            **job["counts"],
            "begun": when(job["created_at"]),
            "ended": when(job["ended_at"]),
            "options": ", ".join(
                name if value is True else f"{name} {value}"
                for name, value in options.items()
                if value and name != "columns"
            ),
        }
    )
    if options.get("columns"):
        terminal.out.print()
        columns = options["columns"].items()
        terminal.table(("column", "goes to"), [(column, target or "left out") for column, target in columns])
    if job["notes"]:
        terminal.out.print()
    show_notes(terminal, job["notes"], every=True)
