"""What the commands print: steps with their time, and errors that say what to do. Plain text, so that it pastes."""

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
    """Something that the person at the keyboard can mend; the message says how."""


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
    """Replace the line before on a terminal; print a new one elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\x1b[2K  {text}", end="", flush=True)
    else:
        print(f"  {text}", flush=True)


def ignore_interrupts() -> None:
    """From here on nothing interrupts: a second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def main_of(run: object) -> None:
    """Run a command's `run()`, turning a Problem, and whatever AWS refuses, into one line on standard error and exit
    status 1."""
    try:
        run()  # type: ignore[operator]
    except (Problem, StageError, BotoCoreError, ClientError) as problem:
        print(f"\nerror: {problem}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
