"""Importing a file: a trial, the import itself, and what was refused mended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import examples, world_of
from rollcall_cli.exits import Failure, Incomplete, Misused
from rollcall_cli.http import Request, multipart
from rollcall_cli.mapping import HINT, SUGGESTED, changed, columns_of, looked_at, rows, show_mapping, show_notes
from rollcall_cli.mending import mended, shown_errors

if TYPE_CHECKING:
    from rollcall_cli.world import World

ENDED = {"finished", "failed", "cancelled"}
POLL_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    lines = (
        "import people.json",
        "import users.csv --upsert --yes",
        "import rails.csv --map full_name=name --map dob=birthdate:dmy",
    )
    app.command("import", epilog=examples(*lines))(import_file)


def import_file(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="The file; its format is found out."),
    ],
    upsert: Annotated[bool, typer.Option("--upsert", help="Change who exists already, not only add.")] = False,
    items: Annotated[bool, typer.Option("--items", help="It has items of people, not people.")] = False,
    privileged: Annotated[bool, typer.Option("--privileged", help="Apply roles and states too.")] = False,
    groups_as_roles: Annotated[
        bool, typer.Option("--groups-as-roles", help="Make roles of the other system's groups.")
    ] = False,
    trial: Annotated[bool, typer.Option("--trial", help="Only say what would become of each row.")] = False,
    no_trial: Annotated[bool, typer.Option("--no-trial", help="Import at once.")] = False,
    firebase_project: Annotated[
        str, typer.Option(metavar="NAME", help="Whose hash parameters the stage holds.")
    ] = "",
    kratos_email: Annotated[str, typer.Option(metavar="TRAIT", help="The trait that is the address.")] = "",
    kratos_name: Annotated[str, typer.Option(metavar="TRAIT", help="The trait that is the name.")] = "",
    pairs: Annotated[
        list[str], typer.Option("--map", metavar="COLUMN=FIELD", help="Where a column goes; repeatable.")
    ] = [],  # noqa: B006 - read only
    columns: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, metavar="FILE", help="Where all go: a JSON object of such pairs."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Import after the trial without being asked.")] = False,
) -> None:
    """Import people or their items from a file.

    First a trial says what would become of each row; then it is imported, if you agree. Rows that were refused open in
    your editor, with what is wrong with each, and are sent again once they are mended. Exits with 6 where rows remain
    refused.

    Of a file of no known system it shows where its columns probably go, and asks whether to take that; where nobody is
    there to be asked it prints that as JSON for --columns, and exits with 2.
    """
    world = world_of(context)
    if trial and no_trial:
        raise Misused("--trial and --no-trial exclude each other")
    asked = {
        "content": "items" if items else "users",
        "mode": "upsert" if upsert else "create",
        "privileged": privileged,
        "firebase_project": firebase_project,
        "kratos_email": kratos_email,
        "kratos_name": kratos_name,
        "groups_as_roles": groups_as_roles,
        "columns": columns_of(pairs, columns),
    }
    new_import = {name: value for name, value in asked.items() if value}
    new_import |= _suggested(world, file, new_import, trial=trial)
    if not no_trial:
        job = run_import(world, file, {**new_import, "dry_run": True}, "trial")
        _show(world, job, "would be")
        if trial:
            _ended(job)
            return
        if not world.terminal.confirm("Import it?", yes=yes):
            raise Misused("nothing was imported")
    job = run_import(world, file, new_import, "import")
    _show(world, job, "were")
    while job["counts"]["failed"] and world.terminal.interactive and not yes:
        if not world.terminal.confirm("Mend the refused rows in your editor?", yes=False):
            break
        again = _sent_again(world, job)
        if again is None:
            break
        job = again
        _show(world, job, "were")
    _ended(job)


def _suggested(world: World, file: Path, new_import: dict[str, Any], *, trial: bool) -> dict[str, Any]:
    """The columns of a file of no known system that nobody has said anything about: as they are suggested, or changed
    in an editor, and agreed to. A trial writes nobody, and needs no agreement. Raises Misused where there is none."""
    if "columns" in new_import:
        return {}
    terminal = world.terminal
    look = looked_at(world.api, file, new_import)
    columns: dict[str, str] | None = look["suggested"]
    if columns is None:
        return {}
    if not trial and not terminal.interactive:
        terminal.json(columns)
        raise Misused(SUGGESTED, HINT)
    terminal.say("No system that we know writes such a file. Its columns probably go:")
    while True:
        if not terminal.json_lines:
            show_mapping(terminal, look, columns)
        answer = "y" if trial else terminal.ask("Take it so? [y/N, or e to change it in your editor]").lower()
        if answer in {"y", "yes"}:
            return {"columns": columns}
        if answer not in {"e", "edit"}:
            terminal.json(columns)
            raise Misused("nothing was imported", "say where columns go by --map, or in a file by --columns")
        # What the editor made of it is kept, also where the API refuses it: it is mended there.
        columns = changed(columns, world.edit, world.environment)
        try:
            look = looked_at(world.api, file, {**new_import, "columns": columns})
        except Failure as refused:
            terminal.say(f"error: {refused.message}", style="red")


def run_import(world: World, file: Path, new_import: dict[str, Any], what: str) -> dict[str, Any]:
    """Make an import, upload its file, and watch it to its end: the job. Raises Failure where it fails."""
    job = world.api.post("/imports", {**new_import, "file_name": file.name})
    _upload(world, file, job["upload"])
    return watched(world, job["id"], what)


def _upload(world: World, file: Path, form: dict[str, Any]) -> None:
    size = file.stat().st_size
    with world.terminal.progress() as progress, file.open("rb") as opened:
        task = progress.add_task("upload", total=size or 1, about=f"of {size:,} bytes")
        headers, body = multipart(form["fields"], opened, size, lambda sent: progress.update(task, completed=sent))
        response = world.send(Request("POST", form["url"], headers, body))
    if response.status >= 300:
        raise Failure(f"the upload was refused with {response.status}", "is the file above the stage's limit?")


def watched(world: World, job_id: str, what: str, run: str | None = None) -> dict[str, Any]:
    """Follow an import until it has ended: the job. Raises Failure where it failed."""
    last = ""
    with world.terminal.progress() as progress:
        task = progress.add_task(what, total=None, about="waiting")
        while True:
            job: dict[str, Any] = world.api.get(f"/imports/{segment(job_id)}")
            rows, total = job["counts"]["rows"], job["total"]
            progress.update(task, completed=rows, total=total or None, about=_about(job))
            if job["status"] != last and not world.terminal.err.is_terminal:
                last = job["status"]
                world.terminal.say(f"{what} {job_id}: {last}")
            if job["status"] in ENDED and job["ended_at"] != run:
                break
            world.sleep(POLL_SECONDS)
    if job["status"] != "finished":
        raise Failure(f"the {what} {job['status']}: {job['reason'] or 'the log says why'}", "", {"job": job})
    return job


def _about(job: dict[str, Any]) -> str:
    rate, left = job["rate"], job["seconds_left"]
    words = [rows(job["counts"]["rows"]) if job["counts"]["rows"] else job["status"]]
    if rate:
        words.append(f"{rate:,.0f} a second")
    if left is not None:
        words.append(f"{left} s left")
    return ", ".join(words)


def _show(world: World, job: dict[str, Any], verb: str) -> None:
    terminal, counts = world.terminal, job["counts"]
    if terminal.json_lines:
        terminal.json(job)
        return
    speed = f", {job['rate']:,.0f} a second" if job["rate"] else ""
    terminal.line(f"{rows(counts['rows'])} ({job['format'] or 'unknown format'}){speed}:")
    styles = {"created": "green", "updated": "cyan", "unchanged": "dim", "failed": "red"}
    for name, style in styles.items():
        if counts[name]:
            label = "refused" if name == "failed" else f"{verb} {name}" if name != "unchanged" else "are the same"
            terminal.line((f"  {counts[name]:>9,}", style), f"  {label}")
    show_notes(terminal, job["notes"])
    if counts["failed"]:
        shown_errors(terminal, _errors(world, job))


def _errors(world: World, job: dict[str, Any]) -> list[dict[str, Any]]:
    """The faults of the refused rows; of a report that is too long for an answer none."""
    answer = world.api.get(f"/imports/{segment(job['id'])}/errors")
    if isinstance(answer, str):
        world.terminal.say(f"The report is long; fetch it within ten minutes: {answer}")
        return []
    return list(answer["items"])


def _sent_again(world: World, job: dict[str, Any]) -> dict[str, Any] | None:
    """The job after its mended rows were sent again; None where nothing was mended."""
    rows = mended(_errors(world, job), world.edit, world.environment)
    if not rows:
        world.terminal.say("Nothing was changed, so nothing is sent.")
        return None
    world.api.post(f"/imports/{segment(job['id'])}/retry", {"rows": rows})
    return watched(world, job["id"], "retry", run=job["ended_at"])


def _ended(job: dict[str, Any]) -> None:
    """Raises Incomplete where rows remain refused."""
    if job["counts"]["failed"]:
        path = f"/imports/{job['id']}/errors"
        raise Incomplete(f"{job['counts']['failed']:,} rows were refused", f"GET {path} has each one's reason")
