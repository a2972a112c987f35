"""The output of the commands: steps with their time, and errors that say what to do. It is plain text, which can be
copied and pasted."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.stage import StageError

if TYPE_CHECKING:
    from collections.abc import Iterator


BAR_LETTERS = 24
STEP_LETTERS = 62
"""Of the longest step there is: what it took stands in one column."""


class Problem(Exception):
    """Something that the person who runs the command can fix; the message says how."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is being done, and how long it took. On a terminal that is one line, unless something else is said
    meanwhile."""
    if sys.stdout.isatty():
        progress(f"{what} …")
    else:
        print(f"  {what} …", flush=True)
    started = time.monotonic()
    yield
    took = f"{what:<{STEP_LETTERS}} {time.monotonic() - started:6.1f} s"
    print(f"\r\x1b[2K  {took}" if sys.stdout.isatty() else f"  {took}", flush=True)


def say(text: str = "") -> None:
    """Print a line of its own, also in the middle of a step."""
    print(f"\r\x1b[2K{text}" if sys.stdout.isatty() else text, flush=True)


def progress(text: str) -> None:
    """On a terminal replace the last line; elsewhere print a new line."""
    if sys.stdout.isatty():
        print(f"\r\x1b[2K  {text}", end="", flush=True)
    else:
        print(f"  {text}", flush=True)


def bar(
    what: str, done: int, total: int | None, rate: float | None = None, seconds_left: int | None = None
) -> None:
    """Show how far something is: a bar, how many a second, and how long it will take still, as far as these are
    known."""
    if not total:
        progress(f"{what}: {done:,}")
        return
    filled = round(BAR_LETTERS * min(done / total, 1))
    shown = f"{what} {'━' * filled}{'╌' * (BAR_LETTERS - filled)} {done:,} of {total:,}"
    speed = f", {rate:,.0f} a second" if rate else ""
    progress(f"{shown}{speed}{f', {seconds_left} s left' if seconds_left else ''}")


def ignore_interrupts() -> None:
    """Ignore interrupts from here on: a second Ctrl-C must not leave half of the processes running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def main_of(run: object) -> None:
    """Run a command's `run()`. A Problem, or an error from AWS, becomes one line on standard error and exit status
    1."""
    try:
        run()  # type: ignore[operator]
    except (Problem, StageError, BotoCoreError, ClientError) as problem:
        print(f"\nerror: {problem}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
