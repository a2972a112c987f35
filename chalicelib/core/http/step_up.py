"""What a caller must have proved of themselves, and how lately: a token alone may have been stolen.

A route declares one grade (`declarations`), and the edge holds every caller to it. RFC 9470 names what happens then.
"""

from __future__ import annotations

from enum import IntEnum

from chalicelib.core import clock

STEP_UP_SECONDS = 300
"""How long ago somebody may have proved who they are, for what a stolen token must not do."""


class Proof(IntEnum):
    """The grades. Each asks for all that those before it ask for."""

    NONE = 0
    """The token is enough: nothing outlives it that its holder could not undo, or would gain by."""
    RECENT = 1
    """A sign-in or step-up of the last five minutes; of a machine, whose secret is its proof, a token of that age."""
    PERSON = 2
    """The same, and never a machine."""
    SECOND_FACTOR = 3
    """The same, with two factors."""

    @property
    def description(self) -> str:
        """The grade in a sentence of the documentation."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    Proof.NONE: "",
    Proof.RECENT: "Wants a sign-in or step-up of the last five minutes, and of a machine a token of that age.",
    Proof.PERSON: "Wants a sign-in or step-up of the last five minutes.",
    Proof.SECOND_FACTOR: "Wants a sign-in or step-up of the last five minutes, with a second factor.",
}


def is_recent(authenticated_at: int) -> bool:
    """Whether a proof of that time (seconds since 1970) is still recent enough."""
    return clock.epoch() - authenticated_at <= STEP_UP_SECONDS
