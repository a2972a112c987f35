"""An AWS that costs nothing, so that what a call costs us is seen apart from what any emulator takes.

A process of its own answers over HTTP, after a delay that is chosen. What it answers is right, because moto said it: a
request is told by what it asks (`keys`), moto answers the first of each, and once `canned` was called all later ones
get the same bytes. Until then moto answers all of them, so that a benchmark can fill the stage by the app's own code.

    with null_aws.running() as aws:
        person = a_user(password=PASSWORD)   # written to moto
        aws.canned()
        ...                                  # what is read and written from here on costs a look into a dictionary
        aws.delay(milliseconds=20)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
STARTS_SECONDS = 60


class NullAws:
    """The endpoint that runs at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def canned(self) -> None:
        """From here on, a request like one that was answered gets that answer."""
        self._tell("canned")

    def again(self, work: str) -> None:
        """The same work is done once more, and gets the same answers: the second request of a kind gets what the second
        got when this work was done first. So what was written is read as it was then. `work` is its name."""
        self._tell(f"again?{work}")

    def live(self) -> None:
        """moto answers again, as at the start; the answers that were kept are forgotten."""
        self._tell("live")

    def delay(self, *, milliseconds: float) -> None:
        """How long each answer takes from here on."""
        self._tell(f"delay?{milliseconds}")

    def counted(self) -> Counter[str]:
        """The requests since the last look, by operation."""
        return Counter(self._tell("counted"))

    def _tell(self, what: str) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.url}/_null/{what}", timeout=STARTS_SECONDS) as answer:
            found: dict[str, int] = json.load(answer)
        return found


@contextmanager
def running() -> Iterator[NullAws]:
    """A null AWS with the empty stage `test`, at which `AWS_ENDPOINT_URL` of this process points meanwhile.

    It is set before the first client is made, and `chalicelib.core.aws.clients` keeps its clients: a process runs one
    of them.
    """
    os.environ.update(ENVIRONMENT)
    with started() as aws:
        os.environ["AWS_ENDPOINT_URL"] = aws.url
        try:
            yield aws
        finally:
            del os.environ["AWS_ENDPOINT_URL"]


@contextmanager
def started() -> Iterator[NullAws]:
    """The same for other processes: the environment of this one is left as it is, and its AWS is not asked."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.null_aws.server"],
        cwd=ROOT,
        env={**ours, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the null AWS has not started")
        yield NullAws(url)
    finally:
        process.terminate()
        process.wait()
