"""What the row `dearest-hash` of `guards` says: which hashes dearer than our own the stage may have.

A note is an attribute `<kind>:<milliseconds>`, such as `bcrypt:480`. Its value is when such a hash was last known to be
there, or about to be written, in seconds since 1970. A process that has noted a hash may write others like it for the
next hour without another note. So a note that is older than a week names hashes that were written, or not at all, days
ago: then a look at everybody (`hash_sweep`) can tell whether some are left. It notes anew what it finds, and removes
the note of what is gone, unless somebody noted it meanwhile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.passwords import schemes
from chalicelib.passwords.schemes import cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RENEWED_SECONDS = 3600
"""How long a process writes hashes on one note. Its chunk, of five minutes, may end later."""

OLD_SECONDS = 7 * 86_400
"""The age at which the sweep looks whether what a note names is still there."""

_NOTE = re.compile(r"([a-z0-9-]+):(\d+)")


def names_of(hashes: Iterable[str]) -> list[str]:
    """The notes that these hashes need: for each kind, that of its dearest, where that is dearer than one of ours."""
    dearest: dict[str, int] = {}
    for stored in hashes:
        milliseconds = cost.milliseconds(stored)
        if milliseconds > cost.OWN:
            kind = schemes.kind(stored)
            dearest[kind] = max(milliseconds, dearest.get(kind, 0))
    return [f"{kind}:{cost.step(milliseconds)}" for kind, milliseconds in sorted(dearest.items())]


def noted(row: Mapping[str, Any]) -> dict[str, int]:
    """The notes of the row: when each was made or renewed."""
    return {name: int(at) for name, at in row.items() if _NOTE.fullmatch(name)}


def dearest(row: Mapping[str, Any]) -> int:
    """The milliseconds of the dearest note; 0 where there is none."""
    return max((int(name.partition(":")[2]) for name in noted(row)), default=0)


def kind_of(name: str) -> str:
    """The kind of hash that a note is about."""
    return name.partition(":")[0]
