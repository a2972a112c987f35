"""Events: following them, and sending them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.commands import examples, group, world_of
from rollcall_cli.commands.people import person_named
from rollcall_cli.people_shown import event_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall_cli.world import World

app = group("Follow every change as the event that it became, and send events again.")

POLL_SECONDS = 2.0
LIMIT = 200

Types = Annotated[list[str], typer.Option("--type", "-t", help="A type, or a group as `user.*`; repeatable.")]


@app.command(
    epilog=examples(
        "events tail", "events tail --since 1h --type 'user.*'", "events tail --person ada@example.com --json"
    )
)
def tail(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="Where to begin: a time, or 10m, 2h, 3d ago.")] = "10m",
    types: Types = [],  # noqa: B006 - read only
    person: Annotated[str | None, typer.Option(help="Only what is about this address or id.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End where the feed ends now.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    data: Annotated[bool, typer.Option("--data", help="Show the data of each event too.")] = False,
) -> None:
    """Follow all events in the order in which they were recorded, up to ten seconds ago. Ctrl-C ends it."""
    world = world_of(context)
    user = person_named(world.api, person)["id"] if person else None
    shown = 0
    for event in feed(world, world.moment(since), user=user, only=types[0] if len(types) == 1 else "", once=once):
        if not wanted(event, types):
            continue
        _show(world, event, data=data)
        shown += 1
        if shown == count:
            return


def feed(
    world: World, after: str, *, user: str | None = None, only: str = "", once: bool = False
) -> Iterator[dict[str, Any]]:
    """The events recorded after a position, and then those that come. `only` is a type that the API filters by."""
    kind = only if only and not only.endswith("*") else None
    while True:
        answer = world.api.get("/events", after=after, user=user, type=kind, limit=LIMIT)
        yield from answer["items"]
        after = answer["next"]
        if not answer["items"]:
            if once:
                return
            world.sleep(POLL_SECONDS)


def wanted(event: dict[str, Any], types: list[str]) -> bool:
    """Whether an event is of one of these types or groups; every one is where none is named."""
    kind = str(event["type"])
    return not types or any(kind == each or (each.endswith(".*") and kind.startswith(each[:-1])) for each in types)


def _show(world: World, event: dict[str, Any], *, data: bool) -> None:
    if world.terminal.json_lines:
        world.terminal.json(event)
        return
    event_line(world.terminal, event)
    if data:
        world.terminal.line(("      ", ""), (event.get("data"), "dim"))
