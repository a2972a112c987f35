"""The program: its options, its commands, and what becomes of an error."""

from __future__ import annotations

import os
import signal
import sys
from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer

from rollcall_cli import checkout
from rollcall_cli.commands import (
    Commands,
    account,
    clients,
    exports,
    import_jobs,
    imports,
    operating,
    operations,
    people,
    read_model,
    replays,
    sessions,
    webhooks,
)
from rollcall_cli.exits import MEANINGS, Failure
from rollcall_cli.terminal import Terminal, as_json
from rollcall_cli.world import LOCAL, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VALUES = ("--stage", "--api", "--profile", "--region")
FLAGS = ("--json", "--no-color")
"""The options of every command, which may stand anywhere in a line."""

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit statuses: " + ", ".join(f"{status} {meaning}" for status, meaning in MEANINGS.items()) + ".",
)
app.add_typer(people.app, name="people")
app.add_typer(import_jobs.app, name="imports")
app.add_typer(replays.app, name="events")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(clients.app, name="clients")
app.add_typer(read_model.app, name="read-model")
for module in (sessions, imports, exports, account, operations, operating):
    module.register(app)


@app.callback()
def options(
    context: typer.Context,
    stage: Annotated[
        str, typer.Option(metavar="NAME", envvar="ROLLCALL_STAGE", help="The stage that is meant.")
    ] = LOCAL,
    api: Annotated[
        str, typer.Option(metavar="URL", help="Where its API is; remembered by `rollcall login`.")
    ] = "",
    profile: Annotated[str, typer.Option(metavar="NAME", help="AWS profile, for what needs the account.")] = "",
    region: Annotated[str, typer.Option(metavar="NAME", help="AWS region, for what needs the account.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Results as JSON, a line for each.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours, on terminals either.")] = False,
) -> None:
    """See and steer a stage of Rollcall. These options may stand anywhere.

    Example: rollcall people find "Ada" --stage dev
    """
    if isinstance(context.obj, World):
        return
    named = {"AWS_PROFILE": profile, "AWS_DEFAULT_REGION": region, "AWS_REGION": region}
    variables = {name: value for name, value in named.items() if value}
    context.obj = World(
        terminal=Terminal.of_this_process(os.environ, json_lines=json, colors=not no_color),
        environment=os.environ,
        stage=stage,
        api_url=api,
        checkout=checkout.find(os.environ, variables),
        variables=variables,
    )


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The arguments with those options first that every command has, wherever they stood."""
    first: list[str] = []
    others: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            others += [argument, *waiting]
            break
        if argument in VALUES and waiting:
            first += [argument, waiting.pop(0)]
        elif argument in FLAGS or argument.startswith(tuple(f"{name}=" for name in VALUES)):
            first.append(argument)
        else:
            others.append(argument)
    return [*first, *others]


def told(failure: Failure, terminal: Terminal) -> int:
    """Say what went wrong and what to do about it; the exit status."""
    if terminal.json_lines:
        document = {"error": failure.message, "try": failure.hint, "problem": failure.problem}
        terminal.err.print(as_json(document), soft_wrap=True)
    elif failure.message:
        terminal.say(f"error: {failure.message}", style="red")
        if failure.hint:
            terminal.say(f"  try: {failure.hint}")
    return failure.status


@cache
def program() -> Callable[..., object]:
    """The commands, put together once: that costs more than most of what they do."""
    return typer.main.get_command(app)


def run(arguments: Sequence[str] | None = None, world: World | None = None) -> None:
    """Run the program with the arguments of this process, and exit with a status of `exits`."""
    given = hoisted(sys.argv[1:] if arguments is None else arguments)
    # Both by name: a shell that starts this in the background of a script has it ignore Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    terminal = world.terminal if world else None
    try:
        program()(given, prog_name="rollcall", obj=world)
    except Failure as failure:
        plain = Terminal.of_this_process(
            os.environ, json_lines="--json" in given, colors="--no-color" not in given
        )
        raise SystemExit(told(failure, terminal or plain)) from None
