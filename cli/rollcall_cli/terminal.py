"""What a person sees and types. Results go to standard output; questions, progress and errors to standard error, so
that a pipe gets results alone.

Whatever a stage says may come from strangers. It is never read as markup, and characters that steer a terminal are
shown as `\N{REPLACEMENT CHARACTER}`.
"""

from __future__ import annotations

import getpass
import json
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from rollcall_cli.exits import Misused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

PIPE_COLUMNS = 200
"""The width of output that goes to no terminal, unless `COLUMNS` says another."""

WIDEST = 10_000
"""More columns than a terminal has: what a table would need is measured in it."""

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
"""C0 and C1 controls but the line feed, and the marks that change the direction of text."""

COLORS = {
    "ok": "green",
    "missing": "red",
    "note": "yellow",
    "active": "green",
    "finished": "green",
    "delivered": "green",
    "disabled": "red",
    "failed": "red",
    "running": "cyan",
    "waiting": "yellow",
    "paused": "yellow",
    "user": "cyan",
    "session": "blue",
    "item": "magenta",
    "import": "green",
    "export": "green",
    "webhook": "yellow",
    "client": "yellow",
    "consent": "yellow",
}
"""The colour of a state, and of the group of a type of events."""


def clean(value: object) -> str:
    """A value as text that steers no terminal."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", shown(value))


def one_line(value: object) -> str:
    """The same without its line breaks."""
    return clean(value).replace("\n", " ")


def shown(value: object) -> str:
    """A JSON value as people read it: no quotes around a text, and a dash for nothing."""
    if value in (None, "", [], {}):
        return "–"
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case float() if value.is_integer():
            return f"{value:.0f}"
        case list():
            return ", ".join(shown(each) for each in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def as_json(value: Any) -> str:
    """A JSON document in one line, whose strings steer no terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def when(timestamp: object) -> str:
    """A time of the API in this machine's zone, to the second; a dash for none."""
    if not isinstance(timestamp, str) or not timestamp:
        return "–"
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return clean(timestamp)
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


class Terminal:
    """Both outputs, and the answers of whoever sits there."""

    def __init__(self, out: Console, err: Console, *, json_lines: bool = False, interactive: bool = False) -> None:
        self.out, self.err = out, err
        self.json_lines = json_lines
        self.interactive = interactive

    @classmethod
    def of_this_process(cls, environment: Mapping[str, str], *, json_lines: bool, colors: bool) -> Terminal:
        """Standard output and error. Colours are for terminals, unless `NO_COLOR` is set or `colors` is off."""

        def console(stream: Any, *, error: bool) -> Console:
            width = None if stream.isatty() else int(environment.get("COLUMNS") or PIPE_COLUMNS)
            plain = not colors or bool(environment.get("NO_COLOR"))
            return Console(stderr=error, width=width, highlight=False, markup=False, emoji=False, no_color=plain)

        interactive = sys.stdin.isatty() and sys.stderr.isatty()
        return cls(
            console(sys.stdout, error=False),
            console(sys.stderr, error=True),
            json_lines=json_lines,
            interactive=interactive,
        )

    def json(self, value: Any) -> None:
        """Print a document in one line, unbroken."""
        self.out.print(Text(as_json(value)), soft_wrap=True)

    def say(self, text: str = "", style: str = "") -> None:
        """Tell a person something; nothing where scripts read."""
        if not self.json_lines:
            self.err.print(Text(clean(text) if text else "", style=style))

    def line(self, *parts: tuple[object, str] | object) -> None:
        """Print a line of the result: each part a value, or a value and its style."""
        pairs = [part if isinstance(part, tuple) else (part, "") for part in parts]
        text = Text.assemble(*((clean(value), style) for value, style in pairs))
        self.out.print(text, soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table; of one without rows only that it has none. A cell of several words goes on in the next line
        where it is too wide. An address or an id stays in one, to be copied: where they have no room beside each other,
        each row is a block, with a line for each of its cells."""
        found = [list(row) for row in rows]
        if not found:
            self.say("There is nothing to list.", style="dim")
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        cells = [[self._cell(value) for value in row] for row in found]
        for name, below in zip(columns, zip(*cells, strict=True), strict=True):
            table.add_column(name, overflow="fold", no_wrap=all(" " not in cell.plain for cell in below))
        for row in cells:
            table.add_row(*row)
        needed = self.out.measure(table, options=self.out.options.update_width(WIDEST)).minimum
        if needed <= self.out.width:
            self._print(table)
            return
        for number, values in enumerate(found):
            if number:
                self.out.print()
            self.fields(dict(zip(columns, values, strict=True)))

    def listing(
        self, columns: Sequence[str], found: Sequence[Any], row: Callable[[Any], Sequence[object]]
    ) -> None:
        """Print what was found: for scripts a document in each line, for people a table with a `row` of each."""
        if not self.json_lines:
            self.table(columns, map(row, found))
            return
        for each in found:
            self.json(each)

    def secret(self, document: Mapping[str, Any], **more: object) -> None:
        """Print the id and the secret of something that was made: the secret is shown this once. For scripts it is the
        whole document."""
        if self.json_lines:
            self.json(document)
            return
        secret = f"{document['secret']}   (shown this once)" if document["secret"] else None
        self.fields({"id": document["id"], "secret": secret, **more})

    def fields(self, pairs: Mapping[str, object]) -> None:
        """Print names and their values, a line each."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in pairs.items():
            table.add_row(name, self._cell(value))
        self._print(table)

    def _print(self, table: Table) -> None:
        """Print a table, without the blanks at the ends of its lines where no terminal shows it."""
        if self.out.is_terminal:
            self.out.print(table)
            return
        with self.out.capture() as printed:
            self.out.print(table)
        for line in printed.get().splitlines():
            self.out.print(Text(line.rstrip()), soft_wrap=True)

    @staticmethod
    def _cell(value: object) -> Text:
        text = one_line(value)
        return Text(text, style=COLORS.get(text.partition(".")[0], ""))

    def ask(self, question: str, *, hidden: bool = False, default: str = "") -> str:
        """What the person types. Raises Misused where nobody is there."""
        if not self.interactive:
            raise Misused(f"nobody is here to answer: {question}", "run it in a terminal, or say it by an option")
        self.err.print(Text(f"{question}{f' [{default}]' if default else ''}: "), end="")
        typed = getpass.getpass("") if hidden else input()
        return typed.strip() or default

    def agree(self, question: str, *, yes: bool) -> None:
        """Go on where the person agrees, as `confirm` asks them. Raises Misused where they do not."""
        if not self.confirm(question, yes=yes):
            raise Misused("nothing was done")

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Whether the person agrees; `yes` says so beforehand. Raises Misused where nobody is there."""
        if yes:
            return True
        if not self.interactive:
            raise Misused(f"nobody is here to answer: {question}", "add --yes, to go on without being asked")
        return self.ask(f"{question} [y/N]").lower() in {"y", "yes"}

    def progress(self) -> Progress:
        """A bar with a text behind it, which is drawn on terminals only."""
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[about]}"),
            console=self.err,
            transient=True,
            disable=self.json_lines or not self.err.is_terminal,
        )
