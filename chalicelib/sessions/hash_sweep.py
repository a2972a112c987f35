"""Lowers the floor of a failed sign-in again, when the last person with a dear hash has signed in, been removed, or set
a new password.

Every day notes that are older than a week are looked after (`hash_notes`): a scan of `users` by job pages asks which
kinds of hashes are left, as `legacy_hash` says, which is written and removed in one transaction with the hash. A kind
that is found is noted anew, and the scan ends where all are found: while many are left, on its first pages. The notes
of a kind that nobody has are removed. Argon2id is our own kind, which `legacy_hash` does not name: its notes stay.

The place of the scan is kept in the row too, with the time when it began: a page on the queue says nothing, so a forged
one can lower nothing. What was noted since then is not looked for, and a note is removed only as it was read. So each
page may be repeated, by two processes at once too, and a scan that was given up goes on the next day.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import clock, logs
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.jobs import queue_page
from chalicelib.passwords import schemes
from chalicelib.sessions import hash_notes
from chalicelib.sessions.failure_delay import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo import Table

SEGMENTS = 100
"""Parts of `users` that are scanned one after the other: 100 MB each of ten million people."""

SECONDS = 30
"""After which a page scans no further part. The function has 120."""


def look_for_dear_hashes() -> None:
    """Queue a scan where a note is old."""
    if _old(_guards().get(KEY) or {}, clock.epoch()):
        queue_page(clock.now().date().isoformat(), "hashes", {})


def look_page(_day: str, _job_page: dict[str, Any], seconds: float = SECONDS) -> dict[str, Any] | None:
    """Scan the next parts of the table: the page that follows, or None at the end."""
    row, started = _guards().get(KEY) or {}, clock.running()
    scan = row.get("scan") or {"began": clock.epoch(), "next": 0}
    missing = _old(row, int(scan["began"]))
    for number in range(int(scan["next"]), SEGMENTS):
        missing = _without_found(missing, number)
        if not missing:
            break
        if number + 1 < SEGMENTS and clock.running() - started >= seconds:
            position = {"began": scan["began"], "next": number + 1}
            _guards().update(KEY, set={"schema": records.SCHEMA, "scan": position})
            return {}
    _remove(missing)
    if "scan" in row:
        _guards().update(KEY, set={"schema": records.SCHEMA}, remove=["scan"])
    return None


def _without_found(missing: dict[str, int], number: int) -> dict[str, int]:
    """The notes of what nobody has in this part of the table. The others are renewed as soon as somebody is found."""
    if not missing:
        return missing
    for people in accounts.segment(number, SEGMENTS, where=Attr("legacy_hash").exists(), only=("legacy_hash",)):
        kinds = {person["legacy_hash"] for person in people}
        found = [name for name in missing if hash_notes.kind_of(name) in kinds]
        if found:
            _guards().update(KEY, set={"schema": records.SCHEMA, **dict.fromkeys(found, clock.epoch())})
            missing = {name: at for name, at in missing.items() if name not in found}
        if not missing:
            break
    return missing


def _old(row: Mapping[str, Any], now: int) -> dict[str, int]:
    """The notes that a scan which began then can decide about."""
    return {
        name: at
        for name, at in hash_notes.noted(row).items()
        if at < now - hash_notes.OLD_SECONDS and hash_notes.kind_of(name) != schemes.OWN
    }


def _remove(notes: Mapping[str, int]) -> None:
    """Remove the notes of what nobody has, unless they were renewed meanwhile."""
    for name, at in notes.items():
        with suppress(ConditionFailed):
            _guards().update(KEY, remove=[name], condition=Attr(name).eq(at))
            logs.info("dear hashes are gone", note=name)


def _guards() -> Table:
    return clients.table("guards")
