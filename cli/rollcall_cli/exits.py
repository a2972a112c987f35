"""The exit statuses of the program, and the errors that lead to them.

::

    Failure                   1  refused, or it failed
    ├── Misused               2  wrong arguments, or a question that nobody is there to answer
    ├── NotSignedIn           3  there is no session, or the proof that this needs
    ├── NotFound              4  there is no such person, job, webhook
    ├── Unreachable           5  no answer from the stage, or from this machine's programs
    └── Incomplete            6  it went through, and something was refused or is left
"""

from __future__ import annotations

from typing import Any

OK = 0
INTERRUPTED = 130
"""By Ctrl-C, as shells have it."""


class Failure(Exception):
    """`message` says what is wrong, `hint` what to do about it, `problem` is the API's problem document, if it is by
    one."""

    status = 1

    def __init__(self, message: str, hint: str = "", problem: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.problem = message, hint, problem or {}


class Misused(Failure):
    status = 2


class NotSignedIn(Failure):
    status = 3


class NotFound(Failure):
    status = 4


class Unreachable(Failure):
    status = 5


class Incomplete(Failure):
    status = 6


MEANINGS = {
    OK: "done",
    Failure.status: "refused, or it failed",
    Misused.status: "wrong arguments, or a question that nobody is there to answer",
    NotSignedIn.status: "not signed in, or without the proof that this needs",
    NotFound.status: "there is no such thing",
    Unreachable.status: "no answer",
    Incomplete.status: "done, and something was refused or is left",
    INTERRUPTED: "interrupted",
}
