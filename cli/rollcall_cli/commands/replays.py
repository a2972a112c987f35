"""Sending events again: a preview, an agreement, and progress."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import Yes, events, examples, world_of
from rollcall_cli.commands.events import Types, wanted
from rollcall_cli.exits import Failure, Misused, NotFound
from rollcall_cli.terminal import when

if TYPE_CHECKING:
    from rollcall_cli.world import World

app = events.app

POLL_SECONDS = 1.0
ENDED = {"finished", "failed", "cancelled"}

Id = Annotated[str, typer.Argument(metavar="ID", help="The replay's id.")]


@app.command(
    epilog=examples(
        "events replay --from 2h --type 'user.*'",
        "events replay --from 2026-01-31 --to 2026-02-01 --webhook 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z",
    )
)
def replay(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="A time, or 10m, 2h, 3d ago.")],
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="The same; not included.")] = "now",
    types: Types = [],  # noqa: B006 - read only
    webhook: Annotated[str, typer.Option(metavar="ID", help="Only to this webhook.")] = "",
    yes: Yes = False,
) -> None:
    """Send the events of a range again, to every consumer or to one webhook.

    First it says how many they are. While it is watched, Ctrl-C ends the watching, and not the replay. One to a webhook
    wants a second factor of yours.
    """
    world = world_of(context)
    asked: dict[str, Any] = {"from": world.moment(since), "to": world.moment(until)}
    if types:
        asked["types"] = _types_named(world, types)
    if webhook:
        asked["webhook"] = webhook
    preview = world.api.post("/events/replay/preview", asked)
    least = "" if preview["complete"] else "at least "
    world.terminal.say(f"{least}{preview['events']:,} events from {when(asked['from'])} to {when(asked['to'])}")
    if not preview["events"] and preview["complete"]:
        raise NotFound("there is nothing to send again")
    if not world.terminal.confirm("Send them again?", yes=yes):
        raise Misused("nothing was sent")
    _watch(world, world.api.post("/events/replay", asked)["id"])


def _types_named(world: World, types: list[str]) -> list[str]:
    """The types that are named, and those of groups. Raises Misused where there is none."""
    every = [link["type"] for link in world.api.get("/events/schemas")["items"]]
    named = [kind for kind in every if wanted({"type": kind}, types)]
    if not named:
        raise Misused(f"no event is of the type {', '.join(types)}", f"there are {', '.join(sorted(every))}")
    return named


def _watch(world: World, job_id: str) -> None:
    """Follow a replay to its end. Raises Failure where it fails."""
    terminal = world.terminal
    terminal.say(f"Replay {job_id}; rollcall events pause, resume and cancel steer it.")
    with terminal.progress() as progress:
        task = progress.add_task("replay", total=1.0, about="")
        while True:
            job = world.api.get(f"/events/replay/{segment(job_id)}")
            progress.update(task, completed=_share(job), about=f"{job['published']:,} sent, {job['status']}")
            if job["status"] in ENDED or job["status"] == "paused":
                break
            world.sleep(POLL_SECONDS)
    if terminal.json_lines:
        terminal.json(job)
    else:
        terminal.line(f"{job['published']:,} events sent again: {job['status']}")
    if job["status"] == "failed":
        raise Failure(f"the replay failed: {job['reason'] or 'the log says why'}")


def _share(job: dict[str, Any]) -> float:
    """How much of its range a replay has behind it, from 0 to 1."""
    begin, end, now = (
        datetime.fromisoformat(text).timestamp()
        for text in (job["options"]["from"], job["options"]["to"], job["through"])
    )
    return min(1.0, max(0.0, (now - begin) / (end - begin)))


@app.command(epilog=examples("events replays"))
def replays(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="The most that are shown.")] = 20,
) -> None:
    """List the replays of the last 30 days, newest first."""
    world = world_of(context)
    jobs = list(world.api.listed("/events/replay", most=limit))
    world.terminal.listing(
        ("begun", "status", "sent", "why", "id"),
        jobs,
        lambda each: (
            when(each["created_at"]),
            each["status"],
            f"{each['published']:,}",
            each["reason"],
            each["id"],
        ),
    )


@app.command(epilog=examples("events pause 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def pause(context: typer.Context, replay_id: Id) -> None:
    """Hold a replay, after the hundred events at most that are on their way."""
    _steer(context, replay_id, "pause")


@app.command(epilog=examples("events resume 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def resume(context: typer.Context, replay_id: Id) -> None:
    """Go on with a replay where it is, and watch it."""
    _steer(context, replay_id, "resume")
    _watch(world_of(context), replay_id)


@app.command(epilog=examples("events cancel 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def cancel(context: typer.Context, replay_id: Id) -> None:
    """End a replay, after the hundred events at most that are on their way."""
    _steer(context, replay_id, "cancel")


def _steer(context: typer.Context, replay_id: str, what: str) -> None:
    world = world_of(context)
    job = world.api.post(f"/events/replay/{segment(replay_id)}/{what}")
    if world.terminal.json_lines:
        world.terminal.json(job)
    else:
        world.terminal.line(f"{job['published']:,} events sent again: ", job["status"])
