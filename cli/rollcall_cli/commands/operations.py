"""How a stage is doing: its queues, functions and alarms, what could not be processed, its keys and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import Yes, examples, group, world_of
from rollcall_cli.exits import Failure, Incomplete
from rollcall_cli.spans import lasting
from rollcall_cli.terminal import when

if TYPE_CHECKING:
    from rollcall_cli.terminal import Terminal
    from rollcall_cli.world import World

dead_letters = group("What could not be processed: why, and once more when its cause is mended.")
keys = group("The keys of the stage.")

Queue = Annotated[str, typer.Argument(metavar="QUEUE", help="Its short name, as `mail`.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the program."""
    app.command(epilog=examples("status", "status --stage prod --profile work"))(status)
    app.command(epilog=examples("operations", "operations --json"))(operations)
    app.command(epilog=examples("settings", "settings --stage prod"))(settings)
    app.add_typer(dead_letters, name="dead-letters")
    app.add_typer(keys, name="keys")


def status(context: typer.Context) -> None:
    """Say how the stage is: version, stack, queues with their ages, alarms, dead letters.

    The stack is looked at with your AWS credentials, in a checkout; the rest comes from the API. Exits with 6 where an
    alarm rings or something could not be processed.
    """
    world = world_of(context)
    health, figures = world.api_as(None).get("/health"), world.api.get("/operations")
    stack = _stack(world)
    ringing = [alarm for alarm in figures["alarms"] if alarm["state"] == "alarm"]
    parked = sum(queue["count"] for queue in figures["dead_letters"])
    if world.terminal.json_lines:
        world.terminal.json({"health": health, "stack": stack, "operations": figures})
    else:
        shown = {"stage": health["stage"], "API": world.url, "version": health["version"]}
        for each in stack["stacks"]:
            shown |= {each["name"]: f"{each['status']} since {when(each['updated_at'])}"}
        if stack["problem"]:
            shown |= {"stack": stack["problem"]}
        world.terminal.fields(shown)
        world.terminal.out.print()
        _show_queues(world.terminal, figures)
        _show_alarms(world.terminal, ringing)
    if ringing or parked:
        words = [f"{len(ringing)} alarms ring"] if ringing else []
        words += [f"{parked} dead letters"] if parked else []
        raise Incomplete(" and ".join(words), "rollcall dead-letters list" if parked else "rollcall operations")


def _stack(world: World) -> dict[str, Any]:
    """What CloudFormation says of the stage; where it cannot be asked, why."""
    if world.checkout is None:
        return {"stacks": [], "problem": "not looked at: this is no checkout"}
    try:
        return {"stacks": world.checkout.read("tools.status", world.stage), "problem": ""}
    except Failure as failure:
        return {"stacks": [], "problem": f"not looked at: {failure.message}"}


def operations(context: typer.Context) -> None:
    """Show the figures of the last hour: queues, functions, topics, tables, alarms, and what the stage costs idle."""
    world = world_of(context)
    figures = world.api.get("/operations")
    terminal = world.terminal
    if terminal.json_lines:
        terminal.json(figures)
        return
    terminal.line((f"as of {when(figures['as_of'])}", "dim"))
    terminal.fields(figures["api"])
    terminal.out.print()
    _show_queues(terminal, figures)
    used = [each for each in figures["functions"] if each["invocations"]]
    if used:
        terminal.out.print()
        names = ("name", "invocations", "errors", "throttles", "p50_ms", "p99_ms", "max_ms")
        terminal.table(names, [[each[name] for name in names] for each in used])
    _show_alarms(terminal, [alarm for alarm in figures["alarms"] if alarm["state"] == "alarm"])
    if figures["idle_cost"]:
        terminal.line(f"idle, it costs ${figures['idle_cost']['dollars']:.2f} a month")


def _show_queues(terminal: Terminal, figures: dict[str, Any]) -> None:
    terminal.table(
        ("queue", "waiting", "in flight", "delayed", "oldest", "dead letters"),
        [
            (
                queue["name"],
                queue["waiting"],
                queue["in_flight"],
                queue["delayed"],
                lasting(queue["oldest_seconds"]),
                queue["dead_letters"],
            )
            for queue in figures["queues"]
        ],
    )


def _show_alarms(terminal: Terminal, ringing: list[dict[str, Any]]) -> None:
    for alarm in ringing:
        terminal.line((f"alarm {alarm['name']}", "red"), f" since {when(alarm['since'])}: {alarm['reason']}")
        terminal.line(("      ", ""), (alarm["description"], "dim"))


def settings(context: typer.Context) -> None:
    """Show what the stage is set to, and where; secrets only as set or not.

    What went into the stack's template alone (`template`) is known by no function, so its value is not shown.
    """
    world = world_of(context)
    items = world.api.get("/settings")["items"]
    world.terminal.listing(
        ("setting", "value", "from"),
        items,
        lambda item: (
            item["name"],
            "set" if item["is_secret"] and item["is_set"] else item["value"],
            "template" if item["set_in"] == "unseen" else item["set_in"],
        ),
    )


@dead_letters.command("list", epilog=examples("dead-letters list", "dead-letters list mail --stage prod"))
def list_letters(
    context: typer.Context,
    queue: Annotated[str, typer.Argument(metavar="[QUEUE]", help="Only this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=50, help="The most of each queue.")] = 10,
) -> None:
    """List what could not be processed, and why. Nothing is taken away."""
    world = world_of(context)
    path = "/operations/dead-letters"
    answer = world.api.get(f"{path}/{segment(queue)}" if queue else path, limit=limit)
    queues = [answer] if queue else answer["queues"]
    if world.terminal.json_lines:
        for each in queues:
            for letter in each["letters"]:
                world.terminal.json({"queue": each["queue"], **letter})
        return
    for each in queues:
        if each["count"]:
            _show_letters(world.terminal, each)
    empty = [each["queue"] for each in queues if not each["count"]]
    if empty:
        world.terminal.line((f"empty: {', '.join(empty)}", "dim"))


def _show_letters(terminal: Terminal, queue: dict[str, Any]) -> None:
    terminal.line(
        (f"{queue['queue']}: {queue['count']}", "bold"), f"   rollcall dead-letters redrive {queue['queue']}"
    )
    for letter in queue["letters"]:
        tried = f", tried {letter['times']} ×" if letter["times"] else ""
        terminal.line((f"  {when(letter['sent_at'])}", "dim"), f"  {letter['source']}{tried}: {letter['reason']}")
        named = " ".join(f"{name}={value}" for name, value in letter["keys"].items())
        terminal.line((f"      {named or 'no keys'}   {letter['id']}", "dim"))
    if queue["count"] > len(queue["letters"]):
        terminal.line((f"  … and {queue['count'] - len(queue['letters'])} more", "dim"))


@dead_letters.command(epilog=examples("dead-letters show mail 0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"))
def show(
    context: typer.Context,
    queue: Queue,
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="The dead letter's id.")],
) -> None:
    """Show one dead letter with its contents, which may be personal."""
    world = world_of(context)
    letter = world.api.get(f"/operations/dead-letters/{segment(queue)}/{segment(letter_id)}")
    if world.terminal.json_lines:
        world.terminal.json(letter)
        return
    world.terminal.fields({**{name: value for name, value in letter.items() if name != "body"}})
    world.terminal.out.print()
    world.terminal.line(letter["body"])


@dead_letters.command(
    epilog=examples("dead-letters redrive mail", "dead-letters redrive streams --stage prod --yes")
)
def redrive(
    context: typer.Context,
    queue: Queue,
    letter: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Only this one; repeatable.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Try dead letters again, once the cause is mended. What cannot be recovered stays, and exits with 6."""
    world = world_of(context)
    path = f"/operations/dead-letters/{segment(queue)}"
    count = len(letter) if letter else world.api.get(path, limit=1)["count"]
    if not count:
        world.terminal.say(f"{queue} is empty.")
        return
    world.terminal.agree(f"Try {count} dead letters of {queue} again?", yes=yes)
    redriven, kept = _redriven(world, path, letter, count)
    world.terminal.say(f"{redriven} sent again, {len(kept)} kept.")
    if kept:
        raise Incomplete(f"{len(kept)} could not be recovered", f"rollcall dead-letters list {queue}")


def _redriven(world: World, path: str, letters: list[str] | None, count: int) -> tuple[int, list[dict[str, Any]]]:
    """How many went, and those that stay: called again as long as some are left that were not tried."""
    redriven = 0
    with world.terminal.progress() as progress:
        task = progress.add_task("redrive", total=count, about="")
        while True:
            answer = world.api.post(f"{path}/redrive", {"ids": letters} if letters else {"most": count - redriven})
            redriven += answer["redriven"]
            progress.update(task, completed=redriven, about=f"{answer['left']} left")
            _show_outcomes(world.terminal, answer)
            done = letters or not answer["redriven"] or redriven >= count or answer["left"] <= len(answer["kept"])
            if done:
                return redriven, answer["kept"]


def _show_outcomes(terminal: Terminal, answer: dict[str, Any]) -> None:
    if terminal.json_lines:
        terminal.json(answer)
        return
    for each in answer["outcomes"]:
        terminal.line(("  sent again  ", "green"), f"{each['source']} {each['id']}: {each['outcome']}")
    for each in answer["kept"]:
        terminal.line(("  kept        ", "yellow"), f"{each['source']} {each['id']}: {each['reason']}")


@keys.command("list", epilog=examples("keys list"))
def list_keys(context: typer.Context) -> None:
    """Show when each key was made and is rotated next."""
    world = world_of(context)
    found = world.api.get("/operations/keys")["items"]
    times = ("made_at", "rotated_at", "next_rotation_at")
    world.terminal.listing(
        ("key", "made", "rotated", "next"),
        found,
        lambda each: (each["name"], *(when(each[name]) for name in times)),
    )


@keys.command(epilog=examples("keys rotate signing-key", "keys rotate app-keys --stage prod"))
def rotate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="KEY", help="signing-key or app-keys.")],
    yes: Yes = False,
) -> None:
    """Make a new key in the place of one. No request fails for it. It wants a second factor of yours."""
    world = world_of(context)
    world.terminal.agree(f"Rotate {name} of the stage {world.stage}?", yes=yes)
    answer = world.api.post(f"/operations/keys/{segment(name)}/rotate")
    if world.terminal.json_lines:
        world.terminal.json(answer)
    else:
        world.terminal.line(f"{answer['name']}: {answer['rotation']}")
