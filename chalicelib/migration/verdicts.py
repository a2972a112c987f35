"""What the old system is asked, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.errors import RollcallError


@dataclass(frozen=True)
class Question:
    """Whether this password is that of this person. `login` is what the person is called there; `user_id` is their id
    here, and empty for somebody who is not here."""

    login: str
    email: str
    user_id: str
    password: str

    def __repr__(self) -> str:
        return "<question with a password>"


@dataclass(frozen=True)
class Verdict:
    """Whether the password is right. `person` has what the old system says of the person, by the names of our fields,
    and not checked by their rules; `factors` are the second factors that they have there."""

    is_right: bool
    person: dict[str, Any] = field(default_factory=dict)
    factors: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<verdict {self.is_right}>"


WRONG = Verdict(is_right=False)


class NoVerdict(RollcallError):
    """The old system did not say whether the password is right. `detail` may be logged."""

    status = 502
    title = "The old system gives no verdict"
    is_down = False
    """Whether it did not answer at all, or cannot for now."""


class OldSystemDown(NoVerdict):
    """It did not answer in time, or said that it cannot."""

    title = "The old system does not answer"
    is_down = True
