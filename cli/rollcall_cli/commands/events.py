"""Events: following them, and sending them again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import examples, group, world_of
from rollcall_cli.commands.people import person_named
from rollcall_cli.people_shown import event_line
from rollcall_cli.spans import stamp_of
from rollcall_cli.terminal import when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall_cli.world import World

app = group("Follow every change as the event that it became, and send events again.")

BEHIND_SECONDS = 10
"""How far the feed stays behind the present."""

POLL_SECONDS = 2.0
LIMIT = 200

Types = Annotated[
    list[str], typer.Option("--type", "-t", metavar="TYPE", help="A type, or a group as `user.*`; repeatable.")
]


@app.command(
    epilog=examples(
        "events tail", "events tail --since 1h --type 'user.*'", "events tail --person ada@example.com --json"
    )
)
def tail(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Where to begin: a time, or 10m, 2h, 3d ago.")
    ] = "10m",
    types: Types = [],  # noqa: B006 - read only
    person: Annotated[
        str | None, typer.Option(metavar="WHO", help="Only what is about this address or id.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End where the feed ends now.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    data: Annotated[bool, typer.Option("--data", help="Show the data of each event too.")] = False,
) -> None:
    """Follow all events in the order in which they were recorded, up to ten seconds ago. Ctrl-C ends it."""
    world = world_of(context)
    user = person_named(world.api, person)["id"] if person else None
    until = stamp_of(world.now() - BEHIND_SECONDS) if once else None
    for event in islice(feed(world, world.moment(since), types, user=user, until=until), count):
        _show(world, event, data=data)


def feed(
    world: World, since: str, types: list[str], *, user: str | None = None, until: str | None = None
) -> Iterator[dict[str, Any]]:
    """The events recorded since a time, and then those that come: without end, or up to the time `until`."""
    query: dict[str, Any] = {"user": user, "to": until, "limit": LIMIT}
    if types and not any(each.endswith("*") for each in types):
        query["type"] = ",".join(types)
    position: dict[str, Any] = {"from": since}
    while True:
        answer = world.api.get("/events", **query, **position)
        yield from (event for event in answer["items"] if wanted(event, types))
        if answer["at_end"]:
            return
        position = {"after": answer["next"]}
        if not answer["items"]:
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


@app.command(epilog=examples("events journey users:01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z:2:0"))
def journey(
    context: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The event's id.")],
) -> None:
    """Show what became of one event: history, statistics, mails, and every delivery."""
    world = world_of(context)
    found = world.api.get(f"/events/{segment(event_id)}/journey")
    if world.terminal.json_lines:
        world.terminal.json(found)
        return
    event, history, statistics, mail = (found[name] for name in ("event", "history", "statistics", "mail"))
    world.terminal.fields(
        {
            "event": f"{event['type']} about {event['subject']}, {when(event['time'])}",
            "history": f"{history['state']} {when(history['at'])}",
            "statistics": _reasoned(statistics, ", ".join(statistics["counters"])),
            "mail": _reasoned(mail, ", ".join(f"{each['template']} {each['state']}" for each in mail["mails"])),
        }
    )
    deliveries = [(each["url"], each["state"], each["reason"], _tries(each)) for each in found["webhooks"]]
    if deliveries:
        world.terminal.out.print()
        world.terminal.table(("webhook", "state", "why", "tries"), deliveries)


def _reasoned(part: dict[str, Any], further: str) -> str:
    """The state of a part of a journey, with what is known of it."""
    return ": ".join(word for word in (part["state"].replace("_", " "), part["reason"] or further) if word)


def _tries(webhook: dict[str, Any]) -> int:
    return len(webhook["delivery"]["attempts"]) if webhook["delivery"] else 0
