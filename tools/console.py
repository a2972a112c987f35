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


class Problem(Exception):
    """Something that the person who runs the command can fix; the message says how."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"  {what} …", flush=True)
    started = time.monotonic()
    yield
    print(f"  {what}: {time.monotonic() - started:.1f} s", flush=True)


def say(text: str = "") -> None:
    print(text, flush=True)


def progress(text: str) -> None:
    """On a terminal replace the last line; elsewhere print a new line."""
    if sys.stdout.isatty():
        print(f"\r\x1b[2K  {text}", end="", flush=True)
    else:
        print(f"  {text}", flush=True)


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
