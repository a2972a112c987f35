"""Times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from rollcall_cli.exits import Misused

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: float) -> str:
    """A point in time for the API: RFC 3339 as it is, a day as its beginning in UTC, `10m`, `2h` or `3d` as so long
    ago. `now` is in seconds since 1970. Raises Misused for anything else."""
    present = datetime.fromtimestamp(now, UTC)
    if ago := re.fullmatch(r"(\d{1,6})([smhd])", text):
        return stamp(present - timedelta(**{UNITS[ago[2]]: int(ago[1])}))
    if text == "now":
        return stamp(present)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(
            f"{text!r} is no time", "2026-01-31T12:00:00Z, 2026-01-31, or 10m, 2h, 3d for so long ago"
        ) from None
    return stamp(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def stamp_of(seconds: float) -> str:
    """A time in seconds since 1970, for the API."""
    return stamp(datetime.fromtimestamp(seconds, UTC))


def lasting(seconds: float | None) -> str:
    """A span in its largest unit; a dash for none."""
    if seconds is None:
        return "–"
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
